import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { INCIDENTS_FILE } from "../incidents/store.ts";
import { copyOf, HISTORY_FILE } from "./open.ts";

/**
 * Copies a database as it is at one moment, while it is being written (sqlite.org/lang_vacuum.html, "VACUUM INTO"): the files at
 * work, read one after the other, would be of several. The copy before is there until the new one is whole.
 *
 * @returns the copy's place in the folder
 */
export function copyDatabase(folder: string, file: string): string {
  const copy = join(folder, copyOf(file));
  mkdirSync(dirname(copy), { recursive: true });
  rmSync(`${copy}.new`, { force: true });
  const db = new DatabaseSync(join(folder, file), { readOnly: true });
  try {
    db.exec("PRAGMA busy_timeout = 30000");
    db.prepare("VACUUM INTO ?").run(`${copy}.new`);
  } finally {
    db.close();
  }
  const written = openSync(`${copy}.new`, "r+");
  fsyncSync(written);
  closeSync(written);
  renameSync(`${copy}.new`, copy);
  return copyOf(file);
}

/** Copies all that the lookout keeps in databases. @returns a line for each, as `vigie-hooks` wants it told (stacks/hooks/vigie-hooks) */
export const copyAll = (folder: string): string[] =>
  [HISTORY_FILE, INCIDENTS_FILE]
    .filter((file) => existsSync(join(folder, file)))
    .map((file) => `sqlite ${copyDatabase(folder, file)}`);

if (import.meta.main) process.stdout.write(`${copyAll(process.argv[2]!).join("\n")}\n`);
