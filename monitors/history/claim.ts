import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

/** How often it is looked whether another one has let go, in milliseconds. */
const EVERY_MS = 200;
/** SQLite's result code SQLITE_BUSY; extended codes keep it in their last byte. */
const BUSY = 5;

/**
 * Takes a folder for this process alone: two that count the same days would each write over what the other has counted. The lock is the kernel's, by way
 * of SQLite, so whatever ends the process gives it back. Gives what gives it back earlier; where nothing can be written there, there is nothing to guard.
 *
 * @param patienceMs how long another one may take to end
 * @throws where another one goes on
 */
export async function claim(folder: string, patienceMs: number): Promise<() => void> {
  let db: DatabaseSync;
  try {
    mkdirSync(folder, { recursive: true });
    db = new DatabaseSync(join(folder, "in-use"));
  } catch {
    return () => {};
  }
  const until = performance.now() + patienceMs;
  for (;;) {
    try {
      db.exec("BEGIN EXCLUSIVE");
      return () => db.close();
    } catch (error) {
      if (((error as { errcode?: number }).errcode ?? 0) % 256 !== BUSY) return () => db.close();
      if (performance.now() >= until) {
        db.close();
        throw new Error(
          `${folder} is in use by another exporter: stop that one, or give this one a folder of its own (\`data\` in exporter.json)`,
        );
      }
    }
    await sleep(EVERY_MS);
  }
}
