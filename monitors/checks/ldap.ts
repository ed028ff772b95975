import { z } from "zod";
import { secret, secretFile } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";
import { conditionsOf } from "../conditions/compile.ts";
import { conditions } from "../conditions/schema.ts";
import { alreadyOpen, openStream, streamParams, withAddress } from "./_stream.ts";

const dn = z.string().max(500);

const params = z.strictObject({
  ...streamParams,
  /** Who the lookout signs in as; anonymous when left out. */
  account: z
    .strictObject({
      /** The distinguished name. */
      dn: dn.min(1),
      /** Its password. */
      password: secret,
    })
    .optional(),
  /** What to look for; the server's own description (the root DSE, RFC 4512 section 5.1) when left out. */
  search: z
    .strictObject({
      /** Where to look. */
      base: dn.default(""),
      /** How far down. */
      scope: z.enum(["base", "one", "sub"]).default("base"),
      /** Which entries (RFC 4515). */
      filter: z.string().min(3).max(500).default("(objectClass=*)"),
    })
    .prefault({}),
  /** Conditions that must all hold, such as `[ROWS] >= 1`; `[BODY]` is the entries as JSON. */
  conditions: conditions("ROWS", "BODY", "RESPONSE_TIME").optional(),
});

/** Entries asked for at most. */
const MOST_ENTRIES = 100;

export default defineCheck({
  summary: "A directory lets one sign in and finds an entry (RFC 4511)",
  params,
  resolve: (own, context) => withAddress(own, context, "ldap"),
  secrets: ({ account }) => (account === undefined ? [] : [account.password]),
  target: ({ address, search }) => `${address ?? ""}/${search.base}`,
  measures: {
    connect_seconds: { help: "Time to open the connection." },
    tls_seconds: { help: "Time to agree on TLS." },
    entries: { help: "Entries found." },
  },
  run: async (own, context) => {
    const [{ Client, InvalidCredentialsError, ResultCodeError, SizeLimitExceededError }, { readSecret }] =
      await Promise.all([import("ldapts"), import("./_secret.ts")]);
    const password = own.account === undefined ? "" : await readSecret(own.account.password);
    if (password === undefined) return failed("not-configured", `${secretFile(own.account!.password)} cannot be read`);
    const began = performance.now();
    const { socket, phases, flooded, refused } = await openStream(own, "ldap", context);
    if (refused !== undefined) return failed("handshake", refused, { measures: phases });
    const client = new Client({ url: "ldap://opened.invalid", createConnection: () => alreadyOpen(socket) });
    try {
      if (own.account !== undefined) {
        context.step("signing in", own.account.dn);
        await client.bind(own.account.dn, password);
      }
      context.step("searching", own.search);
      const { base, scope, filter } = own.search;
      const { searchEntries } = await client.search(base, { scope, filter, sizeLimit: MOST_ENTRIES });
      context.step("reading", { entries: searchEntries.length });
      const measures = { ...phases, entries: searchEntries.length };
      const unmet = conditionsOf(own.conditions).unmet({
        numbers: { ROWS: searchEntries.length, RESPONSE_TIME: performance.now() - began },
        body: { text: () => JSON.stringify(searchEntries), cut: false },
      });
      if (unmet) return failed(unmet.reason, unmet.message, { measures });
      if (searchEntries.length === 0 && !conditionsOf(own.conditions).mentions("ROWS"))
        return failed("no-such-thing", `no entry below ${JSON.stringify(base)} for ${filter}`, { measures });
      return good({ measures });
    } catch (error) {
      context.signal.throwIfAborted();
      const flood = flooded();
      if (flood) throw flood;
      const found = { measures: phases };
      const words = (error as Error).message.slice(0, 200);
      if (error instanceof InvalidCredentialsError)
        return failed("wrong-password", `the server refuses ${own.account?.dn ?? "anybody without a name"}`, found);
      if (error instanceof SizeLimitExceededError)
        return failed("too-large", `more than ${MOST_ENTRIES} entries`, found);
      if (error instanceof ResultCodeError)
        return failed(RESULTS[error.code] ?? "query-failed", `the server says: ${words} (result ${error.code})`, found);
      if (socket.errored) throw socket.errored;
      return failed(socket.destroyed ? "closed" : "malformed", `no LDAP answer: ${words}`, found);
    } finally {
      socket.destroy();
    }
  },
});

/** What some results mean (RFC 4511 appendix A.2). */
const RESULTS: Readonly<Record<number, "no-such-thing" | "forbidden" | "unreachable">> = {
  32: "no-such-thing",
  8: "forbidden",
  13: "forbidden",
  50: "forbidden",
  52: "unreachable",
};

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    ldap: z.input<typeof params>;
  }
}
