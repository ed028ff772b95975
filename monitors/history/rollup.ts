import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { REASONS } from "../reasons.ts";
import { Sketch } from "./sketch.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Lengths of time that results are put together by, as the table numbers them. */
export const SIZES = { fiveMinutes: 0, hour: 1, day: 2 } as const;
export type Size = (typeof SIZES)[keyof typeof SIZES];

/** Five minutes divide the days of every time zone: hours and days are made of them. */
export const SLOT = 5 * MINUTE;
/** Results of runs that took longer than this come too late to be counted, in milliseconds. */
const LATE = 10 * MINUTE;
/** Checks gone through without letting anything else happen. */
const AT_ONCE = 40;
/** How much is caught up with at a time after a stop. */
const STRIDE = HOUR;

/** What became of a check in a length of time. */
export interface Rolled {
  good: number;
  /** Runs that count: not those while the lookout's own network was down, or work was announced. */
  total: number;
  /** How long good runs took. */
  latency: Sketch;
}

export interface RollupOptions {
  /** The first moment of the day that a moment is in, and of the next: days are those of the association's time zone. */
  dayOf(ms: number): { from: number; to: number };
  /** Whether a run counts for what a check is worth; all do when left out. */
  counts?(check: string, at: number): boolean;
  /** How far back results are kept, in days. */
  rawDays: number;
}

export const nothing = (): Rolled => ({ good: 0, total: 0, latency: new Sketch() });

/**
 * Puts results together by five minutes, hours and days. It reads what is on the disk and notes how far it has come, so that
 * a stop at any moment loses nothing and counts nothing twice. In small steps, between which everything else goes on.
 */
export async function rollUp(
  db: DatabaseSync,
  options: RollupOptions,
  now: number,
  isOpen: () => boolean = () => true,
): Promise<void> {
  const statements = new Statements(db);
  const end = Math.floor((now - LATE) / SLOT) * SLOT;
  const oldest = Math.floor((now - options.rawDays * 24 * HOUR) / HOUR) * HOUR;
  const noted = statements.rolledUntil();
  // After a clock was put right, time is gone through again, or was left out: what is known last before now says where to go on.
  const known = noted !== undefined && noted >= oldest && noted <= end ? noted : statements.lastHour(end);
  let from = Math.max(known, oldest);
  while (from < end && isOpen()) {
    const to = Math.min(end, Math.floor(from / STRIDE) * STRIDE + STRIDE);
    const hours = endsWithin(from, to, (ms) => ({
      from: Math.floor(ms / HOUR) * HOUR,
      to: Math.floor(ms / HOUR) * HOUR + HOUR,
    }));
    const days = endsWithin(from, to, options.dayOf);
    const checks = statements.checks();
    for (let first = 0; first < checks.length; first += AT_ONCE) {
      await nextTurn();
      if (!isOpen()) return;
      db.exec("BEGIN IMMEDIATE");
      try {
        for (const { id, check } of checks.slice(first, first + AT_ONCE)) {
          statements.rollSlots(id, from, to, (at) => options.counts?.(check, at) ?? true);
          for (const hour of hours) statements.rollFromSlots(SIZES.hour, id, hour.from, hour.to);
          for (const day of days) statements.rollFromSlots(SIZES.day, id, day.from, day.to);
        }
        db.exec("COMMIT");
      } catch (error) {
        try {
          db.exec("ROLLBACK");
        } catch {
          // SQLite has rolled back by itself.
        }
        throw error;
      }
    }
    if (!isOpen()) return;
    statements.noteRolledUntil(to);
    from = to;
  }
}

/** The spans that end after `from` and not after `to`. */
function endsWithin(from: number, to: number, spanOf: (ms: number) => { from: number; to: number }) {
  const found: { from: number; to: number }[] = [];
  for (let span = spanOf(from); span.to <= to; span = spanOf(span.to)) found.push(span);
  return found;
}

/** What a roll-up asks of the file. */
class Statements {
  readonly #checks: StatementSync;
  readonly #until: StatementSync;
  readonly #note: StatementSync;
  readonly #results: StatementSync;
  readonly #first: StatementSync;
  readonly #last: StatementSync;
  readonly #slots: StatementSync;
  readonly #put: StatementSync;

  constructor(db: DatabaseSync) {
    this.#checks = db.prepare(
      'SELECT check_id AS id, name.value AS "check" FROM standing JOIN name ON name.id = check_id',
    );
    this.#until = db.prepare("SELECT value FROM progress WHERE what = 'rolled-until'");
    this.#note = db.prepare("INSERT OR REPLACE INTO progress VALUES ('rolled-until', ?)");
    this.#results = db.prepare(
      "SELECT at, micros, reason, verdict FROM result WHERE check_id = ? AND at >= ? AND at < ? ORDER BY at",
    );
    this.#first = db.prepare("SELECT MIN(at) AS at FROM result WHERE check_id = ?");
    this.#last = db.prepare("SELECT MAX(at) AS at FROM rollup WHERE size = 0 AND check_id = ? AND at < ?");
    this.#slots = db.prepare(
      "SELECT good, total, latency FROM rollup WHERE size = 0 AND check_id = ? AND at >= ? AND at < ?",
    );
    this.#put = db.prepare("INSERT OR REPLACE INTO rollup VALUES (?, ?, ?, ?, ?, ?)");
  }

  checks(): { id: number; check: string }[] {
    return this.#checks.all() as { id: number; check: string }[];
  }

  /** The last hour before a moment that anything was rolled up in; where there is none, that of the oldest result. */
  lastHour(before: number): number {
    const checks = this.checks();
    const lasts = checks.flatMap(({ id }) => (this.#last.get(id, before) as { at: number | null }).at ?? []);
    const firsts = checks.flatMap(({ id }) => (this.#first.get(id) as { at: number | null }).at ?? []);
    const at = lasts.length > 0 ? Math.max(...lasts) : Math.min(before, ...firsts);
    return Math.floor(at / HOUR) * HOUR;
  }

  rolledUntil(): number | undefined {
    return (this.#until.get() as { value: number } | undefined)?.value;
  }

  noteRolledUntil(until: number): void {
    this.#note.run(until);
  }

  rollSlots(id: number, from: number, to: number, counts: (at: number) => boolean): void {
    let slot = -1;
    let rolled = nothing();
    for (const row of this.#results.iterate(id, from, to) as Iterable<ResultRow>) {
      const start = Math.floor(row.at / SLOT) * SLOT;
      if (start !== slot) {
        this.#write(SIZES.fiveMinutes, id, slot, rolled);
        slot = start;
        rolled = nothing();
      }
      addResult(rolled, row, counts(row.at));
    }
    this.#write(SIZES.fiveMinutes, id, slot, rolled);
  }

  rollFromSlots(size: Size, id: number, from: number, to: number): void {
    const rolled = nothing();
    for (const row of this.#slots.iterate(id, from, to) as Iterable<RolledRow>) addRolled(rolled, row);
    this.#write(size, id, from, rolled);
  }

  #write(size: Size, id: number, at: number, { good, total, latency }: Rolled): void {
    if (total > 0 || latency.total > 0) this.#put.run(size, id, at, good, total, latency.encode());
  }
}

export interface ResultRow {
  at: number;
  micros: number;
  /** 0 where it was good. */
  reason: number;
  /** Whether it counts as good, where that is not what its reason says. */
  verdict: number | null;
}

export interface RolledRow {
  good: number;
  total: number;
  latency: Uint8Array;
}

/** Adds one run. How long a good one took is worth knowing even where it does not count. */
export function addResult(rolled: Rolled, { micros, reason, verdict }: ResultRow, counts = true): void {
  if (reason === 0) rolled.latency.add(micros);
  if (!counts || reason === REASONS["own-network"]) return;
  rolled.total++;
  if (verdict === null ? reason === 0 : verdict === 1) rolled.good++;
}

export function addRolled(rolled: Rolled, { good, total, latency }: RolledRow): void {
  rolled.good += good;
  rolled.total += total;
  rolled.latency.mergeEncoded(latency);
}
