import { type DraftWindow, type Fields, goSeconds, isFields, type Tell, textOf } from "./draft.ts";

export type DraftTimes = Pick<DraftWindow, "when" | "timeZone">;

/** `23:05` as hours and minutes; undefined where it is no time of day. */
export function timeOfDay(value: unknown): { hours: number; minutes: number } | undefined {
  const [, hours, minutes] = /^(\d{1,2}):(\d\d)(?::\d\d)?$/.exec(String(value)) ?? [];
  return hours === undefined || Number(hours) > 23 || Number(minutes) > 59
    ? undefined
    : { hours: Number(hours), minutes: Number(minutes) };
}

/** Seconds as people write them: whole hours, else minutes, else seconds. */
export const lasting = (seconds: number): string =>
  seconds % 3600 === 0 ? `${seconds / 3600}h` : seconds % 60 === 0 ? `${seconds / 60}m` : `${Math.round(seconds)}s`;

const DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/** A window of Gatus: a time of day, on some days of the week or on all (its README, "Maintenance"). */
export function gatusTimes(value: unknown, tell: Tell): DraftTimes | undefined {
  const own: Fields = isFields(value) ? value : {};
  if (own.enabled === false) {
    tell("the maintenance", "it is not enabled");
    return undefined;
  }
  const start = timeOfDay(own.start);
  const seconds = goSeconds(own.duration);
  const every = Array.isArray(own.every) ? own.every : [];
  const days = every.map((day) => DAYS.indexOf(String(day).toLowerCase()));
  if (start === undefined || seconds === undefined || days.includes(-1)) {
    tell("the maintenance", "announce it by hand: its start is no hh:mm, its duration no length, or a day has no name");
    return undefined;
  }
  return {
    when: { every: weekly(start, days), lasting: lasting(seconds) },
    timeZone: textOf(own.timezone) ?? "UTC",
  };
}

/** At that time on those days of the week, or on all. */
export const weekly = ({ hours, minutes }: { hours: number; minutes: number }, days: readonly number[]): string =>
  `${minutes} ${hours} * * ${days.length === 0 ? "*" : [...new Set(days)].sort((a, b) => a - b).join(",")}`;
