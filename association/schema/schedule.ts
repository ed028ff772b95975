import { createTask, validateDetailed } from "node-cron";
import { z } from "zod";
import { parseDuration } from "./values.ts";

/** When something runs: at a fixed pace, or at the times of a cron expression in the association's time zone. */
export type Schedule = { everySeconds: number } | { cron: string };

/**
 * A pace (`30s`, `5m`, `1d`) or a cron expression of 5 or 6 fields (`0 3 * * *`; the sixth, first written, is seconds).
 * A date that never comes, such as 31 February, is refused.
 */
export const schedule = z.string().transform((text, context): Schedule => {
  const seconds = parseDuration(text);
  if (seconds !== undefined && seconds > 0) return { everySeconds: seconds };
  if (/^(\S+\s+){4,5}\S+$/.test(text.trim())) {
    const { valid, errors } = validateDetailed(text);
    if (valid) return { cron: text.trim().replace(/\s+/g, " ") };
    context.addIssue({
      code: "custom",
      message: `a schedule that can happen (${errors.map((error) => error.message).join("; ")})`,
    });
    return z.NEVER;
  }
  context.addIssue({ code: "custom", message: "a pace such as 5m, or a cron expression such as 0 3 * * *" });
  return z.NEVER;
});

/**
 * The longest time, in seconds, between two runs of a schedule, over its next runs:
 * what a freshness check has to allow before it calls a run missed.
 */
export function longestGapSeconds(when: Schedule, timeZone: string): number {
  if ("everySeconds" in when) return when.everySeconds;
  const task = createTask(when.cron, () => {}, { timezone: timeZone });
  try {
    const runs = task.getNextRuns(RUNS_LOOKED_AT).map((run) => run.getTime());
    return Math.max(...runs.slice(1).map((run, index) => (run - runs[index]!) / 1000));
  } finally {
    task.destroy();
  }
}

/** Enough to see the week-end gap of `0 3 * * 1-5` and the monthly gap of `0 3 1 * *`. */
const RUNS_LOOKED_AT = 15;
