import { dockerWords } from "../recovery/agent.ts";
import { type Preview, printable } from "../recovery/preview.ts";
import type { Saved } from "../recovery/subject.ts";
import { Refusal } from "../refusal.ts";
import { run } from "../run.ts";

/** How many files with something in them each folder at the top of each volume has: volume → folder → files. */
export type Holdings = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Each folder at the top of a volume, and the volume's own files under ".", with its count. Names hold anything but a zero byte. */
const COUNT = `cd "$1" && { printf '.\\t%s\\0' "$(find . -maxdepth 1 -type f -size +0 | wc -l)"
  for folder in */ .[!.]*/; do [ -d "$folder" ] && printf '%s\\t%s\\0' "$folder" "$(find "./$folder" -type f -size +0 | wc -l)"; done; true; }`;

/** Counts what a service's volumes hold, through the agent, which may read everybody's files. */
export async function holdingsOf(saved: Saved): Promise<Holdings> {
  const all: Record<string, Record<string, number>> = {};
  for (const { key, name } of saved.volumes) {
    const words = dockerWords(saved, "exec", saved.agent, "bash", "-c", COUNT, "count", `/data/${name}`);
    const { code, stdout, stderr } = await run("docker", words);
    if (code !== 0)
      throw new Refusal({
        what: `The files of ${key} cannot be counted: ${stderr.trim()}`,
        fix: `docker logs ${saved.agent}   tells more`,
      });
    all[key] = parseCounts(stdout);
  }
  return all;
}

/** Pure. */
export const parseCounts = (said: string): Record<string, number> =>
  Object.fromEntries(
    said
      .split("\0")
      .filter(Boolean)
      .map((one) => [
        one.slice(0, one.lastIndexOf("\t")).replace(/\/$/, ""),
        Number(one.slice(one.lastIndexOf("\t") + 1)),
      ]),
  );

/** A halving of so few is everyday life. */
const FEW = 4;
const lost = (had: number, has: number): boolean => had >= FEW && has < had / 2;
const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

/**
 * What a new version has emptied. Folders may be: caches, or what was moved elsewhere. A whole volume that has lost more than
 * half of its files has not been migrated but emptied. Pure.
 */
export function losses(before: Holdings, now: Holdings): { folders: string[]; volumes: string[] } {
  const words = (what: string, had: number, has: number) =>
    `${what} had ${had} files with something in them, and has ${has}`;
  const folders = Object.entries(before).flatMap(([key, counts]) =>
    Object.entries(counts)
      .filter(([folder, had]) => lost(had, now[key]?.[folder] ?? 0))
      .map(([folder, had]) => words(folder === "." ? `the top of ${key}` : folder, had, now[key]?.[folder] ?? 0)),
  );
  const volumes = Object.entries(before)
    .map(([key, counts]) => [key, sum(counts), sum(now[key] ?? {})] as const)
    .filter(([, had, has]) => lost(had, has))
    .map(([key, had, has]) => words(`volume ${key}`, had, has));
  return { folders, volumes };
}

const NAMED = 5;

/**
 * What became of the files that a volume held, and whether that is much: nobody can tell a migration from a new version that
 * spoils what it was given, but who runs the service. `back` is what a restore would do. Pure.
 */
export function rewritten(key: string, base: string, back: Preview): { said: string; much: boolean } | undefined {
  const { added: gone, replaced, unchanged } = back;
  const touched = [...gone, ...replaced];
  if (touched.length === 0) return undefined;
  const names = touched
    .slice(0, NAMED)
    .map((item) => printable(item.startsWith(`${base}/`) ? item.slice(base.length + 1) : item));
  const parts = [
    ...(replaced.length > 0 ? [`${replaced.length} rewritten`] : []),
    ...(gone.length > 0 ? [`${gone.length} gone`] : []),
  ];
  const all = touched.length + unchanged;
  return {
    said: `${key}: of ${all} files that were there ${parts.join(", ")}: ${names.join(", ")}${touched.length > NAMED ? ", …" : ""}`,
    much: touched.length >= FEW && touched.length > all / 10,
  };
}
