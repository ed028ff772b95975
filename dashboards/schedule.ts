import type { Words } from "./words/index.ts";

/** What volunteers read in place of the crontabs that most declarations have; others stay as they were written. */
export function cronWords(cron: string, w: Pick<Words, "site">): string {
  const { daily, hourly } = w.site.service;
  const [, minute, hour] = /^(\d{1,2}) (\d{1,2}|\*\/\d{1,2}) \* \* \*$/.exec(cron) ?? [];
  if (minute === undefined || hour === undefined) return cron;
  return hour.startsWith("*/")
    ? hourly(Number(hour.slice(2)), minute.padStart(2, "0"))
    : daily(`${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`);
}
