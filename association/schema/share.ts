import { z } from "zod";
import { without } from "./service.ts";
import { duration, localText, ref } from "./values.ts";

const count = z.number().int().min(0).max(1000);

/** Former states of a share, for members to take a file from: "Previous versions" in Windows. */
const versions = z.strictObject({
  /** How often one is made, where something has changed: at the full hour for `1h`. */
  every: duration.refine((seconds) => seconds >= 300, "at least 5m from one version to the next").prefault("1h"),
  /** How many are kept: the youngest of each of the last hours, days and weeks that have one. */
  keep: z
    .strictObject({
      /** The very last ones, whenever they were made. */
      last: count.default(4),
      /** Of hours. */
      hourly: count.default(24),
      /** Of days. */
      daily: count.default(14),
      /** Of weeks. */
      weekly: count.default(0),
    })
    .refine((keep) => Object.values(keep).some((kept) => kept > 0), "at least one version to keep")
    .prefault({}),
  /** The room that all of them may take, in gigabytes (10⁹ bytes): the oldest go first. As much as the disk allows when left out. */
  mostGb: z.number().positive().optional(),
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
  /** How long a deleted file stays in the share's folder `.corbeille`, from which members take it back themselves. */
  recycleFor: duration.prefault("30d"),
  /** Former states of its files, from which members take one back themselves. */
  versions: z.union([versions, without], 'a policy, or `{ none: "why" }`').prefault({}),
  /** How much it may hold, in gigabytes (10⁹ bytes), recycle bin included; as much as the disk when left out. */
  quotaGb: z.number().min(0.01).optional(),
});
