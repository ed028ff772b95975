import { createTask, parse } from "node-cron";
import type { Schedule } from "./declaration.ts";

const MINUTE = 60_000;
/** Further back nobody looks: a schedule rarer than once a year is run at the first start instead. */
const HORIZON = 400 * 24 * 60 * MINUTE;

/**
 * Whether a job should have run after its last snapshot and did not: the agent was stopped, or the run failed.
 * A job without any snapshot always should have.
 */
export function isMissed(schedule: Schedule, last: Date | undefined, now: Date): boolean {
  if (!last) return true;
  if ("everySeconds" in schedule) return now.getTime() - last.getTime() >= schedule.everySeconds * 1000;
  const due = previousRun(schedule, now, last);
  return due !== undefined && due > last;
}

/**
 * The last time at or before `now` at which a cron expression came round, looking no further back than `floor`.
 * Walks the minutes backwards: the library knows what matches, not what matched last.
 */
export function previousRun(schedule: { cron: string; timeZone: string }, now: Date, floor: Date): Date | undefined {
  const oldest = Math.max(floor.getTime(), now.getTime() - HORIZON);
  const seconds = parse(schedule.cron).second.toSorted((a, b) => b - a);
  const task = createTask(schedule.cron, () => {}, { timezone: schedule.timeZone });
  try {
    for (let minute = Math.floor(now.getTime() / MINUTE) * MINUTE; minute > oldest - MINUTE; minute -= MINUTE) {
      for (const second of seconds) {
        const at = minute + second * 1000;
        if (at <= now.getTime() && at >= oldest && task.match(new Date(at))) return new Date(at);
      }
    }
    return undefined;
  } finally {
    task.destroy();
  }
}
