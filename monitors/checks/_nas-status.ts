import { z } from "zod";
import { statusReader } from "./_own-status.ts";

export { statusParams, statusSecrets } from "./_own-status.ts";

const count = z.number().int().nonnegative();
const name = z.string().min(1).max(100);

/** As `vigie_nas/housekeeper.py` writes it. */
const status = z.object({
  at: z.number(),
  free: count,
  trail: z.object({ days: count, since: z.string().max(10).nullable() }),
  shares: z
    .array(
      z.object({
        name,
        used: count.nullable(),
        quota: count.nullable(),
        versions: z
          .object({
            count,
            bytes: count.nullable(),
            last: count.nullable(),
            every: z.number().int().positive(),
            checked: count.nullable(),
            problem: z.string().max(2000).nullable(),
          })
          .nullable(),
      }),
    )
    .max(1000),
});
export type NasStatus = z.output<typeof status>;

/** The token's purpose: see `stacks/secrets.ts`. */
export const { resolve: resolveStatus, read: readStatus } = statusReader("nas/status", "file server", status);
