import { z } from "zod";
import { defineKind, ref } from "../../../association/index.ts";
import { identifier, localText } from "../../../association/schema/values.ts";

const book = z.strictObject({
  /** What members call it. */
  name: localText,
  /** Teams whose members change it. */
  editors: z.array(ref("team")).min(1, "at least one team"),
  /** Teams that only read it; `members`: everybody who has an account. */
  readers: z.union([z.literal("members"), z.array(ref("team"))]).default([]),
});

const settings = z.strictObject({
  /** Whether the directory shows the telephone numbers of people: they were given for emergencies. */
  phones: z.boolean().default(false),
  /** Address books that teams keep together: suppliers, partners, parents … */
  books: z
    .record(identifier, book)
    .default({})
    .refine((books) => !("annuaire" in books), "a name other than annuaire, which is the directory's"),
});
export type ContactsSettings = z.output<typeof settings>;

/** The lookout's own account: it sees the directory, and no other book. */
export const PROBE_LOGIN = "vigie-probe";
/** Purpose of its password. */
export const PROBE_PASSWORD = `contacts/${PROBE_LOGIN}`;

/** Radicale: the directory of roles and people, made from the declaration, and address books of teams (CardDAV, RFC 6352). */
export default defineKind({
  summary: "Address books (Radicale, CardDAV)",
  settings,
  provides: ["contacts"],
  ports: { http: { container: 5232 } },
  web: "http",
  volumes: { data: { path: "/var/lib/radicale", backup: true } },
  items: {
    book: {
      summary: "an address book, by its name in the declaration",
      volume: "data",
      example: "suppliers",
      places: (name) => (/^[a-z][a-z0-9-]*$/.test(name) ? [`collection-root/vigie/${name}`] : undefined),
    },
  },
  checks: ({ hostname }) =>
    hostname === undefined
      ? []
      : [
          {
            check: "carddav",
            every: "5m",
            severity: "ticket",
            url: `/${PROBE_LOGIN}/annuaire/`,
            auth: { login: PROBE_LOGIN, password: { derived: PROBE_PASSWORD } },
          },
        ],
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    contacts: z.input<typeof settings>;
  }
}
