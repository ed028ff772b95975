import { isIP } from "node:net";
import { z } from "zod";
import { defineCheck, failed, good } from "../check.ts";
import { query, RECORD_TYPES } from "./_records.ts";

const params = z.strictObject({
  /** The name asked about, for instance `tilleuls.example` or `_dmarc.tilleuls.example`. */
  name: z
    .string()
    .max(253)
    .regex(/^(?:[A-Za-z0-9_*](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.?)+$/, "a DNS name"),
  /** The type of record. */
  type: z.enum(RECORD_TYPES).default("A"),
  /** Name servers to ask, each as an IP address with or without a port; the machine's own when left out. All must agree. */
  resolvers: z
    .array(
      z
        .string()
        .refine(isServer, "an IP address, with a port where it is not 53 (`192.0.2.1:5353`, `[2001:db8::1]:53`)"),
    )
    .min(1)
    .max(8)
    .optional(),
  /** The answers, written as in a zone file (`10 mail.tilleuls.example`); any answer will do when left out. */
  expect: z
    .strictObject({
      /** Records that must be among the answers. */
      includes: z.array(z.string().min(1)).min(1).optional(),
      /** The records, all of them and no other; order does not matter. */
      exactly: z.array(z.string().min(1)).min(1).optional(),
    })
    .optional(),
});

export default defineCheck({
  summary: "A DNS record is there and says what is expected (RFC 1035)",
  params,
  target: ({ name, type }) => `${name} ${type}`,
  measures: { answers: { help: "Records in the answer." } },
  run: async ({ name, type, resolvers, expect }, context) => {
    let answers = 0;
    for (const server of resolvers ?? [undefined]) {
      const at = server === undefined ? "" : ` at ${server}`;
      context.step(`asking${at || " the machine's resolver"}`, `${name} ${type}`);
      const found = await query({ name, type, server, timeoutMs: context.timeoutMs, signal: context.signal });
      context.step("reading", found);
      if (!found.ok) return failed(found.reason, `${found.message}${at}`);
      answers = found.records.length;
      const problem = expect && difference(expect, found.records);
      if (problem) return failed("wrong-record", `${problem}${at}`, { measures: { answers } });
    }
    return good({ measures: { answers } });
  },
});

/** What is wrong with the records, in words; undefined where nothing is. */
function difference(
  { includes = [], exactly }: { includes?: readonly string[]; exactly?: readonly string[] },
  records: readonly string[],
): string | undefined {
  const found = new Set(records.map(canonical));
  const expected = [...includes, ...(exactly ?? [])];
  const missing = expected.filter((record) => !found.has(canonical(record)));
  const allowed = new Set(expected.map(canonical));
  const extra = exactly === undefined ? [] : records.filter((record) => !allowed.has(canonical(record)));
  if (missing.length === 0 && extra.length === 0) return undefined;
  return [
    ...(missing.length > 0 ? [`expected ${missing.join(", ")}`] : []),
    ...(extra.length > 0 ? [`did not expect ${extra.join(", ").slice(0, 300)}`] : []),
    `found ${records.join(", ").slice(0, 300)}`,
  ].join("; ");
}

/** Names compare without case nor final dot (RFC 4343); the text of TXT records is kept as it is. */
const canonical = (record: string): string =>
  record.startsWith('"') ? record : record.toLowerCase().replace(/\.$/, "");

function isServer(text: string): boolean {
  if (isIP(text) !== 0) return true;
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  return (
    isIP(bracketed ?? plain ?? "") === (bracketed === undefined ? 4 : 6) && Number(port) >= 1 && Number(port) <= 65_535
  );
}

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    dns: z.input<typeof params>;
  }
}
