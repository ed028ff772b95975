import { spawn } from "node:child_process";
import { join } from "node:path";
import { REPOSITORY_KEY } from "../../stacks/backups.ts";
import { derive, rootBytes } from "../../stacks/secrets.ts";
import { ROOT } from "../places.ts";
import type { SavedVolume } from "../recovery/subject.ts";
import { Refusal } from "../refusal.ts";
import { handOver } from "../run.ts";
import { feed } from "./feed.ts";

const IMAGE = "vigie/drill-restic";
/** The user of the repository's image. */
const OWNER = "902";

/** A snapshot as `restic snapshots --json` gives it. */
export interface Found {
  id: string;
  time: string;
  paths: string[];
  tags?: string[];
  summary?: { total_files_processed?: number; total_bytes_processed?: number };
}

/** The copy of a repository on the drill's engine, and the key to it. */
export interface Copy {
  readonly engine: string;
  /** Volume that holds the copy. */
  readonly volume: string;
  /** The backup service's own repository in it. */
  readonly path: string;
  readonly rootSecret: string;
}

/** restic's image: the repository's own, which `up` would build anyway. */
export async function buildRestic(engine: string): Promise<void> {
  const folder = join(ROOT, "stacks/services/backup-repository/image");
  const code = await handOver("docker", ["--host", engine, "build", "--quiet", "--tag", IMAGE, folder]);
  if (code !== 0)
    throw new Refusal({ what: "restic's image cannot be built", fix: `docker --host ${engine} build ${folder}` });
}

/** Puts the copy of the repository into a volume of the drill's engine. */
export async function loadRepository(folder: string, { engine, volume }: Copy): Promise<void> {
  const tar = spawn("tar", ["--create", `--owner=${OWNER}`, `--group=${OWNER}`, "--directory", folder, "."], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const mount = `type=volume,source=${volume},target=/var/lib/restic`;
  const words = ["run", "--rm", "--interactive", "--network", "none", "--user", "0", "--mount", mount];
  await feed(
    "docker",
    ["--host", engine, ...words, "--entrypoint", "tar", IMAGE, "--extract", "--directory", "/var/lib/restic"],
    tar.stdout,
  );
}

const password = ({ rootSecret }: Copy): string =>
  derive(rootBytes(rootSecret), REPOSITORY_KEY, 32).toString("base64url");

function restic(copy: Copy, mounts: readonly string[], own: readonly string[]): Promise<string> {
  const all = [`type=volume,source=${copy.volume},target=/var/lib/restic,readonly`, ...mounts];
  const capabilities = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID"].flatMap((name) => ["--cap-add", name]);
  return feed(
    "docker",
    [
      ...["--host", copy.engine, "run", "--rm", "--interactive", "--network", "none", "--user", "0", "--read-only"],
      ...["--tmpfs", "/tmp", "--tmpfs", "/data", "--cap-drop", "ALL", ...capabilities],
      ...all.flatMap((mount) => ["--mount", mount]),
      ...["--entrypoint", "restic", IMAGE, "--repo", `/var/lib/restic/${copy.path}`],
      ...["--password-file", "/dev/stdin", "--no-cache", "--no-lock", "--json", ...own],
    ],
    password(copy),
  );
}

/** Every snapshot of the copy. */
export const snapshots = async (copy: Copy): Promise<Found[]> =>
  JSON.parse(await restic(copy, [], ["snapshots"])) ?? [];

/** The youngest snapshot of a volume that was taken on schedule; one kept to undo a restore has other tags. Pure. */
export const latest = (
  found: readonly Found[],
  service: string,
  { key }: Pick<SavedVolume, "key">,
): Found | undefined =>
  found
    .filter(({ tags = [] }) => tags.includes(`service=${service}`) && tags.includes(`volume=${key}`))
    .sort((a, b) => Date.parse(a.time) - Date.parse(b.time))
    .at(-1);

/** What a restore brought back, and what a second reading of it found. */
export interface Restored {
  files: number;
  bytes: number;
}

/**
 * Brings a snapshot back into a volume, then reads every file again and compares it with the snapshot's hashes.
 * @throws {Refusal} where a file is missing or differs
 */
export async function restoreVolume(copy: Copy, snapshot: Found, volume: string): Promise<Restored> {
  const [at = "/data"] = snapshot.paths;
  const said = await restic(
    copy,
    [`type=volume,source=${volume},target=${at}`],
    ["restore", snapshot.id, "--target", "/", "--include", at, "--verify"],
  );
  const summary = said
    .split("\n")
    .flatMap((line): { message_type?: string; bytes_restored?: number }[] => {
      try {
        return [JSON.parse(line)];
      } catch {
        return [];
      }
    })
    .find(({ message_type }) => message_type === "summary");
  return { files: snapshot.summary?.total_files_processed ?? 0, bytes: summary?.bytes_restored ?? 0 };
}
