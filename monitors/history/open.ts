import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { prepare } from "./schema.ts";

export const HISTORY_FILE = "history.sqlite";

/** Suffixes of the files that belong together (sqlite.org/wal.html). */
const PARTS = ["", "-wal", "-shm"];

export interface OpenedFile {
  db: DatabaseSync;
  /** Where a file that could not be read was put, and why; undefined where all is well. */
  aside?: { path: string; why: string };
}

/**
 * Opens the history in a folder. A file that is damaged is moved aside, to be looked at, and a new one begun: watching goes on.
 * @throws where the folder cannot be written to, or the file is of a newer version of Vigie.
 */
export function openFile(folder: string, maxBytes: number, now = Date.now()): OpenedFile {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, HISTORY_FILE);
  try {
    return { db: openSound(path, maxBytes) };
  } catch (error) {
    if (!isDamage(error)) throw error;
    const aside = `${path}.damaged-${new Date(now).toISOString().replace(/[:.]/g, "")}`;
    moveAside(path, aside);
    return { db: openSound(path, maxBytes), aside: { path: aside, why: (error as Error).message } };
  }
}

export function moveAside(path: string, aside: string): void {
  for (const part of PARTS) if (existsSync(path + part)) renameSync(path + part, aside + part);
}

function openSound(path: string, maxBytes: number): DatabaseSync {
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
