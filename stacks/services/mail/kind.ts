import { z } from "zod";
import { defineKind, hostname, provider, ref } from "../../../association/index.ts";
import { mailDns } from "../../../association/schema/mail.ts";
import { identifier, mailAddress, port } from "../../../association/schema/values.ts";

const isAddress = (text: string): boolean => /^[^\s/@\0]+@[^\s/@\0]+$/.test(text) && !text.includes("..");

const settings = z.strictObject({
  /** The server's public name, such as `mail.example.org`: in its greeting, its certificate, and members' mail programs. */
  hostname,
  /** The largest message, in megabytes (10⁶ bytes, encoded attachments included: they grow by a third). */
  messageMb: z.number().int().min(1).max(100).default(25),
  /** Messages that one account may send in an hour, so that a stolen password does little harm; 0: no limit. */
  perAccountPerHour: z.number().int().min(0).default(200),
  /** Messages that one address on the Internet may bring in a minute; 0: no limit. */
  perSourcePerMinute: z.number().int().min(0).default(120),
  /** The mailbox, by domain, that gets what is written to names nobody has. Refused when left out, as spammers guess names. */
  catchAll: z.record(hostname, ref("mailbox")).default({}),
  /** The role that reads postmaster@ and abuse@ (RFC 2142) where no box has them; the association's contact when left out. */
  postmaster: ref("role").optional(),
  /**
   * Programs that only send: a login each, with the addresses they may write as. They read no mail and cannot write as anybody else.
   * Their passwords are derived like all secrets: `secrets.token("mail/LOGIN")`.
   */
  sendOnly: z.record(identifier, z.array(mailAddress).min(1)).default({}),
  /**
   * A box of the lookout's own, such as `vigie@example.org`: it writes to it and reads it, to measure the round trip. Reports of other
   * servers on DMARC and TLS come there too, unless `dns.reports` says otherwise: the lookout reads them.
   */
  probe: mailAddress.optional(),
  /** A server of a supplier that everything leaves through, where the host's own address has no good name. */
  relay: z
    .strictObject({
      host: hostname,
      port: port.default(587),
      /** Its password: `pulumi config set --secret vigie:mailRelayPassword`. */
      login: z.string().min(1).optional(),
    })
    .optional(),
  /**
   * Ask public blocklists and fingerprint servers about what comes in: catches more spam, and tells them who writes to the association.
   * Blocklists answer only where the host has a resolver of its own.
   */
  askOthers: z.boolean().default(false),
  /** Public lists of senders of spam that must not hold our address, such as `zen.spamhaus.org`: mind each one's terms of use. */
  blocklists: z.array(hostname).default([]),
  /** Days for which a retired DKIM key stays published. */
  keyOverlapDays: z.number().int().min(2).max(90).default(14),
  /**
   * How many days a DKIM key signs before the next takes over by itself, once it is found in the DNS; by hand when left out
   * (`npm run dkim -- rotate`). A retired key's successor has to be published: by itself where the name server is ours.
   */
  keyLifeDays: z.number().int().min(30).max(730).optional(),
  /** What the DNS says about the association's mail. */
  dns: mailDns.prefault({}),
});
export type MailSettings = z.output<typeof settings>;

/** The policy that each stage publishes. */
const DMARC = { watch: "none", quarantine: "quarantine", reject: "reject" } as const;

/** The server's own domain before the others. */
const homeFirst = (domains: readonly string[], serverName: string): string[] => {
  const home = domains.filter((domain) => serverName.endsWith(`.${domain}`)).sort((a, b) => b.length - a.length)[0];
  return [...domains].sort((a, b) => Number(b === home) - Number(a === home));
};

const LONGEST_ID = 40;
const policyId = (domain: string): string =>
  `mail-policy-${domain.replaceAll(/[^a-z0-9]+/g, "-")}`.slice(0, LONGEST_ID).replace(/-$/, "");

/** Postfix, Dovecot and Rspamd. What they serve is declared in `mailboxes`. */
export default defineKind({
  summary: "Mail (Postfix, Dovecot, Rspamd): boxes of roles and people",
  software: ["postfix", "dovecot-core", "rspamd"],
  settings,
  provides: ["mail"],
  // Its own name server, where there is one beside it: see `vigie_mail/resolver.py`.
  uses: ({ delivery }, services) => {
    const names = delivery.by === "us" ? provider("names", services, delivery.host) : undefined;
    return names === undefined ? [] : [names.id];
  },
  ports: {
    smtp: { container: 25, published: 25 },
    submissions: { container: 465, published: 465 },
    submission: { container: 587, published: 587 },
    imaps: { container: 993, published: 993 },
    // Where list servers of ours send: they are neighbours, nobody else finds it.
    lists: { container: 2465 },
    sieve: { container: 4190, published: 4190 },
    // For the lookout: the queue, the boxes and the keys.
    status: { container: 4002 },
  },
  items: {
    mailbox: {
      summary: "a whole mailbox, by its address",
      volume: "boxes",
      example: "tresor@example.org",
      places: (name) => (isAddress(name) ? [`boxes/${name.toLowerCase()}`] : undefined),
      // Dovecot numbers messages in files of its own beside them: it must not write those meanwhile.
      stops: true,
    },
    folder: {
      summary: "a folder of a mailbox, by the address and its name",
      volume: "boxes",
      example: "tresor@example.org/Archives",
      places: (name) => {
        const [address = "", ...path] = name.split("/");
        const parts = path.filter(Boolean);
        if (!isAddress(address) || parts.length === 0 || parts.some((part) => /^\.|[\0]/.test(part))) return undefined;
        // Folders are folders within each other: `mailbox_list_layout = fs`.
        return [`boxes/${address.toLowerCase()}/Maildir/${parts.join("/")}`];
      },
      stops: true,
    },
  },
  volumes: {
    boxes: { path: "/var/mail", backup: true },
    state: { path: "/var/lib/vigie-mail", backup: true },
    // A hundred megabytes of Rspamd's compiled patterns, made again where they are missing.
    cache: { path: "/var/cache/vigie-mail", backup: false },
    // The public halves of the keys, for the DNS server: made again from the state at each start.
    records: { path: "/var/lib/vigie-mail-public", backup: false },
  },
  checks: ({ delivery }, domains) => {
    if (delivery.by !== "us") return [];
    const { probe, dns, blocklists, hostname: serverName } = delivery.settings as MailSettings;
    return [
      { check: "smtp", every: "1m", serverName },
      { check: "imap", every: "1m", serverName },
      ...homeFirst(domains, serverName).map((domain, index) => ({
        check: "mail-policy",
        ...(index === 0 ? {} : { id: policyId(domain) }),
        every: "15m",
        severity: "ticket",
        domain,
        dmarc: DMARC[dns.dmarc],
        mtaSts: dns.mtaSts,
        tlsReports: true,
        selectors: [...dns.selectors],
        // Of the server, whatever the domain: asked once.
        ...(index === 0 ? { reverse: true, blocklists: [...blocklists] } : {}),
      })),
      { check: "mail-queue", every: "1m" },
      { check: "mail-boxes", every: "5m", severity: "ticket" },
      { check: "mail-keys", every: "15m", severity: "ticket" },
      ...(probe === undefined
        ? []
        : [
            { check: "mail-round-trip", every: "5m", timeout: "60s", address: probe, serverName },
            {
              check: "mail-reports",
              every: "15m",
              timeout: "2m",
              severity: "ticket",
              serverName,
              ours: dns.addresses ?? [],
            },
          ]),
    ];
  },
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    mail: z.input<typeof settings>;
  }
}
