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

/** Radicale: the directory of roles and people, made from the declaration, and address books of teams (CardDAV, RFC 6352). */
export default defineKind({
  summary: "Address books (Radicale, CardDAV)",
  settings,
  ports: { http: { container: 5232 } },
  web: "http",
  volumes: { data: { path: "/var/lib/radicale", backup: true } },
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    contacts: z.input<typeof settings>;
  }
}
