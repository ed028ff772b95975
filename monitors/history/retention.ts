import type { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { dayNumber } from "./days.ts";

/** How long what is kept. */
export interface Retention {
  /** Every single result, in days. */
  rawDays: number;
  /** Results put together by five minutes, in days. */
  fiveMinuteDays?: number;
  /** Results put together by the hour, in days. */
  hourDays?: number;
  /** Changes of status, results put together by the day, and what became of each day, in days. */
  dayDays: number;
  /** Size of the file at which raw results are given up earlier, in bytes. */
  maxBytes: number;
}

const DAY = 86_400_000;
/** Rows dropped without letting anything else happen. */
const AT_ONCE = 2000;

/**
 * Drops what is older than declared, in small steps between which checks and pages go on. When the file has outgrown its
 * bound, raw results are halved in age until it fits: days and changes are worth more, and take next to nothing.
 */
export async function forget(
  db: DatabaseSync,
  { rawDays, dayDays, maxBytes, fiveMinuteDays = 8, hourDays = 100 }: Retention,
  now: number,
  isOpen: () => boolean = () => true,
): Promise<void> {
  for (let days = rawDays; isOpen(); days /= 2) {
    await dropOld(db, "result", now - days * DAY, isOpen);
    if (!isOpen() || usedBytes(db) <= maxBytes || days < 0.1) break;
  }
  const rolled = [fiveMinuteDays, hourDays, dayDays];
  for (const [size, days] of rolled.entries()) if (isOpen()) await dropRolled(db, size, now - days * DAY, isOpen);
  if (!isOpen()) return;
  await dropOld(db, "change", now - dayDays * DAY, isOpen);
  if (!isOpen()) return;
  db.prepare("DELETE FROM day WHERE day < ?").run(dayNumber(new Date(now - dayDays * DAY).toISOString().slice(0, 10)));
  // Used last before the oldest result that is kept: nothing refers to it any more.
  db.prepare("DELETE FROM text WHERE used < ?").run(now - rawDays * DAY);
}

async function dropOld(db: DatabaseSync, table: "result" | "change", before: number, isOpen: () => boolean) {
  const checks = db.prepare("SELECT id FROM name").all() as { id: number }[];
  const drop = db.prepare(
    `DELETE FROM ${table} WHERE check_id = ? AND at < ? AND at <= (
       SELECT at FROM ${table} WHERE check_id = ? ORDER BY at LIMIT 1 OFFSET ${AT_ONCE})`,
  );
  const dropRest = db.prepare(`DELETE FROM ${table} WHERE check_id = ? AND at < ?`);
  for (const { id } of checks) {
    while (isOpen() && Number(drop.run(id, before, id).changes) > AT_ONCE) await nextTurn();
    await nextTurn();
    if (!isOpen()) return;
    dropRest.run(id, before);
  }
}

/** There are few of these: a dozen an hour for each check. */
async function dropRolled(db: DatabaseSync, size: number, before: number, isOpen: () => boolean) {
  const checks = db.prepare("SELECT id FROM name").all() as { id: number }[];
  const drop = db.prepare("DELETE FROM rollup WHERE size = ? AND check_id = ? AND at < ?");
  for (const { id } of checks) {
    await nextTurn();
    if (!isOpen()) return;
    drop.run(size, id, before);
  }
}

/** Bytes of the file that hold something. */
function usedBytes(db: DatabaseSync): number {
  const { used } = db
    .prepare(
      "SELECT (page_count - freelist_count) * page_size AS used FROM pragma_page_count, pragma_page_size, pragma_freelist_count",
    )
    .get() as { used: number };
  return used;
}
