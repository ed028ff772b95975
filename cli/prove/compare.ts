import { posix } from "node:path";
import { dockerWords } from "../recovery/agent.ts";
import type { Choice } from "../recovery/choose.ts";
import type { Saved } from "../recovery/subject.ts";
import { Refusal } from "../refusal.ts";
import { run } from "../run.ts";
import type { Scratch } from "./scratch.ts";

/** Files of each volume that are compared: enough to find a volume that is another one, or an old one. */
const SAMPLE = 300;

/**
 * The programs that list and hash files; names end in a zero byte, for they may hold anything else. `$1` is the folder, `$2`
 * a time: what has changed since then is left out, as is what restic leaves out of snapshots.
 */
const LIST = `cd "$1"; find . -xdev -type d -exec test -e {}/CACHEDIR.TAG ';' -prune -o -type f ! -newermt "$2" ! -newerct "$2" -print0 | shuf -z -n ${SAMPLE} | xargs -0r sha256sum -z | base64 -w0`;
const HASH = `cd "/scratch/$0"; base64 -d | xargs -0r sha256sum -z | base64 -w0`;

/** Hashes by path, as `sha256sum -z` writes them. Pure. */
export const readHashes = (base64: string): Map<string, string> =>
  new Map(
    Buffer.from(base64, "base64")
      .toString("latin1")
      .split("\0")
      .filter(Boolean)
      .map((line) => [line.slice(66), line.slice(0, 64)]),
  );

/**
 * Whether snapshots leave a file out, by the patterns that its kind declares for the volume: the files of a database at work, say, which
 * change without a new date. Pure.
 */
export const isLeftOut = (path: string, excludes: readonly string[]): boolean => {
  const parts = path.replace(/^\.\//, "").split("/");
  return parts.some((_, n) => excludes.some((pattern) => posix.matchesGlob(parts.slice(0, n + 1).join("/"), pattern)));
};

/**
 * Compares files that the live service has not changed since the snapshot with those that were restored from it.
 * @returns how many were compared
 * @throws {Refusal} naming one that differs or is missing
 */
export async function compareWithLive(saved: Saved, scratch: Scratch, choice: Choice): Promise<number> {
  const listed = await run(
    "docker",
    dockerWords(saved, "exec", saved.agent, "bash", "-euc", LIST, "list", choice.path, choice.time),
  );
  if (listed.code !== 0)
    throw new Refusal({ what: `the live volume cannot be read: ${listed.stderr.trim()}`, fix: "npm run up" });
  const excludes = saved.service.volumes[choice.volume.key]?.excludes ?? [];
  const live = new Map([...readHashes(listed.stdout)].filter(([name]) => !isLeftOut(name, excludes)));
  const names = Buffer.from([...live.keys()].map((name) => `${name}\0`).join(""), "latin1").toString("base64");
  const read = await scratch.look(HASH.replace("$0", choice.volume.key), names);
  const restored = readHashes(read.stdout);
  const wrong = [...live].filter(([name, hash]) => restored.get(name) !== hash).map(([name]) => name);
  if (wrong.length > 0)
    throw new Refusal({
      what: `${wrong.length} of ${live.size} files differ from the live ones, though these have not changed since: ${JSON.stringify(wrong[0])}`,
      fix: "npm run restore",
    });
  return live.size;
}
