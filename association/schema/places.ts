import { z } from "zod";
import { cost, day, hostname, localText, mailAddress, ref, text, webAddress } from "./values.ts";

/** A Docker engine that services run on. */
export const host = z.strictObject({
  /** What volunteers call it. */
  name: localText,
  /** Where the engine listens: `unix:///var/run/docker.sock`, or `ssh://user@machine[:port]`. */
  engine: z
    .string()
    .regex(
      /^(unix:\/\/\/\S+|ssh:\/\/[A-Za-z_][\w.-]*@[A-Za-z0-9][\w.-]*(:\d{1,5})?)$/,
      "unix:///path/to/docker.sock or ssh://user@machine[:port]",
    )
    .default("unix:///var/run/docker.sock"),
  /** The name or IP address at which other hosts and members reach it. */
  address: z.union([hostname, z.ipv4(), z.ipv6()]),
  /** The address on which ports are published; `127.0.0.1` keeps them on the machine itself. */
  publishOn: z.union([z.ipv4(), z.ipv6()]).default("0.0.0.0"),
  /** Who rents or sold it. */
  supplier: ref("supplier").optional(),
  /** What it costs. */
  cost: cost.optional(),
});

/** Somebody the association depends on, with or without an invoice (N34). */
export const supplier = z.strictObject({
  /** What it is called on invoices. */
  name: text,
  /** Where to find help. */
  website: webAddress.optional(),
  /** Support contact, as printed on the contract. */
  contact: z
    .strictObject({
      email: mailAddress.optional(),
      phone: text.optional(),
      /** Hours, customer number to quote, who may call … */
      notes: text.optional(),
    })
    .default({}),
  /** The contract's reference and what it promises. */
  contract: text.optional(),
  /** The day by which to renew or cancel. */
  renews: day.optional(),
  /** What the contract costs. */
  cost: cost.optional(),
});

/** A domain that the association owns: every address and host name must be in one. */
export const domain = z.strictObject({
  /** Who it is registered with. */
  registrar: ref("supplier").optional(),
  /** The day it expires. */
  renews: day.optional(),
});
