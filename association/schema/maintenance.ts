import { z } from "zod";
import { schedule } from "./schedule.ts";
import { duration, localText, ref, timeZone } from "./values.ts";

const MOMENT = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(Z|[+-]\d\d:\d\d)?$/;

/** True for a moment whose day and hour exist: JavaScript itself would read 30 February as 2 March. */
function exists(text: string): boolean {
  const [, day, minute, second = ":00"] = MOMENT.exec(text) ?? [];
  if (day === undefined) return false;
  const read = new Date(`${day}T${minute}${second}Z`);
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(`${day}T${minute}${second}`);
}

/** A moment on the wall clock of the window's time zone, or anywhere when it ends with `Z` or an offset (RFC 3339). */
export const moment = z
  .string()
  .refine(exists, "a moment such as 2027-01-31T20:00, on local clocks, or 2027-01-31T19:00Z");

const once = z.strictObject({
  /** When work begins. */
  from: moment,
  /** When it is over at the latest. */
  until: moment,
});

const again = z.strictObject({
  /** When work begins, as a cron expression: `0 6 * * 0#1` is six o'clock on the first Sunday of the month. */
  every: schedule.refine(
    (when) => "cron" in when,
    "a cron expression such as 0 6 * * 0#1: a pace does not say at what time",
  ),
  /** How long it takes at most. */
  lasting: duration,
});

/** Work announced on services: it shows as such and not as a failure, and nobody is called meanwhile. */
export const maintenance = z.strictObject({
  /** The services that may not answer. */
  services: z.array(ref("service")).default([]),
  /** Hosts whose services may not answer, all of them. */
  hosts: z.array(ref("host")).default([]),
  /** What is done, in a few words: members read it. */
  title: localText,
  /** What it means for members, where it needs saying. */
  text: localText.optional(),
  /** When: once, or again and again. */
  when: z.union([once, again], "`{ from, until }`, or `{ every, lasting }`"),
  /** The IANA time zone of these times; the association's when left out. */
  timeZone: timeZone.optional(),
});

export type Maintenance = z.output<typeof maintenance>;
