import { type Lang, words } from "./words/index.ts";

/** Dates, lengths of time and amounts as a language writes them, in a time zone. Times are milliseconds since the epoch. */
export interface Format {
  /** `12 mars à 14:05`; the year is added when it is not this one. */
  dateTime(at: number, now: number): string;
  /** `14:05` on the same day, `12 mars à 14:05` otherwise. */
  moment(at: number, now: number): string;
  /** `14:05`. */
  time(at: number): string;
  /** `2027-03-12`: the day that a moment is in. */
  dayOf(at: number): string;
  /** `1 180 €`, `4,20 €`. */
  money(euros: number): string;
  /** `jeudi 12 mars`, for a day written `YYYY-MM-DD`. */
  day(day: string): string;
  /** `12 mars 2027`, for a day written `YYYY-MM-DD` or a time. */
  date(at: number | string): string;
  /** `il y a 5 minutes`, `dans 2 jours`; `maintenant` within a second. */
  ago(at: number, now: number): string;
  /** `2 h 10 min`: the two largest units of a length of time, in seconds; whole years as such. */
  length(seconds: number): string;
  /** `0,12 s`, `340 ms`: how long a check took, in seconds. */
  fine(seconds: number): string;
  /** `99,98 %`, rounded down: a single miss never reads as 100 %. */
  percent(share: number): string;
  /** `1,4 Go`. */
  bytes(bytes: number): string;
  /** `12 340`. */
  number(value: number): string;
  /** `a, b et c`. */
  list(names: readonly string[]): string;
  /** Puts names in the order of the language's alphabet. */
  compare(a: string, b: string): number;
}

const made = new Map<string, Format>();

/** The formats of a language and time zone; Intl's objects are costly to make, so each pair is made once. */
export function formats(lang: Lang, timeZone: string): Format {
  const key = `${lang} ${timeZone}`;
  const known = made.get(key);
  if (known) return known;
  const format = make(words[lang].locale, timeZone);
  made.set(key, format);
  return format;
}

function make(locale: string, timeZone: string): Format {
  const date = (options: Intl.DateTimeFormatOptions, zone = timeZone) =>
    new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
  const clock = { hour: "2-digit", minute: "2-digit" } as const;
  const time = date(clock);
  const thisYear = date({ day: "numeric", month: "long", ...clock });
  const otherYear = date({ day: "numeric", month: "long", year: "numeric", ...clock });
  // A day has no time zone any more: UTC keeps it from slipping to the day before.
  const weekday = date({ weekday: "long", day: "numeric", month: "long" }, "UTC");
  const fullDay = date({ day: "numeric", month: "long", year: "numeric" }, "UTC");
  const fullDate = date({ day: "numeric", month: "long", year: "numeric" });
  const sortable = new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "always" });
  const now = new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(0, "second");
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 2 });
  const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
  const euros = (digits: number) =>
    new Intl.NumberFormat(locale, {
      style: "currency",
      currency: "EUR",
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  const [round, cents] = [euros(0), euros(2)];
  const list = new Intl.ListFormat(locale, { type: "conjunction" });
  const collator = new Intl.Collator(locale, { numeric: true, sensitivity: "base" });
  const years = new Intl.NumberFormat(locale, { style: "unit", unit: "year", unitDisplay: "long" });
  const units = Object.fromEntries(
    UNITS.map(([unit]) => [unit, new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" })]),
  );
  const fineUnits = {
    millisecond: unitOf(locale, "millisecond", 0),
    second: unitOf(locale, "second", 2),
  };
  const sizes = SIZES.map((unit) => unitOf(locale, unit, 1));
  const dayOf = byMinute(sortable);
  const [clockTime, ofThisYear, ofOtherYear] = [byMinute(time), byMinute(thisYear), byMinute(otherYear)];
  const hundredths = remembered((share: number) => percent.format(share / 10_000));
  const passed = remembered((passed: string) => {
    const [amount, unit] = passed.split(" ") as [string, Unit];
    return Number(amount) === 0 ? now : relative.format(Number(amount), unit);
  });

  const format: Format = {
    dateTime: (at, now) => (dayOf(at).slice(0, 4) === dayOf(now).slice(0, 4) ? ofThisYear : ofOtherYear)(at),
    moment: (at, now) => (dayOf(at) === dayOf(now) ? clockTime(at) : format.dateTime(at, now)),
    time: clockTime,
    dayOf,
    money: (amount) => (Number.isInteger(amount) ? round : cents).format(amount),
    day: remembered((day) => weekday.format(new Date(`${day}T00:00:00Z`))),
    date: (at) => (typeof at === "string" ? fullDay.format(new Date(`${at}T00:00:00Z`)) : fullDate.format(at)),
    ago: (at, now) => {
      const seconds = (at - now) / 1000;
      const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS.at(-1)!;
      return passed(`${Math.trunc(seconds / size)} ${unit}`);
    },
    length: remembered((seconds) => {
      if (seconds >= YEAR && seconds % YEAR === 0) return years.format(seconds / YEAR);
      const first = UNITS.findIndex(([, size]) => seconds >= size);
      if (first === -1) return units.second!.format(Math.max(0, Math.round(seconds)));
      const [unit, size] = UNITS[first]!;
      const next = UNITS[first + 1];
      const whole = Math.floor(seconds / size);
      const rest = next ? Math.floor((seconds - whole * size) / next[1]) : 0;
      return next && rest > 0 && unit !== "minute"
        ? `${units[unit]!.format(whole)} ${units[next[0]]!.format(rest)}`
        : units[unit]!.format(whole);
    }),
    fine: (seconds) => (seconds < 1 ? fineUnits.millisecond.format(seconds * 1000) : fineUnits.second.format(seconds)),
    percent: (share) => hundredths(Math.floor(share * 10_000)),
    bytes: (bytes) => {
      const step = bytes < 1 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log10(bytes) / 3));
      return sizes[step]!.format(bytes / 1000 ** step);
    },
    number: (value) => plain.format(value),
    list: (names) => list.format(names),
    compare: collator.compare,
  };
  return format;
}

const REMEMBERED = 1000;

/** A function that keeps its last answers: Intl is slow, and a page asks for the same ninety days for every service. */
function remembered<Key>(make: (key: Key) => string): (key: Key) => string {
  const known = new Map<Key, string>();
  return (key) => {
    let text = known.get(key);
    if (text === undefined) {
      if (known.size >= REMEMBERED) known.clear();
      text = make(key);
      known.set(key, text);
    }
    return text;
  };
}

/** What is written to the minute, and is the same for all times in it: time zones have been whole minutes apart since 1972. */
function byMinute(format: Intl.DateTimeFormat): (at: number) => string {
  const ofMinute = remembered((minute: number) => format.format(minute * 60_000));
  return (at) => ofMinute(Math.floor(at / 60_000));
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
] as const;

/** As durations are declared: how long data is kept is said in years, and no outage lasts exactly one. */
const YEAR = 365 * 86_400;

type Unit = (typeof UNITS)[number][0];

const SIZES = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

const unitOf = (locale: string, unit: string, digits: number): Intl.NumberFormat =>
  new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: digits });
