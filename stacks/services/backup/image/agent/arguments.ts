import type { Job } from "./declaration.ts";

/** Options of every call: where the repository is and its password, by file, never by value. */
export interface Access {
  readonly repositoryFile: string;
  readonly passwordFile: string;
  /** Rates not to be passed, in KiB a second. */
  readonly bandwidth?: { readonly upload?: number; readonly download?: number };
  /** restic's extended options, such as `s3.region=fr-par`. */
  readonly options?: readonly string[];
  /** What restic finds in its environment besides ours: names of files, never secrets. */
  readonly environment?: Readonly<Record<string, string>>;
}

export const accessArguments = (access: Access): string[] => [
  "--repository-file",
  access.repositoryFile,
  "--password-file",
  access.passwordFile,
  ...(access.options ?? []).flatMap((option) => ["--option", option]),
  ...(access.bandwidth?.upload ? ["--limit-upload", String(access.bandwidth.upload)] : []),
  ...(access.bandwidth?.download ? ["--limit-download", String(access.bandwidth.download)] : []),
  "--json",
];

/** The tags by which a job's snapshots are found again, by us, by the retention and by the lookout. */
export const tagsOf = (job: Pick<Job, "service" | "volume">): string[] => [
  `service=${job.service}`,
  `volume=${job.volume}`,
];

/**
 * The tags of a volume as it was before somebody restored something into it. Not a job's own tags: such a snapshot holds
 * what was wrong, and must neither count as a recent backup nor push a good one out of the retention.
 */
export const undoTagsOf = (job: Pick<Job, "service" | "volume">): string[] => [
  "undo",
  `undo-service=${job.service}`,
  `undo-volume=${job.volume}`,
];

/**
 * A job as its volume is kept to undo something: all of it. What a copy is saved of otherwise, a database at work, has no copy of that
 * moment where its service is stopped.
 */
export const wholeOf = (job: Job): Job => ({ ...job, excludes: [] });

/** `restic backup` of one job. The wait for a lock is longer than the prune that may hold it. */
export function backupArguments(job: Job, host: string, tags: readonly string[] = tagsOf(job)): string[] {
  return [
    "backup",
    "--host",
    host,
    ...tags.flatMap((tag) => ["--tag", tag]),
    "--retry-lock",
    "30m",
    "--one-file-system",
    // Folders that say of themselves that they can be made again: https://bford.info/cachedir/
    "--exclude-caches",
    ...job.excludes.flatMap((pattern) => ["--exclude", pattern]),
    "--",
    job.path,
  ];
}

/** `restic snapshots` of this host; of one job where it is given. Without a lock: a reader must not wait for a prune. */
export function snapshotsArguments(host: string, job?: Job): string[] {
  return ["snapshots", "--no-lock", "--host", host, ...(job ? ["--tag", tagsOf(job).join(",")] : [])];
}

export interface Restore {
  /** An id of a snapshot, or `latest`. */
  readonly snapshot: string;
  /** The folder under which the files appear, each by its whole path. */
  readonly to: string;
  /** The file or folder wanted, by its path in the snapshot; all of it when left out. */
  readonly path?: string | undefined;
  /** Further files and folders, where a thing that people ask for is several. */
  readonly also?: readonly string[];
  /** What `latest` means. */
  readonly job?: Job | undefined;
  /** Changes nothing; tells what would change. */
  readonly dryRun?: boolean;
  /** Also removes what the snapshot does not have; only below `path`, which it therefore needs. */
  readonly exact?: boolean;
  /** A file of the same size and date is taken for the same, unread: volumes may be large. */
  readonly ifChanged?: boolean;
  /** Then reads every file again, and compares it with the snapshot's hashes. */
  readonly verify?: boolean;
}

export function restoreArguments(restore: Restore, host: string): string[] {
  const { snapshot, to, path, also = [], job, dryRun, exact, ifChanged, verify } = restore;
  return [
    "restore",
    snapshot,
    "--no-lock",
    ...(snapshot === "latest" ? ["--host", host, ...(job ? ["--tag", tagsOf(job).join(",")] : [])] : []),
    ...[...(path ? [path] : []), ...also].flatMap((one) => ["--include", literal(one)]),
    ...(dryRun ? ["--dry-run", "--verbose=2"] : []),
    ...(exact ? ["--delete"] : []),
    ...(ifChanged ? ["--overwrite", "if-changed"] : []),
    ...(verify ? ["--verify"] : []),
    "--target",
    to,
  ];
}

/** `restic ls` of one folder: the folder itself, then what is in it. */
export const listFolderArguments = (snapshot: string, path: string): string[] => ["ls", "--no-lock", snapshot, path];

/** `restic dump` of a folder or file as a tar archive on standard output, each entry by its whole path. */
export const dumpArguments = (snapshot: string, path: string): string[] => [
  "dump",
  "--no-lock",
  "--archive",
  "tar",
  snapshot,
  path,
];

/** restic reads patterns where we mean a path: its special characters are escaped. */
const literal = (path: string): string => path.replace(/[\\*?[\]]/g, "\\$&");
