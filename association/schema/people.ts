import { z } from "zod";
import { channel } from "./channel.ts";
import { identifier, localText, mailAddress, phone, ref, text } from "./values.ts";

/** A team, circle or commission. Its members are the holders of its roles, and those who list it in their `teams`. */
export const team = z.strictObject({
  /** What members call it. */
  name: localText,
  /** What it is for, in one sentence. */
  purpose: localText.optional(),
});

/** A role outlives the people who hold it: services, alerts and addresses name roles, never people (N1, N2). */
export const role = z.strictObject({
  /** What members call it. */
  title: localText,
  /** The team it belongs to. */
  team: ref("team"),
  /** Who holds it now; nobody is allowed, and shows in the reviews. */
  holders: z.array(ref("holder")).default([]),
  /** The role that an alert goes to when this one has not settled it in time (support level 2, N32). */
  escalatesTo: ref("role").optional(),
  /** How alerts reach it, besides the internal pages; its mailbox, where a mail server is declared, when left out. */
  alerts: z.array(channel).default([]),
});

/**
 * A person. All of this is personal data: it goes to the members-only directory and to the services' accounts,
 * never to the inventory, metrics or public pages (N35).
 */
export const holder = z.strictObject({
  /** First and last name. */
  name: text,
  /** Where to write to this person: alerts and first passwords go there. */
  email: mailAddress,
  /** Telephone number for emergencies, with its country (`+33639980101`); a French one may begin with 0. */
  phone: phone.optional(),
  /** Sign-in name on every service; the key when left out. */
  login: identifier.optional(),
  /** Teams this person belongs to without holding a role there. */
  teams: z.array(ref("team")).default([]),
  /**
   * Public half of this person's recovery key (age, https://age-encryption.org/v1: X25519): what the stack cannot be
   * rebuilt without is encrypted to it. `npm run escrow -- --new-key FILE` makes one.
   */
  recoveryKey: z
    .string()
    .regex(/^age1[02-9ac-hj-np-z]{58}$/, "an age public key: age1 and 58 more signs")
    .optional(),
  /** Language of the mails and pages made for this person. */
  language: z.enum(["fr", "en"]).default("fr"),
});
