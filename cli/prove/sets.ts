import type { Choice } from "../recovery/choose.ts";
import type { SavedVolume } from "../recovery/subject.ts";

/** One snapshot of each of a service's volumes, of about one time: what is restored together. */
export interface SnapshotSet {
  readonly which: "latest" | "older";
  readonly choices: readonly Choice[];
}

/**
 * The latest snapshots, and those of a moment before them that `random` (0 to 1) picks; no older ones where there are none.
 * @returns undefined where a volume has no snapshot at all
 */
export function setsToProve(
  volumes: readonly Pick<SavedVolume, "key">[],
  all: readonly Choice[],
  random: number,
): SnapshotSet[] | undefined {
  const scheduled = all.filter(({ undo }) => !undo).toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time));
  const at = (time: number): Choice[] =>
    volumes.flatMap(({ key }) => {
      const own = scheduled.filter(({ volume }) => volume.key === key);
      return own.findLast((one) => Date.parse(one.time) <= time) ?? own[0] ?? [];
    });
  const latest = at(Number.POSITIVE_INFINITY);
  if (latest.length < volumes.length) return undefined;
  const before = scheduled.filter(({ id }) => !latest.some((one) => one.id === id));
  const picked = before[Math.min(before.length - 1, Math.floor(random * before.length))];
  return [
    { which: "latest", choices: latest },
    ...(picked === undefined ? [] : [{ which: "older" as const, choices: at(Date.parse(picked.time)) }]),
  ];
}
