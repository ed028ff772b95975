import { snapshotsArguments, tagsOf } from "./arguments.ts";
import type { Job } from "./declaration.ts";
import { reasonOf, Unusable } from "./repository.ts";
import type { Restic } from "./restic.ts";

export interface Snapshot {
  readonly id: string;
  readonly time: Date;
  readonly tags: readonly string[];
  /** The folder that was saved, as it is named in the snapshot. */
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

/** The host's snapshots, oldest first; those of one job where it is given. */
export async function listSnapshots(restic: Restic, host: string, job?: Job): Promise<Snapshot[]> {
  const listed = await restic(snapshotsArguments(host, job));
  if (listed.code !== 0) throw new Unusable(reasonOf(listed));
  return parseSnapshots(listed.values);
}

export function parseSnapshots(values: readonly unknown[]): Snapshot[] {
  return values
    .flat()
    .map((value) => {
      const raw = value as {
        short_id: string;
        time: string;
        tags?: string[];
        paths?: string[];
        summary?: Record<string, number>;
      };
      return {
        id: raw.short_id,
        time: new Date(raw.time),
        tags: raw.tags ?? [],
        path: raw.paths?.[0] ?? "/",
        files: raw.summary?.total_files_processed ?? 0,
        bytes: raw.summary?.total_bytes_processed ?? 0,
      };
    })
    .sort((a, b) => a.time.getTime() - b.time.getTime());
}

/** The youngest snapshot of a job; undefined where there is none. */
export function newestOf(snapshots: readonly Snapshot[], job: Job): Snapshot | undefined {
  const tags = tagsOf(job);
  return snapshots.findLast((snapshot) => tags.every((tag) => snapshot.tags.includes(tag)));
}

/** Bytes as people read them, in binary units. */
export function readable(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** One snapshot a line, for a terminal. */
export function table(snapshots: readonly Snapshot[]): string {
  const rows = snapshots.map((snapshot) => [
    snapshot.id,
    `${snapshot.time.toISOString().slice(0, 19)}Z`,
    snapshot.tags.find((tag) => tag.startsWith("service="))?.slice(8) ?? "",
    snapshot.tags.find((tag) => tag.startsWith("volume="))?.slice(7) ?? "",
    `${snapshot.files} files`,
    readable(snapshot.bytes),
  ]);
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
