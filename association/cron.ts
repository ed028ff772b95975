import { Cron } from "croner";
import { parse } from "node-cron";

/**
 * The first time after a moment at which a cron expression comes round on the clocks of a zone, in milliseconds since the
 * epoch; undefined where it never does.
 *
 * What has an hour of its own comes once a day: where the clocks leave it out it is taken an hour later, where they show it
 * twice the first is meant. What comes every hour comes in each hour that passes, whatever the clocks do meanwhile: to wait
 * for the next hour's name, as node-cron and croner do, would be to sleep for two.
 */
export function nextRun(cron: string, timeZone: string, after: number): number | undefined {
  const everyHour = isHourly(cron);
  const known = everyHour ? cronOf(cron, offsetOf(timeZone, after)) : cronOf(cron, timeZone);
  // In the hour after a change of clocks croner forgets what it took an hour later, and answers with a time that is over.
  const changed = offsetOf(timeZone, after) !== offsetOf(timeZone, after - HOUR);
  for (let from = changed ? after - HOUR : after; from <= after + 3 * HOUR; ) {
    const found = known.nextRun(new Date(from))?.getTime();
    const next = found === undefined || everyHour ? found : firstOf(found, timeZone);
    if (next === undefined || next > after) return next;
    from = found! > from ? found! : from + HOUR;
  }
  return undefined;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * When the clocks of a zone first show what they show at a moment. Croner takes an hour that comes twice for the first; on Lord Howe
 * it is half an hour that does, at Troll it is two.
 */
export function firstOf(at: number, timeZone: string): number {
  const offset = offsetOf(timeZone, at);
  const back = offsetOf(timeZone, at - 3 * HOUR) - offset;
  const earlier = at - back * MINUTE;
  return back > 0 && offsetOf(timeZone, earlier) === offset + back ? earlier : at;
}

const hourly = new Map<string, boolean>();

function isHourly(cron: string): boolean {
  const known = hourly.get(cron) ?? parse(cron).hour.length === 24;
  hourly.set(cron, known);
  return known;
}

const crons = new Map<string, Cron>();

/** Reading an expression takes longer than following it. In a zone, or so many minutes before the clocks of Greenwich. */
function cronOf(cron: string, zone: string | number): Cron {
  const key = `${cron} ${zone}`;
  const where = typeof zone === "number" ? { utcOffset: zone } : { timezone: zone };
  const known = crons.get(key) ?? new Cron(cron, { ...where, paused: true, domAndDow: true });
  crons.set(key, known);
  return known;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** How far the clocks of a zone are before those of Greenwich at a moment, in minutes. */
function offsetOf(timeZone: string, at: number): number {
  const clock = clocks.get(timeZone) ?? new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
  clocks.set(timeZone, clock);
  const name = clock.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "";
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(name) ?? [];
  return sign === undefined ? 0 : (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}
