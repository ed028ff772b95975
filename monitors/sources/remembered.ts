import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import type { Snapshot } from "./snapshot.ts";

/** A snapshot that was listed before and no longer is. */
export interface Gone extends Snapshot {
  /** When it was first found missing, in milliseconds since the epoch. */
  since: number;
}

/** How long one that is gone is told about, in milliseconds: long enough to be noticed, and not for ever. */
const TOLD_MS = 7 * 86_400_000;

const remembered = z.array(
  z.object({
    id: z.string(),
    time: z.string(),
    service: z.string(),
    volume: z.string(),
    at: z.number(),
    bytes: z.number().optional(),
    files: z.number().optional(),
    since: z.number().optional(),
  }),
);
type Remembered = z.output<typeof remembered>[number];

/** What is to be remembered after another listing. Pure. */
export function merge(before: readonly Remembered[], listed: readonly Snapshot[], now: number): Remembered[] {
  const there = new Set(listed.map(({ id }) => id));
  const gone = before
    .filter(({ id }) => !there.has(id))
    .map((one) => ({ ...one, since: one.since ?? now }))
    .filter(({ since }) => now - since < TOLD_MS);
  return [...listed.filter(({ id }) => id !== ""), ...gone];
}

/**
 * Compares a listing with the last one, which is kept in a file, and gives what is gone. A repository that lost snapshots
 * looks like a smaller one that lost nothing: only memory tells them apart.
 */
export async function remember(file: string, listed: readonly Snapshot[], now: number): Promise<Gone[]> {
  const before = await read(file);
  const merged = merge(before, listed, now);
  const text = JSON.stringify(merged);
  if (text !== JSON.stringify(before)) {
    // A full disk makes it forgetful; the other checks go on.
    await write(file, text).catch(() => {});
  }
  return merged.filter((one): one is Gone => one.since !== undefined);
}

async function read(file: string): Promise<Remembered[]> {
  try {
    return remembered.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    return [];
  }
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}
