const DAY_MS = 86_400_000;
/** Registrations are sold for ten years at most; what is farther away is a mistake, or means that the registry does not say. */
const MOST_AHEAD_MS = 20 * 366 * DAY_MS;
/** No domain is older. */
const FIRST = Date.UTC(1985, 0, 1);

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** Dates as registries write them: there is no standard. The time of day may follow. */
const FORMS: readonly RegExp[] = [
  /^(?<year>\d{4})[-./] ?(?<month>\d{1,2})[-./] ?(?<day>\d{1,2})(?!\d)/,
  /^(?<year>\d{4})(?<month>\d{2})(?<day>\d{2})(?!\d)/,
  /^(?<day>\d{1,2})[-./](?<month>\d{1,2})[-./](?<year>\d{4})(?!\d)/,
  /^(?<day>\d{1,2})[- ](?<month>[a-z]{3,9})\.?,?[- ](?<year>\d{4})(?!\d)/i,
  /^(?:[a-z]{3,9},? )?(?<month>[a-z]{3,9}) {1,2}(?<day>\d{1,2}),?(?: [\d:]{5,8})?(?: [a-z]{3,4})? (?<year>\d{4})(?!\d)/i,
];

/** RFC 3339 with what registries leave out of it. */
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?$/i;

/** When a registration ends, in milliseconds since the epoch; undefined where the text is no date that one can end at. */
export function expiryIn(text: string, now = Date.now()): number | undefined {
  for (const form of FORMS) {
    const { year, month = "", day } = form.exec(text)?.groups ?? {};
    if (year === undefined) continue;
    const at = dayAt(Number(year), monthIn(month), Number(day));
    if (at === undefined || at < FIRST || at > now + MOST_AHEAD_MS) return undefined;
    const moment = TIMESTAMP.test(text) ? Date.parse(/[zZ]$|[+-]\d{2}:?\d{2}$/.test(text) ? text : `${text}Z`) : at;
    return Number.isNaN(moment) ? at : moment;
  }
  return undefined;
}

const monthIn = (text: string): number => Number(text) || MONTHS.indexOf(text.slice(0, 3).toLowerCase()) + 1;

/** The beginning of that day; undefined where there is none, such as the 31st of February. */
function dayAt(year: number, month: number, day: number): number | undefined {
  const at = new Date(Date.UTC(year, month - 1, day));
  return at.getUTCFullYear() === year && at.getUTCMonth() === month - 1 && at.getUTCDate() === day
    ? at.getTime()
    : undefined;
}
