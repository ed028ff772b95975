import { z } from "zod";
import { hostname, identifier, localText, mailAddress, ref } from "./values.ts";

/** A mailbox, of a role (it survives a change of holder, N2) or of a person. */
export const mailbox = z
  .strictObject({
    /** The address, in a domain of the association. */
    address: mailAddress,
    /** The role whose holders read it. */
    role: ref("role").optional(),
    /** Or the person who reads it. */
    holder: ref("holder").optional(),
    /** Other addresses that reach it. */
    aliases: z.array(mailAddress).default([]),
    /** Quota, in megabytes. */
    quotaMb: z.number().int().positive().default(2048),
  })
  .refine((box) => (box.role === undefined) !== (box.holder === undefined), {
    message: "either a role or a holder, not both",
    path: ["role"],
  });

/** A mailing list (N11). */
export const list = z.strictObject({
  /** The address, in a domain of the association. */
  address: mailAddress,
  /** What it is for. */
  purpose: localText,
  /** The roles that own it: they moderate and answer its members. */
  owners: z.array(ref("role")).min(1, "at least one owner role"),
  /** Teams whose members are always subscribed. */
  teams: z.array(ref("team")).default([]),
  /** The service that runs it, ours or a hosted one. */
  service: ref("service"),
  /**
   * Who may write to it: `anyone`, the `members`, the `owners` and editors; or anyone, each message waiting for an
   * editor's consent (`moderated`).
   */
  posting: z.enum(["anyone", "members", "owners", "moderated"]).default("members"),
  /** What becomes of others' messages where members may write: they wait for an editor, or are refused with the reason. */
  strangers: z.enum(["moderated", "refused"]).default("moderated"),
  /** The roles that consent to messages; the owners when left out. */
  editors: z.array(ref("role")).default([]),
  /**
   * How somebody subscribes by themselves: at once after they have confirmed by mail that the address is theirs (`confirmed`);
   * or an owner also agrees (`approved`); or not at all (`closed`).
   */
  subscription: z.enum(["confirmed", "approved", "closed"]).default("approved"),
  /** Who reads its archive on the web: its `members`, everybody (`public`); or there is none. */
  archive: z.enum(["members", "public", "none"]).default("members"),
  /** Days on which members who prefer it get one message with all that was written (at 18:00). */
  digest: z.array(z.enum(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])).default([]),
  /** Where an answer goes unless its author chooses: to the `author` of the message, or to the whole `list`. */
  replyTo: z.enum(["author", "list"]).default("author"),
  /** Whether its name shows on the list server's pages to those who are not members. */
  listed: z.boolean().default(true),
});

/** Somebody else's servers that also send in our name, such as a newsletter's (N23). */
export const otherSender = z.strictObject({
  /** The supplier. */
  supplier: ref("supplier").optional(),
  /** The domain whose SPF record names its servers (`include:`, RFC 7208 section 5.2). */
  spf: hostname.optional(),
  /** Its DKIM selectors, each with what it asks to publish: a name to point at, or the text of the record. */
  dkim: z
    .record(
      identifier,
      z.union([
        z.strictObject({
          /** The name that the selector points at. */
          cname: hostname,
        }),
        z.strictObject({
          /** The text of the selector's record. */
          txt: z.string().min(1),
        }),
      ]),
    )
    .default({}),
});

/** What the world is told about the association's mail, through the DNS. */
export const mailDns = z.strictObject({
  /** Public addresses of the mail server; its host's own address when left out. */
  addresses: z.array(z.union([z.ipv4(), z.ipv6()])).optional(),
  /** Others who send in our name. */
  otherSenders: z.record(identifier, otherSender).default({}),
  /**
   * How far the DMARC policy has come (RFC 7489): `watch` collects reports, `quarantine` sends forgeries to spam,
   * `reject` refuses them. Move on when the reports show nothing of ours failing.
   */
  dmarc: z.enum(["watch", "quarantine", "reject"]).default("watch"),
  /** Where other servers report on DMARC and TLS; the lookout's own box when left out, or postmaster where it has none. */
  reports: mailAddress.optional(),
  /** Whether others must use TLS to write to us (MTA-STS, RFC 8461): not published, tried out, or enforced. */
  mtaSts: z.enum(["off", "testing", "enforce"]).default("testing"),
  /** The two DKIM selectors that take turns. */
  selectors: z
    .tuple([identifier, identifier])
    .default(["vigie1", "vigie2"])
    .refine(([one, other]) => one !== other, "two different selectors"),
});
export type MailDns = z.output<typeof mailDns>;
