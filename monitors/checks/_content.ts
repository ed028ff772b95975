import { english } from "../../dashboards/words/plural.ts";
import type { Reason } from "../reasons.ts";
import type { Gone } from "../sources/remembered.ts";
import type { SnapshotListing } from "../sources/repository.ts";
import type { Snapshot } from "../sources/snapshot.ts";
import { type Keep, keptBy } from "./_retention.ts";

export interface ContentInput {
  service: string;
  volumes: readonly string[];
  keep?: Keep;
  /** Share of files or bytes that may go from what is usual to the youngest snapshot. */
  shrink: number;
  listings: readonly SnapshotListing[];
  /** Milliseconds since the epoch. */
  now: number;
}

interface Problem {
  reason: Reason;
  message: string;
}

/** A snapshot from further ahead than this was dated by a wrong clock, in milliseconds. */
const AHEAD_MS = 10 * 60_000;
/** What is usual: the middle of this many snapshots before the youngest. */
const USUAL = 7;
/** Below these, a halving is everyday life. */
const FEW_FILES = 10;
const FEW_BYTES = 65_536;

/** Whether the youngest snapshot of each volume holds what one would expect after those before it. Pure. */
export function judgeContent(input: ContentInput): { problem?: Problem; measures: Record<string, number> } {
  const read = input.listings.filter((listing) => listing.ok);
  const measures: Record<string, number> = {};
  const problems: Problem[] = [];
  for (const volume of input.volumes) {
    const own = (one: Snapshot) => one.service === input.service && one.volume === volume;
    const snapshots = read.flatMap((listing) => listing.snapshots.filter(own)).sort((a, b) => a.at - b.at);
    const missing = missingOf(
      snapshots,
      read.flatMap((listing) => listing.gone.filter(own)),
      input.keep,
    );
    measures[`snapshots/${volume}`] = snapshots.length;
    measures[`snapshots_missing/${volume}`] = missing.length;
    const [youngest] = snapshots.slice(-1);
    const before = snapshots.slice(0, -1).slice(-USUAL);
    const usual = { files: middle(before.map(({ files }) => files)), bytes: middle(before.map(({ bytes }) => bytes)) };
    if (usual.bytes !== undefined) measures[`usual_size_bytes/${volume}`] = usual.bytes;
    if (usual.files !== undefined) measures[`usual_files/${volume}`] = usual.files;
    const ahead = snapshots.find(({ at }) => at > input.now + AHEAD_MS);
    if (ahead)
      problems.push({
        reason: "clock-wrong",
        message: `a snapshot of volume ${volume} of ${input.service} is dated ${ahead.time.slice(0, 19)}, which is yet to come: the clock that dated it is wrong`,
      });
    if (missing.length > 0)
      problems.push({
        reason: "snapshot-missing",
        message: `${missing.length} ${english.form(missing.length, "snapshot", "snapshots")} of volume ${volume} of ${input.service} ${english.form(missing.length, "is", "are")} gone that the policy keeps: ${missing
          .slice(0, 3)
          .map(({ id, time }) => `${id.slice(0, 8)} of ${time.slice(0, 16)}`)
          .join(", ")}`,
      });
    const lost = youngest && lossOf(youngest, usual, input.shrink);
    if (lost) problems.push({ ...lost, message: `volume ${volume} of ${input.service}: ${lost.message}` });
  }
  const unread = input.listings.find((listing) => !listing.ok);
  if (unread && !unread.ok) problems.push({ reason: unread.reason, message: unread.message });
  const [first] = problems;
  if (first === undefined) return { measures };
  return { problem: { reason: first.reason, message: problems.map(({ message }) => message).join("; ") }, measures };
}

/** Snapshots that are gone and that the policy, applied to them and to what is left, would have kept. */
function missingOf(left: readonly Snapshot[], gone: readonly Gone[], keep: Keep | undefined): Snapshot[] {
  if (keep === undefined || gone.length === 0) return [];
  const kept = keptBy<Snapshot>(keep, [...left, ...gone]);
  return gone.filter((one) => kept.has(one));
}

function lossOf(
  { files, bytes }: Snapshot,
  usual: { files: number | undefined; bytes: number | undefined },
  shrink: number,
): Problem | undefined {
  if (files === 0 && (usual.files ?? 0) > 0)
    return { reason: "empty-source", message: `the youngest snapshot holds no file, where ${usual.files} are usual` };
  const fell = (now: number | undefined, before: number | undefined, few: number): boolean =>
    now !== undefined && before !== undefined && before >= few && now < before * (1 - shrink);
  if (fell(files, usual.files, FEW_FILES))
    return {
      reason: "shrunk",
      message: `the youngest snapshot holds ${files} ${english.form(files!, "file", "files")}, where ${usual.files} are usual`,
    };
  if (fell(bytes, usual.bytes, FEW_BYTES))
    return { reason: "shrunk", message: `the youngest snapshot holds ${bytes} bytes, where ${usual.bytes} are usual` };
  return undefined;
}

function middle(numbers: readonly (number | undefined)[]): number | undefined {
  const known = numbers.filter((number) => number !== undefined).sort((a, b) => a - b);
  return known[Math.floor(known.length / 2)];
}
