import { createTask, parse, validateDetailed } from "node-cron";
import { z } from "zod";
import { isLength, parseDuration } from "./values.ts";

/** When something runs: at a fixed pace, or at the times of a cron expression in the association's time zone. */
export type Schedule = { everySeconds: number } | { cron: string };

/**
 * A pace (`30s`, `5m`, `1d`) or a cron expression of 5 or 6 fields (`0 3 * * *`; the sixth, first written, is seconds).
 * Where both a day of the month and a day of the week are given, both must hold. A date that never comes, such as
 * 31 February, is refused.
 */
export const schedule = z.string().transform((text, context): Schedule => {
  const refuse = (message: string): never => {
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  };
  const seconds = parseDuration(text);
  if (isLength(seconds)) return { everySeconds: seconds! };
  const cron = text.trim().replace(/\s+/g, " ");
  if (!/^(\S+ ){4,5}\S+$/.test(cron)) return refuse("a pace such as 5m, or a cron expression such as 0 3 * * *");
  const objection = objectionTo(cron);
  if (objection !== undefined) return refuse(objection);
  return { cron };
});

const objections = new Map<string, string | undefined>();

/** Why a cron expression is none; found once for each, for a thousand services may have the same. */
function objectionTo(cron: string): string | undefined {
  if (!objections.has(cron)) objections.set(cron, findObjection(cron));
  return objections.get(cron);
}

function findObjection(cron: string): string | undefined {
  const { valid, errors } = validateDetailed(cron);
  if (!valid) return `a schedule that can happen (${errors.map((error) => error.message).join("; ")})`;
  return longestDayGap(cron) === undefined ? "a schedule that can happen (no day is all that it says)" : undefined;
}

const DAY = 86_400;

const fields = new Map<string, ReturnType<typeof parse>>();

/** The fields of a cron expression, read once for each: a thousand services may have the same. */
function fieldsOf(cron: string): ReturnType<typeof parse> {
  const known = fields.get(cron) ?? parse(cron);
  fields.set(cron, known);
  return known;
}

/**
 * The longest time, in seconds, between two runs of a schedule: what has to be allowed before a run counts as missed.
 * On the wall clock: the hour that a change of clocks adds or takes is not counted, so that the answer is the same all year.
 */
export function longestGapSeconds(when: Schedule): number {
  if ("everySeconds" in when) return when.everySeconds;
  const { hour, minute, second } = fieldsOf(when.cron);
  const times = hour
    .flatMap((h) => minute.flatMap((m) => second.map((s) => h * 3600 + m * 60 + s)))
    .sort((a, b) => a - b);
  const within = times.slice(1).map((time, index) => time - times[index]!);
  const overnight = longestDayGap(when.cron)! * DAY - times.at(-1)! + times[0]!;
  return [...within, overnight].reduce((longest, gap) => Math.max(longest, gap));
}

/** The shortest time, in seconds, between two runs of a schedule that are not on different days. */
export function shortestGapSeconds(when: Schedule): number {
  if ("everySeconds" in when) return when.everySeconds;
  const { hour, minute, second } = fieldsOf(when.cron);
  const smallest = (values: readonly number[]): number =>
    values
      .toSorted((a, b) => a - b)
      .reduce((least, value, i, all) => (i === 0 ? least : Math.min(least, value - all[i - 1]!)), Infinity);
  return Math.min(smallest(second), smallest(minute) * 60, smallest(hour) * 3600, DAY);
}

/** The calendar of 2001 to 2028 comes round again and again until 2099: no date of it, no date at all. */
const CYCLE_START = 2001;
const CYCLE_DAYS = 28 * 365 + 7;
const dayGaps = new Map<string, number | undefined>();

/** The most days from one on which a cron expression runs to the next; undefined where it never runs. */
function longestDayGap(cron: string): number | undefined {
  if (!dayGaps.has(cron)) dayGaps.set(cron, findLongestDayGap(cron));
  return dayGaps.get(cron);
}

function findLongestDayGap(cron: string): number | undefined {
  const days = daysOf(cron);
  if (days.length === 0) return undefined;
  return days.reduce((longest, day, index) => {
    const next = days[index + 1] ?? days[0]! + CYCLE_DAYS;
    return Math.max(longest, next - day);
  }, 0);
}

/** The days of the cycle on which a cron expression runs, by their numbers. */
function daysOf(cron: string): number[] {
  const { month, dayOfMonth, dayOfWeek, hour, minute, second } = fieldsOf(cron);
  const possible = Array.from({ length: CYCLE_DAYS }, (_, day) => day).filter((day) => {
    const date = dateOf(day);
    return (
      month.includes(date.getUTCMonth() + 1) &&
      mayInclude(dayOfMonth, date.getUTCDate()) &&
      mayInclude(dayOfWeek, date.getUTCDay())
    );
  });
  if ([...dayOfMonth, ...dayOfWeek].every((value) => typeof value === "number")) return possible;
  // The last day, the nearest working day, the second Monday: the library knows.
  // Its task is never started, and in UTC, where each day has all of its hours.
  const task = createTask(cron, () => {}, { timezone: "UTC" });
  try {
    return possible.filter((day) => task.match(dateOf(day, hour[0], minute[0], second[0])));
  } finally {
    task.destroy();
  }
}

const mayInclude = (values: readonly (number | string)[], value: number): boolean =>
  values.includes(value) || values.some((other) => typeof other === "string");

const dateOf = (day: number, hour = 0, minute = 0, second = 0): Date =>
  new Date(Date.UTC(CYCLE_START, 0, 1 + day, hour, minute, second));
