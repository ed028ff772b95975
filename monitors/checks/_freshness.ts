import type { Reason } from "../reasons.ts";
import type { SnapshotListing } from "../sources/repository.ts";
import type { Snapshot } from "../sources/snapshot.ts";

export interface FreshnessInput {
  service: string;
  volumes: readonly string[];
  /** Seconds. */
  maxAge: number;
  /** What each repository answered. */
  listings: readonly SnapshotListing[];
  /** Milliseconds since the epoch. */
  now: number;
}

export interface Freshness {
  problem?: { reason: Reason; message: string };
  measures: Record<string, number>;
}

/**
 * Whether every volume has a recent snapshot in one repository or another. A repository that could not be read only matters
 * for volumes whose snapshots are not found elsewhere; then its failure is told, not an absence that nobody has seen.
 */
export function judge({ service, volumes, maxAge, listings, now }: FreshnessInput): Freshness {
  const youngest = youngestByVolume(service, listings);
  const unread = listings.find((listing) => !listing.ok);
  const problems: { reason: Reason; message: string }[] = [];
  const measures: Record<string, number> = {};
  let oldest = 0;
  for (const volume of volumes) {
    const snapshot = youngest.get(volume);
    if (snapshot) {
      const age = Math.max(0, (now - snapshot.at) / 1000);
      oldest = Math.max(oldest, age);
      measures[`last_snapshot_timestamp_seconds/${volume}`] = snapshot.at / 1000;
      if (snapshot.bytes !== undefined) measures[`snapshot_size_bytes/${volume}`] = snapshot.bytes;
      if (snapshot.files !== undefined) measures[`snapshot_files/${volume}`] = snapshot.files;
      if (age <= maxAge) continue;
    }
    if (unread && !unread.ok) problems.push({ reason: unread.reason, message: unread.message });
    else if (snapshot === undefined)
      problems.push({ reason: "no-snapshot", message: `volume ${volume} of ${service} has no snapshot` });
    else
      problems.push({
        reason: "too-old",
        message: `the last snapshot of volume ${volume} of ${service} is ${words((now - snapshot.at) / 1000)} old, expected ${words(maxAge)} at most`,
      });
  }
  if (youngest.size > 0) measures.oldest_age_seconds = oldest;
  const [first] = problems;
  if (first === undefined) return { measures };
  const messages = [...new Set(problems.map(({ message }) => message))];
  return { problem: { reason: first.reason, message: messages.join("; ") }, measures };
}

function youngestByVolume(service: string, listings: readonly SnapshotListing[]): Map<string, Snapshot> {
  const youngest = new Map<string, Snapshot>();
  for (const listing of listings) {
    if (!listing.ok) continue;
    for (const snapshot of listing.snapshots) {
      if (snapshot.service !== service) continue;
      const known = youngest.get(snapshot.volume);
      if (known === undefined || snapshot.at > known.at) youngest.set(snapshot.volume, snapshot);
    }
  }
  return youngest;
}

/** `3 d 4 h`, `2 h`, `45 min`: enough to tell how late a backup is. */
function words(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  if (hours >= 48) return `${Math.floor(hours / 24)} d ${hours % 24} h`;
  return hours >= 1 ? `${hours} h ${Math.floor((seconds % 3600) / 60)} min` : `${Math.ceil(seconds / 60)} min`;
}
