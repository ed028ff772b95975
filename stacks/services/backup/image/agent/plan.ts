import { schedule as scheduleCron } from "node-cron";
import type { Schedule } from "./declaration.ts";
import type { Timers } from "./timers.ts";

/**
 * Has something done on a schedule, until the timers stop.
 * @param tell told of each next time, ISO 8601
 */
export function plan(
  schedule: Schedule,
  timers: Timers,
  due: () => void,
  tell: (next: string | undefined) => void,
): void {
  if ("everySeconds" in schedule) {
    const pace = schedule.everySeconds * 1000;
    const next = () => tell(new Date(Date.now() + pace).toISOString());
    next();
    timers.repeat(pace, () => {
      due();
      next();
    });
    return;
  }
  const task = scheduleCron(schedule.cron, due, { timezone: schedule.timeZone, suppressMissedWarning: true });
  const next = () => tell(task.getNextRun()?.toISOString());
  // A computer that slept, or an engine that was paused, wakes up after the time.
  task.on("execution:missed", due);
  task.on("execution:started", next);
  next();
  timers.atEnd(() => void task.destroy());
}
