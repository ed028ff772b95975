import type { CheckState, Run } from "../../dashboards/view.ts";
import { afterJump, type Jump } from "./clock.ts";

/** Where a check stands, with what its thresholds need to remember. */
export interface Standing extends CheckState {
  /** Good runs since the last failed one. */
  readonly consecutiveSuccesses: number;
  /** When the present row of equal results began, in milliseconds since the epoch. */
  readonly streakSince: number;
  /** When it came to be down of late, in milliseconds since the epoch; left out where it did not. */
  readonly falls?: readonly number[];
}

export interface Thresholds {
  readonly failAfter: number;
  readonly recoverAfter: number;
}

/** A check that has never been run. */
export const unknown = (check: string, since: number): Standing => ({
  check,
  status: "pending",
  since,
  consecutiveFailures: 0,
  consecutiveSuccesses: 0,
  streakSince: since,
});

/** A check that came to be down so often within an hour flaps … */
const FLAPPING_FALLS = 3;
const FLAPPING_WITHIN = 3_600_000;
/** … and is up again once it has been good for so long: one alert, instead of one every few minutes. In milliseconds. */
const CALM = 600_000;

/** Where a check stands is the same after the clock has jumped, and has been for as long. */
export const standingAfterJump = (standing: Standing, jump: Jump): Standing => ({
  ...standing,
  since: afterJump(standing.since, jump),
  streakSince: afterJump(standing.streakSince, jump),
  ...(standing.lastRun ? { lastRun: { ...standing.lastRun, at: afterJump(standing.lastRun.at, jump) } } : {}),
  ...(standing.lastSuccess === undefined ? {} : { lastSuccess: afterJump(standing.lastSuccess, jump) }),
  ...(standing.falls ? { falls: standing.falls.map((at) => afterJump(at, jump)) } : {}),
});

/** A run that says nothing about its target: it is shown, and the thresholds do not count it. */
export const withoutVerdict = (before: Standing, run: Run): Standing => ({ ...before, lastRun: run });

/**
 * Where a check stands after one more run: down after `failAfter` failures in a row, up after `recoverAfter` good runs.
 * It is so since the first of these runs, not since the one that settled it: that is when members were first concerned.
 * One that flaps is up again only after ten good minutes.
 */
export function advance(before: Standing, run: Run, { failAfter, recoverAfter }: Thresholds): Standing {
  const same = run.ok ? before.consecutiveSuccesses > 0 : before.consecutiveFailures > 0;
  const streakSince = same ? before.streakSince : run.at;
  const consecutiveFailures = run.ok ? 0 : before.consecutiveFailures + 1;
  const consecutiveSuccesses = run.ok ? before.consecutiveSuccesses + 1 : 0;
  // What is dated later than now was so by a clock that was ahead.
  const calm = !before.flapping || Math.abs(run.at - streakSince) >= CALM;
  const status =
    consecutiveFailures >= failAfter ? "down" : consecutiveSuccesses >= recoverAfter && calm ? "up" : before.status;
  const recent = before.falls?.filter((at) => Math.abs(run.at - at) < FLAPPING_WITHIN) ?? [];
  const falls = status === "down" && before.status !== "down" ? [...recent, run.at] : recent;
  const flapping = status === "down" && (before.flapping || falls.length >= FLAPPING_FALLS);
  return {
    check: before.check,
    status,
    since: Math.min(run.at, status === before.status ? before.since : streakSince),
    lastRun: run,
    ...(run.ok ? { lastSuccess: run.at } : before.lastSuccess === undefined ? {} : { lastSuccess: before.lastSuccess }),
    consecutiveFailures,
    consecutiveSuccesses,
    streakSince,
    ...(falls.length > 0 ? { falls } : {}),
    ...(flapping ? { flapping } : {}),
  };
}
