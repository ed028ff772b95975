import { isIP } from "node:net";
import { z } from "zod";
import { defineCheck, failed, good, type Outcome } from "../check.ts";
import { conditionsOf } from "../conditions/compile.ts";
import { conditions } from "../conditions/schema.ts";
import type { Reason } from "../reasons.ts";
import type { Answered, Question } from "./_dns-wire.ts";
import { RCODES, RECORD_TYPES } from "./_records.ts";

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
  /** The resolver must have verified the answer (DNSSEC, RFC 4035): it says so by its AD bit. Ask a resolver that verifies. */
  dnssec: z.boolean().default(false),
  /** All servers must have the same version of the zone: the serials of their SOA records (RFC 1982) are compared. For `type: "SOA"`. */
  sameSerial: z.boolean().default(false),
  /** Conditions that must all hold, such as `[DNS_RCODE] == NXDOMAIN`; `[BODY]` is the records, one a line. */
  conditions: conditions("DNS_RCODE", "DNS_AUTHENTICATED", "BODY", "ROWS", "RESPONSE_TIME").optional(),
});

type Params = z.output<typeof params>;

export default defineCheck({
  summary:
    "A DNS record is there, says what is expected, and is verified or the same everywhere where asked (RFC 1035, RFC 4035)",
  anywhere: true,
  params,
  target: ({ name, type }) => `${name} ${type}`,
  measures: { answers: { help: "Records in the answer." } },
  run: async (own, context) => {
    const { ask, failureOf, ownServers } = await import("./_dns-wire.ts");
    const serials = new Map<string, string>();
    let measures = { answers: 0 };
    for (const server of own.resolvers ?? ownServers().slice(0, 1)) {
      const at = own.resolvers === undefined ? "" : ` at ${server}`;
      context.step(`asking${at || " the machine's resolver"}`, `${own.name} ${own.type}`);
      const began = performance.now();
      const timeoutMs = Math.max(200, context.timeoutMs * 0.9);
      const question = { name: own.name.replace(/\.$/, ""), type: own.type, server, timeoutMs, signal: context.signal };
      try {
        const found = await ask({ ...question, dnssec: wantsDnssec(own) });
        context.step("reading", found);
        measures = { answers: found.records.length };
        const problem = await judge(own, found, performance.now() - began, question, ask);
        if (problem) return { ...problem, message: `${problem.message}${at}`, measures };
        serials.set(server, found.records[0]?.split(" ")[2] ?? "");
      } catch (error) {
        const [reason, words] = failureOf(error) ?? [];
        if (reason === undefined) throw error;
        return failed(reason, `${own.name} ${own.type}: ${words}${at}`, { measures });
      }
    }
    if (own.sameSerial && new Set(serials.values()).size > 1) {
      const each = [...serials].map(([server, serial]) => `${serial} at ${server}`).join(", ");
      return failed("serials-differ", `the servers have different versions of the zone: ${each}`, { measures });
    }
    return good({ measures });
  },
});

const wantsDnssec = ({ dnssec, conditions: declared }: Params): boolean =>
  dnssec || conditionsOf(declared).mentions("DNS_AUTHENTICATED");

/** What is wrong with an answer. Where the server failed, it is asked whether only the signatures were at fault. */
async function judge(
  own: Params,
  found: Answered,
  ms: number,
  question: Question,
  ask: (question: Question) => Promise<Answered>,
): Promise<Extract<Outcome, { ok: false }> | undefined> {
  const declared = conditionsOf(own.conditions);
  const fail = (reason: Reason, words: string) => ({ ok: false as const, reason, message: words });
  if (!declared.mentions("DNS_RCODE")) {
    const [reason, words] = RCODES[found.rcode] ?? (found.rcode === "NOERROR" ? [] : OTHER(found.rcode));
    if (reason !== undefined) {
      if (found.rcode === "SERVFAIL" && (await answersUnverified(question, ask)))
        return fail(
          "bogus",
          `${own.name} ${own.type}: the server finds its signatures wrong (SERVFAIL with DNSSEC only)`,
        );
      return fail(reason, `${own.name} ${own.type}: ${words}`);
    }
    if (found.records.length === 0) return fail("no-record", `${own.name} ${own.type}: the name has no such record`);
  }
  if (own.dnssec && !found.authenticated)
    return fail("not-authenticated", `${own.name} ${own.type}: the server has not verified the answer (no AD bit)`);
  const problem = own.expect && difference(own.expect, found.records);
  if (problem) return fail("wrong-record", problem);
  const unmet = declared.unmet({
    numbers: { ROWS: found.records.length, RESPONSE_TIME: ms },
    texts: { DNS_RCODE: found.rcode },
    truths: { DNS_AUTHENTICATED: found.authenticated },
    body: { text: () => found.records.join("\n"), cut: false },
  });
  return unmet && fail(unmet.reason, `${own.name} ${own.type}: ${unmet.message}`);
}

const OTHER = (rcode: string): readonly [Reason, string] => ["resolver-failed", `the server failed (${rcode})`];

const answersUnverified = (question: Question, ask: (question: Question) => Promise<Answered>): Promise<boolean> =>
  ask({ ...question, checkingDisabled: true, timeoutMs: question.timeoutMs / 2 }).then(
    ({ rcode, records }) => rcode === "NOERROR" && records.length > 0,
    () => false,
  );

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
