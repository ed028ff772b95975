import { createTask, parse } from "node-cron";
import type { Schedule } from "./declaration.ts";

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
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
 * The library knows what matches, not what matched last, and takes its time to tell: it is asked only of minutes that have
 * one of the expression's hours and minutes on the zone's clock, which is looked at once for each quarter of an hour.
 */
export function previousRun(schedule: { cron: string; timeZone: string }, now: Date, floor: Date): Date | undefined {
  const oldest = Math.max(floor.getTime(), now.getTime() - HORIZON);
  const fields = parse(schedule.cron);
  const seconds = fields.second.toSorted((a, b) => b - a);
  const [hours, minutes] = [new Set(fields.hour), new Set(fields.minute)];
  const clock = clockOf(schedule.timeZone);
  const task = createTask(schedule.cron, () => {}, { timezone: schedule.timeZone });
  try {
    for (let quarter = Math.floor(now.getTime() / QUARTER) * QUARTER; quarter > oldest - QUARTER; quarter -= QUARTER) {
      const [hour, first] = clock(quarter);
      if (!hours.has(hour)) continue;
      for (let later = QUARTER / MINUTE - 1; later >= 0; later--) {
        if (!minutes.has(first + later)) continue;
        for (const second of seconds) {
          const at = quarter + later * MINUTE + second * 1000;
          if (at <= now.getTime() && at >= oldest && task.match(new Date(at))) return new Date(at);
        }
      }
    }
    return undefined;
  } finally {
    task.destroy();
  }
}

/** Tells hour and minute on the clock of a zone. Zones are whole quarters of an hour apart, and change their clocks at them. */
function clockOf(timeZone: string): (at: number) => [hour: number, minute: number] {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return (at) => {
    const [hour, minute] = format.format(at).split(":").map(Number);
    return [hour!, minute!];
  };
}
