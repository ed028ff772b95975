import { Cron } from "croner";
import { firstOf, nextRun } from "./cron.ts";
import type { Inventory, MaintenanceWindow } from "./inventory.ts";

/** One time that work is announced for. Times are in milliseconds since the epoch. */
export interface Occurrence {
  /** Its name in the inventory's `maintenance`. */
  readonly window: string;
  readonly from: number;
  readonly until: number;
}

/** Occurrences of one window in one question, at most: whoever works every minute has no maintenance but a habit. */
const MOST = 10_000;

/**
 * A moment written on the wall clock of a zone, in milliseconds since the epoch. A time that a change of clocks leaves out
 * is taken as much later; of one that comes twice, the first is meant.
 */
export function instantOf(text: string, timeZone: string): number {
  if (/(Z|[+-]\d\d:\d\d)$/.test(text)) return Date.parse(text);
  const full = /T\d\d:\d\d$/.test(text) ? `${text}:00` : text;
  const found = new Cron(full, { timezone: timeZone, paused: true }).nextRun(new Date(0))?.getTime();
  return found === undefined ? Number.NaN : firstOf(found, timeZone);
}

/** The times of one window that overlap `[from, to)`, in order. A lasting that crosses a change of clocks is as long as any other. */
export function occurrencesOf(id: string, { when }: MaintenanceWindow, from: number, to: number): Occurrence[] {
  if ("from" in when) return when.from < to && when.until > from ? [{ window: id, ...when }] : [];
  const length = when.seconds * 1000;
  const found: Occurrence[] = [];
  for (let at = from - length; found.length < MOST; ) {
    const next = nextRun(when.cron, when.timeZone, at);
    if (next === undefined || next >= to) break;
    if (next + length > from) found.push({ window: id, from: next, until: next + length });
    at = next;
  }
  return found;
}

/** Everything announced between two moments, the earliest first. */
export function occurrencesBetween(
  { maintenance }: Pick<Inventory, "maintenance">,
  from: number,
  to: number,
): Occurrence[] {
  return Object.entries(maintenance)
    .flatMap(([id, window]) => occurrencesOf(id, window, from, to))
    .sort((a, b) => a.from - b.from || (a.window < b.window ? -1 : 1));
}
