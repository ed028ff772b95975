import { nextRun, type Schedule } from "../../association/index.ts";

/** When a check is run. Times are in milliseconds of the monotonic clock (`performance.now()`), which never jumps. */
export interface Pace {
  /** When to look at it first. */
  first(now: number): number;
  /**
   * Whether it is to be run now that it was looked at, out of turn maybe, and when to look at it next.
   * @param unsettled whether it was never found good since the start
   */
  after(due: number, now: number, unsettled?: boolean): { run: boolean; outOfTurn?: boolean; next: number };
}

/** A number between 0 and 1 that is always the same for a text, evenly spread over texts (FNV-1a, then mixed). */
export function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** Shortest time over which the first runs are spread, and how much each check adds to it, in milliseconds. */
const WARM_UP = 5000;
const WARM_UP_PER_CHECK = 5;

/**
 * Places are multiples of this, in milliseconds: connections that are opened together cost a third less than one by one,
 * for the process wakes up once for all of them.
 */
const STEP = 200;

/**
 * What is not found good yet is looked at this often for so long after the start, in milliseconds: after an `up` or in a drill, services
 * start together with the lookout, and a check with a long interval would call the last one down until its next turn.
 */
const SETTLING = { every: 60_000, during: 15 * 60_000 };

const onStep = (ms: number): number => Math.floor(ms / STEP) * STEP;

/**
 * Every check is run once soon after the start, and at its own place in its interval from then on, `k × interval + place`,
 * so that nothing drifts and no two hundred checks start at once. Runs are never closer than a quarter of an interval:
 * where one was late, the next slot may be left out.
 */
export function steadyPace(id: string, everySeconds: number, checks: number, startedAt: number): Pace {
  const interval = everySeconds * 1000;
  const place = spread(id);
  const grid = startedAt + onStep(place * interval);
  let slot = startedAt;
  return {
    first: () => startedAt + onStep(place * Math.min(interval, WARM_UP + checks * WARM_UP_PER_CHECK)),
    after: (due, now, unsettled = false) => {
      const turn = due >= slot;
      if (turn) slot = grid + Math.ceil((Math.max(due, now) + interval / 4 - grid) / interval) * interval;
      const settling = unsettled && now < startedAt + SETTLING.during;
      return { run: turn || settling, outOfTurn: !turn, next: settling ? Math.min(slot, now + SETTLING.every) : slot };
    },
  };
}

/** How long a cron expression is slept on at most: the wall clock may be put right meanwhile. */
const LONGEST_NAP = 30_000;

/** Follows a cron expression in a time zone, by the wall clock: summer time and corrected clocks included. */
export function cronPace(cron: string, timeZone: string): Pace {
  const following = (): number => nextRun(cron, timeZone, Date.now()) ?? Number.POSITIVE_INFINITY;
  let at = following();
  const nap = (now: number): number => now + Math.max(0, Math.min(at - Date.now(), LONGEST_NAP));
  return {
    first: nap,
    after: (_, now) => {
      const run = Date.now() >= at;
      at = following();
      return { run, next: nap(now) };
    },
  };
}

export const paceOf = (id: string, schedule: Schedule, checks: number, startedAt: number, timeZone: string): Pace =>
  "cron" in schedule ? cronPace(schedule.cron, timeZone) : steadyPace(id, schedule.everySeconds, checks, startedAt);
