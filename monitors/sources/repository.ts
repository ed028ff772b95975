import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { describeError, reasonOfError } from "../net/failure.ts";
import type { Reason } from "../reasons.ts";
import { firstBytes } from "./first-bytes.ts";
import { type Gone, remember } from "./remembered.ts";
import { explain, type ResticError, unreadableIn } from "./restic-words.ts";
import { shared } from "./shared.ts";
import type { Snapshot } from "./snapshot.ts";

export type SnapshotListing =
  | {
      ok: true;
      snapshots: readonly Snapshot[];
      /** Snapshots that were listed before and no longer are: by the retention, or by somebody. */
      gone: readonly Gone[];
      /** What restic says of a snapshot that is there and cannot be read. */
      unreadable?: string | undefined;
    }
  | { ok: false; reason: Reason; message: string };

/** A restic repository, looked into from outside. */
export interface Repository {
  id: string;
  /** Asked once a minute at most, however many checks want it. */
  snapshots(signal: AbortSignal): Promise<SnapshotListing>;
  /** The first bytes of a file in a snapshot, by its whole path there. */
  head(snapshot: string, path: string, bytes: number, signal: AbortSignal): Promise<FileHead>;
}

/** What was read of a file; all of it where it is shorter than was asked. */
export type FileHead = { ok: true; bytes: Buffer } | { ok: false; reason: Reason; message: string };

export interface RepositoryOptions {
  id: string;
  /** `rest:http://host:port/path/` without user nor password, or a folder. */
  url: string;
  /** File with the repository's own password. */
  passwordFile: string;
  /** Who to say we are to the rest-server, and the file with the password that proves it. */
  restUser?: string;
  restPasswordFile?: string;
}

const FRESH_MS = 60_000;
const LIMIT_MS = 120_000;
const PATIENCE_MS = 5000;
const MOST_BYTES = 32 * 1024 * 1024;

/**
 * @param folder where restic may keep its cache, and the address with its password is written, for us only to read:
 *   arguments and environments can be read by others.
 */
export function makeRepository(options: RepositoryOptions, folder: string): Repository {
  const list = async (limit: AbortSignal): Promise<SnapshotListing> => {
    const lost = new AbortController();
    const signal = AbortSignal.any([limit, lost.signal]);
    const asking = setTimeout(() => void giveUpIfLost(options.url, lost), PATIENCE_MS);
    try {
      const address = await writeAddress(options, folder);
      const args = ["snapshots", "--json", "--no-lock", "--repository-file", address];
      const { stdout, stderr } = await restic(
        [...args, "--password-file", options.passwordFile],
        resticEnv(folder),
        signal,
      );
      const snapshots = parseSnapshots(stdout);
      return {
        ok: true,
        snapshots,
        gone: await remember(join(folder, `seen-${options.id}.json`), snapshots, Date.now()),
        unreadable: unreadableIn(stderr),
      };
    } catch (error) {
      if (lost.signal.aborted)
        return {
          ok: false,
          reason: "repository-unreachable",
          message: `repository ${options.id}: ${lost.signal.reason}`,
        };
      return explain(error, options.id, LIMIT_MS);
    } finally {
      clearTimeout(asking);
    }
  };
  const head = async (snapshot: string, path: string, bytes: number, signal: AbortSignal): Promise<FileHead> => {
    try {
      const address = await writeAddress(options, folder);
      const words = ["dump", "--no-lock", "--repository-file", address, "--password-file", options.passwordFile];
      return { ok: true, bytes: await firstBytes([...words, snapshot, path], resticEnv(folder), bytes, signal) };
    } catch (error) {
      signal.throwIfAborted();
      const { stderr = "" } = error as ResticError;
      if (/path .* not found in snapshot|cannot dump file/i.test(stderr))
        return { ok: false, reason: "no-such-thing", message: `snapshot ${snapshot.slice(0, 8)} has no file ${path}` };
      return explain(error, options.id, LIMIT_MS);
    }
  };
  return { id: options.id, snapshots: shared(FRESH_MS, LIMIT_MS, list), head };
}

const resticEnv = (folder: string): NodeJS.ProcessEnv => {
  const cache = join(folder, "restic-cache");
  return { PATH: process.env.PATH ?? "", RESTIC_CACHE_DIR: cache, HOME: cache, GOMAXPROCS: "1" };
};

/** restic tries for a quarter of an hour to reach a server that is away: after a while we look ourselves. */
async function giveUpIfLost(url: string, lost: AbortController): Promise<void> {
  if (!url.startsWith("rest:")) return;
  const address = new URL(url.slice("rest:".length));
  try {
    const answer = await fetch(address, { method: "HEAD", signal: AbortSignal.timeout(PATIENCE_MS) });
    await answer.body?.cancel();
  } catch (error) {
    lost.abort(
      `${address.host} does not answer: ${describeError((error as Error).cause ?? error, reasonOfError(error))}`,
    );
  }
}

async function writeAddress(options: RepositoryOptions, folder: string): Promise<string> {
  const { id, url, restUser, restPasswordFile } = options;
  const password = restPasswordFile === undefined ? undefined : (await readFile(restPasswordFile, "utf8")).trim();
  await mkdir(folder, { recursive: true });
  const file = join(folder, `repository-${id}`);
  await writeFile(file, withCredentials(url, restUser, password), { mode: 0o600 });
  return file;
}

/** `rest:http://host/` with the user and password that restic expects to find in it. */
export function withCredentials(url: string, user: string | undefined, password: string | undefined): string {
  if (user === undefined || !url.startsWith("rest:")) return url;
  const address = new URL(url.slice("rest:".length));
  address.username = encodeURIComponent(user);
  address.password = encodeURIComponent(password ?? "");
  return `rest:${address.href}`;
}

function restic(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    execFile("restic", args, { env, signal, maxBuffer: MOST_BYTES }, (error, stdout, stderr) => {
      if (error) reject(Object.assign(error, { stderr }));
      else resolve({ stdout, stderr });
    });
  });
}

/** What is used of `restic snapshots --json`; times have nanoseconds and a zone (RFC 3339). */
const snapshotList = z.array(
  z.object({
    id: z.string().default(""),
    time: z.string(),
    tags: z.array(z.string()).nullish(),
    summary: z
      .object({ total_bytes_processed: z.number().optional(), total_files_processed: z.number().optional() })
      .nullish(),
  }),
);

/** The snapshots that name their service and volume by tags `service=…` and `volume=…`. */
export function parseSnapshots(text: string): Snapshot[] {
  return snapshotList.parse(JSON.parse(text) ?? []).flatMap(({ id, time, tags, summary }) => {
    const service = tagged(tags, "service");
    const volume = tagged(tags, "volume");
    const at = Date.parse(time.replace(/(\.\d{3})\d+/, "$1"));
    if (service === undefined || volume === undefined || Number.isNaN(at)) return [];
    const { total_bytes_processed: bytes, total_files_processed: files } = summary ?? {};
    return [{ id, time, service, volume, at, bytes, files }];
  });
}

const tagged = (tags: readonly string[] | null | undefined, name: string): string | undefined =>
  tags?.find((tag) => tag.startsWith(`${name}=`))?.slice(name.length + 1);
