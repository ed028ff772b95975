import { z } from "zod";
import { localText, mailAddress, ref } from "./values.ts";

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
  /** Who may write to it. */
  posting: z.enum(["anyone", "members", "owners"]).default("members"),
});

/** A share of the NAS: one team writes, others may read (N13). */
export const share = z.strictObject({
  /** What members call it. */
  name: localText,
  /** The NAS that serves it. */
  service: ref("service"),
  /** The team that reads and writes. */
  team: ref("team"),
  /** Teams that only read. */
  readers: z.array(ref("team")).default([]),
});
