import { DAYS_SHOWN, type DayBar, type DayLevel, dayLevel } from "./view.ts";

/** The drawing of a service's days: one SVG path to be stroked for all days of a level, in a box of `BARS_WIDTH` × `BARS_HEIGHT`. */
export interface Bars {
  readonly paths: readonly { readonly level: DayLevel; readonly d: string }[];
  /** Days about which something is known. */
  readonly known: number;
  /** Days with an outage, the latest first. */
  readonly outages: readonly Pick<DayBar, "day" | "down">[];
}

const STEP = 5;
export const BARS_WIDTH = DAYS_SHOWN * STEP;
export const BARS_HEIGHT = 32;

/** Where the top of a bar is, by level: height says as much as colour. */
const TOPS: Record<DayLevel, number> = { good: 0, short: 11, long: 20, none: 29 };

/** Every bar there can be, made once: a thousand services have ninety thousand. */
const BARS = Object.fromEntries(
  Object.entries(TOPS).map(([level, top]) => [
    level,
    Array.from({ length: DAYS_SHOWN }, (_, index) => `M${(index + 0.5) * STEP} ${top}V${BARS_HEIGHT}`),
  ]),
) as Record<DayLevel, string[]>;

/** What the bars of some days were drawn from: seconds down; `GOOD` and `NONE` for days without an outage. */
interface Drawn {
  readonly bars: Bars;
  readonly seen: Float64Array;
}
const GOOD = 0;
const NONE = -1;
const seenOf = ({ down, total }: DayBar): number => (down > 0 ? down : total > 0 ? GOOD : NONE);

const drawn = new WeakMap<readonly DayBar[], Drawn>();

/**
 * Draws days, oldest first, against the right edge; days before the first are drawn as unknown. Days go on being counted in their own
 * objects: as long as what is drawn of them stays the same, so does the answer.
 */
export function drawBars(days: readonly DayBar[]): Bars {
  const known = drawn.get(days);
  if (known !== undefined && isStill(days, known)) return known.bars;
  const shown = days.slice(-DAYS_SHOWN);
  const bars = draw(shown);
  drawn.set(days, { bars, seen: Float64Array.from(shown, seenOf) });
  return bars;
}

function isStill(days: readonly DayBar[], { bars: { outages }, seen }: Drawn): boolean {
  const first = Math.max(0, days.length - DAYS_SHOWN);
  if (days.length - first !== seen.length) return false;
  let outage = outages.length;
  for (let at = 0; at < seen.length; at++) {
    const day = days[first + at]!;
    if (seenOf(day) !== seen[at]) return false;
    if (day.down > 0 && outages[--outage]!.day !== day.day) return false;
  }
  return true;
}

function draw(shown: readonly DayBar[]): Bars {
  const missing = DAYS_SHOWN - shown.length;
  const paths = new Map<DayLevel, string>();
  let known = 0;
  for (let index = 0; index < DAYS_SHOWN; index++) {
    const day = shown[index - missing];
    const level = day ? dayLevel(day) : "none";
    if (level !== "none") known++;
    paths.set(level, (paths.get(level) ?? "") + BARS[level][index]);
  }
  return {
    paths: [...paths].map(([level, d]) => ({ level, d })),
    known,
    outages: shown.flatMap(({ day, down }) => (down > 0 ? { day, down } : [])).reverse(),
  };
}
