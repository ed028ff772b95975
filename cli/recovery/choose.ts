import { posix } from "node:path";
import { Refusal } from "../refusal.ts";
import type { Saved, SavedVolume } from "./subject.ts";

/** A snapshot as `vigie-backup list --json` gives it. */
export interface Snapshot {
  readonly id: string;
  /** ISO 8601. */
  readonly time: string;
  readonly tags: readonly string[];
  /** The folder that was saved, as it is named in the snapshot. */
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

/** A snapshot of one volume of the service. */
export interface Choice extends Snapshot {
  readonly volume: SavedVolume;
  /** What was there before somebody restored something over it. */
  readonly undo: boolean;
}

/** The snapshots of a service, oldest first: its jobs' own, and those kept to undo a restore. Pure. */
export function snapshotsOf(saved: Saved, snapshots: readonly Snapshot[]): Choice[] {
  return snapshots.flatMap((snapshot) => {
    const undo = snapshot.tags.includes("undo");
    const prefix = undo ? "undo-" : "";
    const volume = saved.volumes.find(
      ({ key }) =>
        snapshot.tags.includes(`${prefix}service=${saved.service.id}`) &&
        snapshot.tags.includes(`${prefix}volume=${key}`),
    );
    return volume === undefined ? [] : [{ ...snapshot, volume, undo }];
  });
}

/**
 * The snapshot of that id, or the `latest` that was taken on schedule.
 * @throws {Refusal} where there is none, or several volumes have one
 */
export function chooseSnapshot(
  id: string,
  saved: Saved,
  choices: readonly Choice[],
  /** Those that it may be of: what is asked back by name is in one of them. */
  volumes: readonly string[] = saved.volumes.map(({ key }) => key),
): Choice {
  const list = `npm run restore -- --service ${saved.service.id}   lists them`;
  if (id === "latest") {
    if (volumes.length > 1)
      throw new Refusal({
        what: `${saved.service.id} has ${volumes.length} volumes (${volumes.join(", ")}), and each its latest snapshot`,
        fix: `Name one by its id: ${list}`,
      });
    const latest = choices.findLast(({ undo }) => !undo);
    if (latest) return latest;
  }
  const found = choices.filter((choice) => id.length >= 4 && choice.id.startsWith(id.slice(0, 8)));
  if (found.length === 1) return found[0]!;
  throw new Refusal({
    what: found.length > 1 ? `Several snapshots begin with "${id}"` : `${saved.service.id} has no snapshot "${id}"`,
    fix: list,
  });
}

/**
 * A typed path as a path in the snapshot. It begins in the volume, or is the whole path that the service itself uses.
 * @throws {Refusal} where it leads out of the volume
 */
export function placeInside(typed: string, { path: base, volume }: Pick<Choice, "path" | "volume">): string {
  const outside = (): Refusal =>
    new Refusal({
      what: `${JSON.stringify(typed)} is outside the volume ${volume.key}`,
      fix: `Give a path inside it, such as pages/start.txt, or as the service sees it, below ${volume.path}`,
    });
  if (typed.includes("\0") || typed.split("/").includes("..")) throw outside();
  const path = posix.normalize(typed);
  if (!path.startsWith("/")) return posix.join(base, path).replace(/\/$/, "");
  if (path === volume.path || path.startsWith(`${volume.path}/`))
    return posix.join(base, path.slice(volume.path.length)).replace(/\/$/, "");
  throw outside();
}
