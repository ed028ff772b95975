import type { CheckState, Run } from "../../dashboards/view.ts";

/** Where a check stands, with what its thresholds need to remember. */
export interface Standing extends CheckState {
  /** Good runs since the last failed one. */
  readonly consecutiveSuccesses: number;
  /** When the present row of equal results began, in milliseconds since the epoch. */
  readonly streakSince: number;
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

/**
 * Where a check stands after one more run: down after `failAfter` failures in a row, up after `recoverAfter` good runs.
 * It is so since the first of these runs, not since the one that settled it: that is when members were first concerned.
 */
export function advance(before: Standing, run: Run, { failAfter, recoverAfter }: Thresholds): Standing {
  const same = run.ok ? before.consecutiveSuccesses > 0 : before.consecutiveFailures > 0;
  const streakSince = same ? before.streakSince : run.at;
  const consecutiveFailures = run.ok ? 0 : before.consecutiveFailures + 1;
  const consecutiveSuccesses = run.ok ? before.consecutiveSuccesses + 1 : 0;
  const status =
    consecutiveFailures >= failAfter ? "down" : consecutiveSuccesses >= recoverAfter ? "up" : before.status;
  return {
    check: before.check,
    status,
    since: status === before.status ? before.since : streakSince,
    lastRun: run,
    ...(run.ok ? { lastSuccess: run.at } : before.lastSuccess === undefined ? {} : { lastSuccess: before.lastSuccess }),
    consecutiveFailures,
    consecutiveSuccesses,
    streakSince,
  };
}
