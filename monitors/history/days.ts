import { DAYS_SHOWN, type DayBar } from "../../dashboards/view.ts";

/** A bar that is still being added to; `down` is in seconds, as pages show it. */
type LiveBar = { -readonly [Key in keyof DayBar]: DayBar[Key] };

/** `2027-01-31` as 20270131. */
export const dayNumber = (day: string): number => Number(day.replaceAll("-", ""));
export const dayText = (day: number): string => String(day).replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3");

export interface Calendar {
  dayOf(ms: number): string;
  /** The first moment of the day. */
  startOf(ms: number): number;
  /** The first moment of the next day. */
  endOf(ms: number): number;
}

/** Tells days of a time zone apart. Days have 23 to 25 hours where clocks are changed. */
export function calendar(timeZone: string): Calendar {
  const format = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  let known = { day: "", start: 0, end: 0 };
  const at = (ms: number) => {
    if (ms < known.start || ms >= known.end) {
      const day = format.format(ms);
      known = { day, start: edge(format, ms, day, -1), end: edge(format, ms, day, 1) };
    }
    return known;
  };
  return { dayOf: (ms) => at(ms).day, startOf: (ms) => at(ms).start, endOf: (ms) => at(ms).end };
}

const HOUR = 3_600_000;

/** The first moment of the day that `ms` is in (`step` −1), or of the next day (`step` 1), found by bisection to the second. */
function edge(format: Intl.DateTimeFormat, ms: number, day: string, step: 1 | -1): number {
  let inside = Math.floor(ms / 1000) * 1000;
  let outside = inside;
  while (format.format(outside) === day) outside += step * 6 * HOUR;
  while (Math.abs(outside - inside) > 1000) {
    const middle = Math.round((inside + outside) / 2000) * 1000;
    if (format.format(middle) === day) inside = middle;
    else outside = middle;
  }
  return step === 1 ? outside : inside;
}

/** When work is announced: as `MaintenanceCalendar` tells it. */
export interface AnnouncedWork {
  readonly services: readonly string[];
  /** Milliseconds of a time that are announced work. */
  overlap(service: string, from: number, to: number): number;
}

/** The names of the last `DAYS_SHOWN` days, oldest first. */
const lastDays = (today: string): string[] =>
  Array.from({ length: DAYS_SHOWN }, (_, index) =>
    new Date(Date.parse(today) - (DAYS_SHOWN - 1 - index) * 24 * HOUR).toISOString().slice(0, 10),
  );

/**
 * What happened to each service on each day: counted as runs finish, so that no page ever has to read the raw results.
 * The bars are live: pages are given the very same objects.
 */
export class Days {
  readonly bars: Record<string, LiveBar[]> = {};
  readonly #calendar: Calendar;
  /** Days that have changed, by service: asked for with each run, which puts no key together for that. */
  readonly #dirty = new Map<string, Set<string>>();
  /** Up to when the time that a service is down has been counted, by service; only those that are down. */
  readonly #downUntil = new Map<string, number>();
  /** What is shown, of which day, and of which services there is another day since. */
  #shown = { today: "", bars: {} as Record<string, readonly DayBar[]> };
  readonly #changed = new Set<string>();
  #work: AnnouncedWork | undefined;
  #workUntil: number | undefined;

  constructor(timeZone: string) {
    this.#calendar = calendar(timeZone);
  }

  /** Says when work is announced, from `now` on: that time is no downtime, and is counted by itself. */
  follow(work: AnnouncedWork, now: number): void {
    this.settle(now);
    this.#work = work;
    this.#workUntil = now;
  }

  /**
   * The last days by the calendar, from the first that anything is known of to today: one that nothing was seen on has its own bar, and one that
   * a clock that was ahead has dated has none.
   */
  shown(now: number): Readonly<Record<string, readonly DayBar[]>> {
    const today = this.#calendar.dayOf(now);
    const isNewDay = this.#shown.today !== today;
    if (isNewDay) this.#shown = { today, bars: {} };
    const { bars } = this.#shown;
    const days = isNewDay || this.#changed.size > 0 ? lastDays(today) : [];
    // After midnight one service after the other has another day: only its own bars are put together anew.
    for (const service of isNewDay ? Object.keys(this.bars) : this.#changed) {
      const byDay = new Map(this.bars[service]!.map((bar) => [bar.day, bar]));
      const first = days.findIndex((day) => byDay.has(day));
      const within = first < 0 ? [] : days.slice(first);
      bars[service] = within.map((day): DayBar => byDay.get(day) ?? { day, good: 0, total: 0, down: 0 });
    }
    this.#changed.clear();
    return bars;
  }

  /** Adds days known from before, oldest first, to what has been counted since. */
  restore(service: string, bars: readonly DayBar[]): void {
    const counted = this.bars[service] ?? [];
    const byDay = new Map(bars.map((bar): [string, LiveBar] => [bar.day, { ...bar }]));
    for (const { day, good, total, down, maintenance = 0 } of counted) {
      const known = byDay.get(day) ?? { day, good: 0, total: 0, down: 0 };
      const worked = (known.maintenance ?? 0) + maintenance;
      byDay.set(day, {
        day,
        good: known.good + good,
        total: known.total + total,
        down: known.down + down,
        ...(worked > 0 ? { maintenance: worked } : {}),
      });
    }
    this.#changed.add(service);
    this.bars[service] = [...byDay.values()].sort((a, b) => (a.day < b.day ? -1 : 1)).slice(-DAYS_SHOWN);
  }

  count(service: string, at: number, ok: boolean): void {
    const bar = this.#bar(service, at);
    bar.total++;
    if (ok) bar.good++;
  }

  /** Says since when a service is down; undefined when it is not. */
  setDown(service: string, since: number | undefined, now: number): void {
    const counted = this.#downUntil.get(service);
    if (since === undefined) {
      if (counted === undefined) return;
      this.#accrue(service, counted, now);
      this.#downUntil.delete(service);
    } else if (counted === undefined) {
      this.#downUntil.set(service, since);
      this.#accrue(service, since, now);
    }
  }

  /** Counts the time that services have been down, or worked on, up to now. */
  settle(now: number): void {
    for (const [service, counted] of this.#downUntil) this.#accrue(service, counted, now);
    const from = this.#workUntil ?? now;
    if (this.#work === undefined || now <= from) return;
    for (const service of this.#work.services) {
      if (this.#work.overlap(service, from, now) === 0) continue;
      for (const { at, until } of this.#byDay(from, now)) {
        const bar = this.#bar(service, at);
        bar.maintenance = (bar.maintenance ?? 0) + this.#work.overlap(service, at, until) / 1000;
      }
    }
    this.#workUntil = now;
  }

  /** The clock has jumped by so many milliseconds: that time did not pass, so nothing was down in it. */
  jumped(by: number): void {
    for (const [service, counted] of this.#downUntil) this.#downUntil.set(service, counted + by);
    if (this.#workUntil !== undefined) this.#workUntil += by;
  }

  /** What has changed since last asked. */
  takeDirty(): { service: string; bar: DayBar }[] {
    const taken = [...this.#dirty].flatMap(([service, days]) =>
      [...days].flatMap((day) => {
        const bar = this.bars[service]?.findLast((one) => one.day === day);
        return bar ? [{ service, bar }] : [];
      }),
    );
    this.#dirty.clear();
    return taken;
  }

  /** Everything is to be written again: into a new file. */
  markAll(): void {
    for (const [service, bars] of Object.entries(this.bars)) for (const { day } of bars) this.#mark(service, day);
  }

  #accrue(service: string, from: number, to: number): void {
    for (const { at, until } of this.#byDay(from, to))
      this.#bar(service, at).down += (until - at - (this.#work?.overlap(service, at, until) ?? 0)) / 1000;
    this.#downUntil.set(service, Math.max(from, to));
  }

  /** A time in pieces, each within one day. */
  *#byDay(from: number, to: number): Generator<{ at: number; until: number }> {
    let at = from;
    while (at < to) {
      const until = Math.min(to, this.#calendar.endOf(at));
      yield { at, until };
      at = until;
    }
  }

  #mark(service: string, day: string): void {
    const days = this.#dirty.get(service);
    if (days === undefined) this.#dirty.set(service, new Set([day]));
    else days.add(day);
  }

  #bar(service: string, at: number): LiveBar {
    const day = this.#calendar.dayOf(at);
    this.#mark(service, day);
    this.bars[service] ??= [];
    const bars = this.bars[service];
    const known = bars.findLast((bar) => bar.day === day);
    if (known) return known;
    const bar: LiveBar = { day, good: 0, total: 0, down: 0 };
    this.#changed.add(service);
    // Nearly always the last; time that was spent down before midnight may come after.
    const place = bars.findLastIndex((one) => one.day < day) + 1;
    bars.splice(place, 0, bar);
    if (bars.length > DAYS_SHOWN) bars.shift();
    return bar;
  }
}
