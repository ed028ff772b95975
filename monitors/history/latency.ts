import type { DatabaseSync } from "node:sqlite";
import {
  addResult,
  addRolled,
  nothing,
  type ResultRow,
  type Rolled,
  type RolledRow,
  SIZES,
  type Size,
  SLOT,
} from "./rollup.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** How a check fared in one length of time; latencies are of good runs, in seconds, within 2 % of the true ones. */
export interface Point {
  /** When it begins, in milliseconds since the epoch. */
  readonly at: number;
  /** How long it is, in seconds. */
  readonly seconds: number;
  readonly good: number;
  readonly total: number;
  readonly p50?: number;
  readonly p95?: number;
  readonly p99?: number;
}

/** A time and its points, and the same numbers of all of it. */
export interface Chart {
  readonly points: readonly Point[];
  readonly whole: Point;
}

/** What a chart of this length is drawn from: a few hundred points at most, so that it is read in milliseconds. */
const GRAINS: readonly { upTo: number; size: Size; length: number }[] = [
  { upTo: 26 * HOUR, size: SIZES.fiveMinutes, length: SLOT },
  { upTo: 15 * DAY, size: SIZES.hour, length: HOUR },
  { upTo: Number.POSITIVE_INFINITY, size: SIZES.day, length: DAY },
];

/** How a check has fared from one moment to another, what is not yet rolled up included; undefined for a check nobody knows. */
export function chartOf(db: DatabaseSync, check: string, from: number, to: number): Chart | undefined {
  const id = (db.prepare("SELECT id FROM name WHERE value = ?").get(check) as { id: number } | undefined)?.id;
  if (id === undefined) return undefined;
  const { size, length } = GRAINS.find(({ upTo }) => to - from <= upTo)!;
  const byStart = new Map<number, Rolled>();
  const rolled = db
    .prepare(
      "SELECT at, good, total, latency FROM rollup WHERE size = ? AND check_id = ? AND at >= ? AND at < ? ORDER BY at",
    )
    .all(size, id, from, to) as unknown as (RolledRow & { at: number })[];
  for (const row of rolled) addRolled(into(byStart, row.at), row);
  // What the last whole span leaves out: five minutes that no hour or day has taken up, and results that nothing has.
  const last = rolled.at(-1);
  let since = last === undefined ? from : last.at + length;
  if (size !== SIZES.fiveMinutes) {
    const slots = db
      .prepare(
        "SELECT at, good, total, latency FROM rollup WHERE size = 0 AND check_id = ? AND at >= ? AND at < ? ORDER BY at",
      )
      .all(id, since, to) as unknown as (RolledRow & { at: number })[];
    const anchor = since;
    for (const row of slots) addRolled(into(byStart, startOf(row.at, anchor, length)), row);
    since = Math.max(since, (slots.at(-1)?.at ?? Number.NEGATIVE_INFINITY) + SLOT);
  }
  const until = (
    db.prepare("SELECT value FROM progress WHERE what = 'rolled-until'").get() as { value: number } | undefined
  )?.value;
  const fresh = db
    .prepare("SELECT at, micros, reason, verdict FROM result WHERE check_id = ? AND at >= ? AND at < ? ORDER BY at")
    .all(
      id,
      Math.max(from, since - SLOT, until !== undefined && until < to ? until : from),
      to,
    ) as unknown as ResultRow[];
  const anchor = last === undefined ? Math.floor(from / length) * length : last.at;
  for (const row of fresh) if (row.at >= since) addResult(into(byStart, startOf(row.at, anchor, length)), row);
  const points = [...byStart].sort(([a], [b]) => a - b).map(([at, one]) => pointOf(at, length, one));
  const whole = nothing();
  for (const one of byStart.values()) {
    whole.good += one.good;
    whole.total += one.total;
    whole.latency.merge(one.latency);
  }
  return { points, whole: pointOf(from, to - from, whole) };
}

const startOf = (at: number, anchor: number, length: number): number =>
  anchor + Math.floor((at - anchor) / length) * length;

function into(byStart: Map<number, Rolled>, at: number): Rolled {
  let known = byStart.get(at);
  if (known === undefined) {
    known = nothing();
    byStart.set(at, known);
  }
  return known;
}

function pointOf(at: number, length: number, { good, total, latency }: Rolled): Point {
  const seconds = (share: number) => latency.percentile(share)! / 1e6;
  return {
    at,
    seconds: length / 1000,
    good,
    total,
    ...(latency.total === 0 ? {} : { p50: seconds(0.5), p95: seconds(0.95), p99: seconds(0.99) }),
  };
}

/** Good and all runs of some checks from one moment to another: of whole hours, and of what has come after them. */
export function countedBetween(
  db: DatabaseSync,
  checks: readonly string[],
  from: number,
  to: number,
): { good: number; total: number } {
  const id = db.prepare("SELECT id FROM name WHERE value = ?");
  const last = db.prepare("SELECT MAX(at) AS at FROM rollup WHERE size = 1 AND check_id = ? AND at < ?");
  const sum = db.prepare(
    "SELECT COALESCE(SUM(good), 0) AS good, COALESCE(SUM(total), 0) AS total FROM rollup WHERE size = ? AND check_id = ? AND at >= ? AND at < ?",
  );
  const counted = { good: 0, total: 0 };
  for (const check of checks) {
    const known = id.get(check) as { id: number } | undefined;
    if (known === undefined) continue;
    const hour = (last.get(known.id, to) as { at: number | null }).at;
    for (const [size, since] of [
      [SIZES.hour, from],
      [SIZES.fiveMinutes, hour === null ? from : Math.max(from, hour + HOUR)],
    ] as const) {
      const { good, total } = sum.get(size, known.id, since, to) as { good: number; total: number };
      counted.good += good;
      counted.total += total;
    }
  }
  return counted;
}
