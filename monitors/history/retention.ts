import type { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { dayNumber } from "./days.ts";
import { SIZES } from "./rollup.ts";

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

/** Time passes at most so many times as fast for what is kept as it does for the program that keeps it. */
const AGES_AT_MOST = 6;
/** How long a stop is taken to have been, until more is known; in milliseconds. */
const STOPPED = 600_000;

/**
 * How far time has come for what is kept. It follows the clock, but catches up with it no faster than that: a clock that is years ahead has weeks to be
 * put right before anything is thrown away for it, whatever is restarted meanwhile. Never back: then nothing is old but what was.
 */
export class Ageing {
  #at: number | undefined;
  readonly #steady: () => number;
  #looked: number;

  /** @param at how far it had come when last noted, or what was seen last where it never was; undefined for a new file */
  constructor(at: number | undefined, steady = () => performance.now()) {
    this.#at = at;
    this.#steady = steady;
    this.#looked = steady() - STOPPED;
  }

  /** What is to be noted. */
  get reached(): number | undefined {
    return this.#at;
  }

  /** The moment that the age of things is reckoned from. */
  at(now: number): number {
    const looked = this.#steady();
    const before = this.#at ?? now;
    this.#at = Math.max(before, Math.min(now, Math.floor(before + AGES_AT_MOST * (looked - this.#looked))));
    this.#looked = looked;
    return Math.min(now, this.#at);
  }
}

const NOTED = "aged-until";

/** How far time has come for what is in a file. */
export function ageingOf(db: DatabaseSync, steady?: () => number): Ageing {
  const noted = db.prepare("SELECT value FROM progress WHERE what = ?").get(NOTED) as { value: number } | undefined;
  if (noted !== undefined) return new Ageing(noted.value, steady);
  const last = db.prepare("SELECT MAX(at) AS at FROM result WHERE check_id = ?");
  const seen = checkIds(db).flatMap((id) => (last.get(id) as { at: number | null }).at ?? []);
  if (seen.length === 0) return new Ageing(undefined, steady);
  const latest = Math.max(...seen);
  db.prepare("INSERT INTO progress VALUES (?, ?)").run(NOTED, latest);
  return new Ageing(latest, steady);
}

/**
 * Drops what is older than declared, in small steps between which checks and pages go on. When the file has outgrown its
 * bound, raw results are halved in age until it fits: days and changes are worth more, and take next to nothing.
 */
export async function forget(
  db: DatabaseSync,
  { rawDays, dayDays, maxBytes, fiveMinuteDays = 8, hourDays = 100 }: Retention,
  clock: number,
  isOpen: () => boolean = () => true,
  ageing = ageingOf(db),
): Promise<void> {
  const now = ageing.at(clock);
  db.prepare("INSERT OR REPLACE INTO progress VALUES (?, ?)").run(NOTED, ageing.reached!);
  // What a clock that was ahead has dated; not where it is behind now.
  if (clock >= ageing.reached!) await dropFrom(db, clock + DAY, isOpen);
  await dropOld(db, "result", now - rawDays * DAY, isOpen);
  for (let days = rawDays / 2; isOpen() && usedBytes(db) > maxBytes && days > 0.05; days /= 2)
    await dropOld(db, "result", clock - days * DAY, isOpen);
  if (!isOpen()) return;
  const rolled = [fiveMinuteDays, hourDays, dayDays];
  for (const [size, days] of rolled.entries()) if (isOpen()) await dropRolled(db, size, now - days * DAY, isOpen);
  if (!isOpen()) return;
  await dropOld(db, "change", now - dayDays * DAY, isOpen);
  if (!isOpen()) return;
  db.prepare("DELETE FROM day WHERE day < ?").run(dayNumber(new Date(now - dayDays * DAY).toISOString().slice(0, 10)));
  // Used last before the oldest result that is kept: nothing refers to it any more.
  db.prepare("DELETE FROM text WHERE used < ?").run(now - rawDays * DAY);
}

const checkIds = (db: DatabaseSync): number[] =>
  (db.prepare("SELECT id FROM name").all() as { id: number }[]).map(({ id }) => id);

/** Nearly always nothing: one look at each check. */
async function dropFrom(db: DatabaseSync, from: number, isOpen: () => boolean) {
  const drops = [
    db.prepare("DELETE FROM result WHERE check_id = ? AND at >= ?"),
    db.prepare("DELETE FROM change WHERE check_id = ? AND at >= ?"),
    ...Object.values(SIZES).map((size) =>
      db.prepare(`DELETE FROM rollup WHERE size = ${size} AND check_id = ? AND at >= ?`),
    ),
  ];
  for (const id of checkIds(db)) {
    await nextTurn();
    if (!isOpen()) return;
    for (const drop of drops) drop.run(id, from);
  }
  db.prepare("DELETE FROM day WHERE day > ?").run(dayNumber(new Date(from + DAY).toISOString().slice(0, 10)));
}

async function dropOld(db: DatabaseSync, table: "result" | "change", before: number, isOpen: () => boolean) {
  const drop = db.prepare(
    `DELETE FROM ${table} WHERE check_id = ? AND at < ? AND at <= (
       SELECT at FROM ${table} WHERE check_id = ? ORDER BY at LIMIT 1 OFFSET ${AT_ONCE})`,
  );
  const dropRest = db.prepare(`DELETE FROM ${table} WHERE check_id = ? AND at < ?`);
  for (const id of checkIds(db)) {
    while (isOpen() && Number(drop.run(id, before, id).changes) > AT_ONCE) await nextTurn();
    await nextTurn();
    if (!isOpen()) return;
    dropRest.run(id, before);
  }
}

/** There are few of these: a dozen an hour for each check. */
async function dropRolled(db: DatabaseSync, size: number, before: number, isOpen: () => boolean) {
  const drop = db.prepare("DELETE FROM rollup WHERE size = ? AND check_id = ? AND at < ?");
  for (const id of checkIds(db)) {
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
