import { instantOf } from "../../association/index.ts";
import { type Fields, isFields, numberOf, type Tell, textOf } from "./draft.ts";
import { type DraftTimes, lasting, timeOfDay, weekly } from "./windows.ts";

/** When a maintenance of Uptime Kuma is, by its strategy; undefined, with the reason told, where that cannot be declared. */
export function kumaTimes(own: Fields, now: number, tell: Tell): DraftTimes | undefined {
  const lose = (why: string): undefined => void tell("the maintenance", why);
  if (own.active === false || own.active === 0) return lose("it is not active");
  const zone = [own.timezone, own.timezoneOption]
    .map(textOf)
    .find((name) => name !== undefined && name !== "SAME_AS_SERVER");
  if (zone === undefined) tell("timezone", "it is the server's, which is not in the file: the association's is taken");
  const [from, until] = (Array.isArray(own.dateRange) ? own.dateRange : []).map(localMoment);
  const over = until !== undefined && instantOf(until, zone ?? "UTC") < now;
  if (over) return lose(`it is over since ${until}`);
  const strategy = textOf(own.strategy) ?? "";
  const reader = Object.hasOwn(STRATEGIES, strategy) ? STRATEGIES[strategy]! : undefined;
  const when = reader === undefined ? undefined : strategy === "single" ? once(from, until) : reader(own, from);
  if (when === undefined)
    return lose(
      strategy === "manual"
        ? "it is switched by hand there: announce work with its times"
        : `announce it by hand: it says ${strategy || "no strategy"} in a way that has no like here`,
    );
  if (strategy !== "single") {
    if (until !== undefined) tell("its last day", `take it out of the declaration after ${until}`);
    if (from !== undefined && instantOf(from, zone ?? "UTC") > now)
      tell("its first day", `it begins at once, not on ${from}`);
  }
  return { when, ...(zone === undefined ? {} : { timeZone: zone }) };
}

type Read = (own: Fields, from: string | undefined) => DraftTimes["when"] | undefined;

const STRATEGIES: Readonly<Record<string, Read>> = {
  single: () => undefined,
  cron: (own) => {
    const cron = textOf(own.cron)?.trim();
    const minutes = numberOf(own.durationMinutes) ?? (numberOf(own.duration) ?? 0) / 60;
    const [day, , week] = (cron ?? "").split(/\s+/).slice(-3);
    // Where both are given, there either one will do, and here both must hold.
    if (cron === undefined || minutes <= 0 || (day !== "*" && week !== "*")) return undefined;
    return { every: cron, lasting: lasting(minutes * 60) };
  },
  "recurring-weekday": (own) => {
    const days = numbers(own.weekdays).map((day) => day % 7);
    return days.length === 0 ? undefined : daily(own, (start) => weekly(start, days));
  },
  "recurring-interval": (own, from) => {
    const every = numberOf(own.intervalDay);
    if (every === 1) return daily(own, (start) => weekly(start, []));
    if (every !== 7 || from === undefined) return undefined;
    const day = new Date(`${from.slice(0, 10)}T12:00:00Z`).getUTCDay();
    return daily(own, (start) => weekly(start, [day]));
  },
  "recurring-day-of-month": (own) => {
    const days = (Array.isArray(own.daysOfMonth) ? own.daysOfMonth : []).map((day) => (day === "lastDay1" ? "L" : day));
    if (days.length === 0 || days.some((day) => day !== "L" && !(Number(day) >= 1 && Number(day) <= 31)))
      return undefined;
    return daily(own, ({ hours, minutes }) => `${minutes} ${hours} ${days.join(",")} * *`);
  },
};

const numbers = (value: unknown): number[] => (Array.isArray(value) ? value.flatMap((one) => numberOf(one) ?? []) : []);

const once = (from: string | undefined, until: string | undefined): DraftTimes["when"] | undefined =>
  from === undefined || until === undefined ? undefined : { from, until };

/** From a time of day to another, over midnight where that is the earlier one. */
function daily(
  own: Fields,
  cron: (start: { hours: number; minutes: number }) => string,
): DraftTimes["when"] | undefined {
  const [start, end] = (Array.isArray(own.timeRange) ? own.timeRange : []).map((time) =>
    isFields(time) ? timeOfDay(`${time.hours}:${String(time.minutes).padStart(2, "0")}`) : timeOfDay(time),
  );
  if (start === undefined || end === undefined) return undefined;
  const minutes = (end.hours - start.hours) * 60 + end.minutes - start.minutes;
  const seconds = (minutes <= 0 ? minutes + 1440 : minutes) * 60;
  return { every: cron(start), lasting: lasting(seconds) };
}

/** A moment as the wall clock shows it; Uptime Kuma writes a space or a T, with or without seconds. */
function localMoment(value: unknown): string | undefined {
  const [, day, minute, zone = ""] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(Z?)$/.exec(String(value)) ?? [];
  return day === undefined ? undefined : `${day}T${minute}${zone}`;
}
