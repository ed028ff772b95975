import { z } from "zod";
import { defineKind, hostname, PROBE_LIST, provider, ref } from "../../../association/index.ts";
import { mailAddress } from "../../../association/schema/values.ts";

const settings = z.strictObject({
  /** Domain of its lists' addresses, one of the association's: the mail service receives for it. */
  domain: hostname,
  /** Title in the header of every page; the association's name when left out. */
  title: z.string().trim().min(1).optional(),
  /** Roles that may do on every list what its owners may (N11: "per-list owners plus the IT team"). */
  masters: z.array(ref("role")).min(1, "at least one role"),
  /** The largest message, in megabytes (10⁶ bytes, encoded attachments included). */
  messageMb: z.number().int().min(1).max(50).default(10),
  /**
   * The lookout's own box at the mail service (its setting `probe`): it posts to a hidden list, reads what arrives and
   * looks it up in the archive.
   */
  probe: mailAddress.optional(),
});
export type ListsSettings = z.output<typeof settings>;

const LIST = /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/;

/** Sympa. What it runs is declared in `lists`. */
export default defineKind({
  summary: "Mailing lists (Sympa): archives, moderation, members subscribe themselves",
  settings,
  provides: ["lists"],
  ports: { smtp: { container: 25 }, http: { container: 8080 } },
  web: "http",
  volumes: {
    data: { path: "/var/lib/vigie-lists", backup: true },
    // Where the backup agent asks for a copy of the database before each snapshot.
    hooks: { path: "/var/lib/vigie-hooks", backup: false },
  },
  items: {
    list: {
      summary: "a list's settings, subscribers and archive, by the name before the @",
      volume: "data",
      example: "parents",
      places: (name) =>
        LIST.test(name)
          ? [`lists/${name}`, { folder: "archives", match: new RegExp(`^${name.replaceAll(".", "\\.")}@`) }]
          : undefined,
      programs: (name, exact) => ({
        write: ["vigie-lists", "dump", name],
        take: ["vigie-lists", "readmit", name, ...(exact ? ["--exact"] : [])],
      }),
    },
  },
  // The other way, the mail service finds it on the same network.
  uses: (_, services) => {
    const mail = provider("mail", services);
    return mail === undefined ? [] : [mail.id];
  },
  checks: ({ delivery }) => {
    if (delivery.by !== "us") return [];
    const { probe, domain } = delivery.settings as ListsSettings;
    return probe === undefined
      ? []
      : [
          {
            check: "list-round-trip",
            every: "15m",
            timeout: "90s",
            severity: "ticket",
            list: `${PROBE_LIST}@${domain}`,
            address: probe,
          },
        ];
  },
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    lists: z.input<typeof settings>;
  }
}
