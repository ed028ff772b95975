import { copyFileSync, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { prepare } from "./schema.ts";

export const HISTORY_FILE = "history.sqlite";

/** Where the copy of a file is that snapshots hold in place of the file at work; see `copy.ts`. */
export const copyOf = (file: string): string => join("copies", file);

/** Goes on from the copy where the file itself is gone: a snapshot was restored. A copy that is damaged is left alone. */
export function takeCopy(folder: string, file: string): void {
  const path = join(folder, file);
  const copy = join(folder, copyOf(file));
  if (!existsSync(path) && isSound(copy)) copyFileSync(copy, path);
}

/** Suffixes of the files that belong together (sqlite.org/wal.html). */
const PARTS = ["", "-wal", "-shm"];

export interface OpenedFile {
  db: DatabaseSync;
  /** Where a file that could not be read was put, and why; undefined where all is well. */
  aside?: { path: string; why: string };
}

/**
 * Opens the history in a folder: where there is none, from the copy of a snapshot that was restored. A file that is damaged is
 * moved aside, to be looked at, and the copy is gone on from, or a new one begun: watching goes on.
 * @throws where the folder cannot be written to, or the file is of a newer version of Vigie.
 */
export function openFile(folder: string, maxBytes: number, now = Date.now()): OpenedFile {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, HISTORY_FILE);
  takeCopy(folder, HISTORY_FILE);
  try {
    return { db: openSound(path, maxBytes) };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const aside = moveAside(path, now);
    takeCopy(folder, HISTORY_FILE);
    return { db: openSound(path, maxBytes), aside: { path: aside, why: (error as Error).message } };
  }
}

/** Puts a damaged file, and what belongs to it, out of the way. @returns where it is now */
export function moveAside(path: string, now = Date.now()): string {
  const aside = `${path}.damaged-${new Date(now).toISOString().replace(/[:.]/g, "")}`;
  for (const part of PARTS) if (existsSync(path + part)) renameSync(path + part, aside + part);
  return aside;
}

/** What tells a file from another one at the same place; undefined where there is none. */
export function identityOf(folder: string): string | undefined {
  try {
    const { dev, ino } = statSync(join(folder, HISTORY_FILE));
    return `${dev}/${ino}`;
  } catch {
    return undefined;
  }
}

function openSound(path: string, maxBytes: number): DatabaseSync {
  if (existsSync(path) && !statSync(path).isFile()) throw new DamageError("it is no file");
  const db = new DatabaseSync(path);
  try {
    const found = db.prepare("PRAGMA quick_check(1)").get() as { quick_check?: string };
    if (found.quick_check !== "ok") throw new DamageError(found.quick_check ?? "it could not be verified");
    prepare(db, maxBytes);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Whether a file is there and whole. */
function isSound(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    const db = new DatabaseSync(path, { readOnly: true });
    try {
      return (db.prepare("PRAGMA quick_check(1)").get() as { quick_check?: string }).quick_check === "ok";
    } finally {
      db.close();
    }
  } catch {
    return false;
  }
}

class DamageError extends Error {}

/** SQLite's result codes SQLITE_CORRUPT and SQLITE_NOTADB. */
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/** Whether the file itself is at fault. Extended codes keep the basic one in their last byte. */
export function isDamage(error: unknown): boolean {
  if (error instanceof DamageError) return true;
  const { errcode } = error as { errcode?: number };
  return errcode !== undefined && [CORRUPT, NOT_A_DATABASE].includes(errcode & 0xff);
}
