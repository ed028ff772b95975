import type { Schedule } from "../../association/index.ts";
import { timerUnits, type Unit } from "../timer.ts";

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/**
 * A schedule as systemd's calendars write it (systemd.time(7)). Of cron it knows what calendars can say too: numbers, lists,
 * ranges and steps; a pace in seconds has no calendar and is given as undefined. Pure.
 */
export function onCalendar(schedule: Schedule, timeZone: string): string | undefined {
  if ("everySeconds" in schedule) return undefined;
  const fields = schedule.cron.trim().split(/\s+/);
  const [minute, hour, day, month, weekday] = fields.slice(-5);
  if (minute === undefined || hour === undefined || day === undefined || month === undefined || weekday === undefined)
    return undefined;
  const second = fields.length === 6 ? field(fields[0]!) : "00";
  const days =
    weekday === "*" || weekday === "?"
      ? ""
      : `${weekday
          .replace(/\d/g, (digit) => DAYS[Number(digit)]!)
          .replaceAll("-", "..")
          .replace(/\b[a-z]{3}\b/gi, (name) => name[0]!.toUpperCase() + name.slice(1).toLowerCase())} `;
  return `${days}*-${field(month)}-${field(day)} ${field(hour)}:${field(minute)}:${second} ${timeZone}`;
}

const field = (text: string): string =>
  text
    .replace(/^\?$/, "*")
    .replace(/^\*\/(\d+)$/, "0/$1")
    .replaceAll("-", "..")
    .replace(/^\d$/, "0$&");

/** What the machine of the drill is given. */
export interface TimerOptions {
  readonly checkout: string;
  readonly live: string;
  readonly engine: string;
  readonly key: string;
}

/**
 * Units for systemd that run the drill by itself. A timer and not a container of ours: the drill needs an empty engine and a
 * holder's key, and neither belongs within reach of what runs in production; and the machine that is to replace the lost one is the
 * best place to prove that it can.
 */
export const units = (calendar: string, { checkout, live, engine, key }: TimerOptions): Unit[] =>
  timerUnits({
    name: "drill",
    what: "Recovery drill: everything rebuilt from the backups on an empty engine",
    calendar,
    checkout,
    words: ["drill", "--", "--scheduled", "--live", live, "--engine", engine, "--key", key],
    limit: "4h",
  });
