import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Refusal } from "../refusal.ts";

/** What only an export has: a folder without it is somebody's, and never replaced. */
const MARK = ".vigie-export";

/** @throws Refusal where the folder holds something else than an earlier export */
export function refuseOther(folder: string): void {
  if (!existsSync(folder)) return;
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    throw new Refusal({ what: `${folder} is no folder to write to: ${(error as Error).message}`, fix: "--to ANOTHER" });
  }
  if (names.length > 0 && !names.includes(MARK))
    throw new Refusal({
      what: `${folder} holds something else than an earlier export`,
      fix: "--to names a folder of its own: it is replaced as a whole each time",
    });
}

/**
 * Puts files where a folder is, all at once: they are written beside and renamed, so that nothing half written is ever served and
 * an export that fails leaves the earlier one. Files are for every reader.
 */
export function replaceFolder(folder: string, files: ReadonlyMap<string, string>): void {
  refuseOther(folder);
  mkdirSync(dirname(folder), { recursive: true });
  const own = mkdtempSync(join(dirname(folder), `.${basename(folder)}-`));
  const [fresh, old] = [join(own, "new"), join(own, "old")];
  try {
    for (const [file, body] of new Map([...files, [MARK, ""]])) {
      const path = join(fresh, file);
      mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
      writeFileSync(path, body, { mode: 0o644, flag: "wx" });
    }
    chmodSync(fresh, 0o755);
    const replaces = existsSync(folder);
    if (replaces) renameSync(folder, old);
    try {
      renameSync(fresh, folder);
    } catch (error) {
      if (replaces) renameSync(old, folder);
      throw error;
    }
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}
