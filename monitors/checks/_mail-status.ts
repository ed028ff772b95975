import { z } from "zod";
import { statusReader } from "./_own-status.ts";

export { statusParams, statusSecrets } from "./_own-status.ts";

const count = z.number().int().nonnegative();

/** As `vigie_mail/status.py` writes it. */
const status = z.object({
  at: z.number(),
  queue: z.object({ active: count, deferred: count, hold: count, oldest: z.number().nullable() }),
  boxes: z.array(
    z.object({
      address: z.string().max(320),
      kind: z.enum(["person", "role"]),
      owner: z.string().max(100).nullish(),
      used: count,
      limit: count,
    }),
  ),
  keys: z.object({ active: z.string(), since: z.number(), retired: z.array(z.string()) }).nullable(),
});
export type MailStatus = z.output<typeof status>;

/** The token's purpose: see `stacks/secrets.ts`. */
export const { resolve: resolveStatus, read: readStatus } = statusReader("mail/status", "mail server", status);
