import { nextRun } from "../../../../../association/cron.ts";
import type { Schedule } from "./declaration.ts";

/** The first time after a moment at which something is to be done, in milliseconds; undefined where there is none. */
export const following = (schedule: Schedule, after: number): number | undefined =>
  "everySeconds" in schedule ? after + schedule.everySeconds * 1000 : nextRun(schedule.cron, schedule.timeZone, after);

/**
 * Whether a job should have run after its last snapshot and did not: the agent was stopped, or the run failed.
 * A job without any snapshot always should have.
 */
export function isMissed(schedule: Schedule, last: Date | undefined, now: Date): boolean {
  const due = last ? following(schedule, last.getTime()) : now.getTime();
  return due !== undefined && due <= now.getTime();
}
