import { DAYS_SHOWN, type DayBar, type DayLevel, dayLevel } from "./view.ts";

/** The drawing of a service's days: one SVG path to be stroked for all days of a level, in a box of `BARS_WIDTH` × `BARS_HEIGHT`. */
export interface Bars {
  readonly paths: readonly { readonly level: DayLevel; readonly d: string }[];
  /** Days about which something is known. */
  readonly known: number;
  /** Days with an outage, the latest first. */
  readonly outages: readonly DayBar[];
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

/** Draws days, oldest first, against the right edge; days before the first are drawn as unknown. */
export function drawBars(days: readonly DayBar[]): Bars {
  const shown = days.slice(-DAYS_SHOWN);
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
    outages: shown.filter(({ down }) => down > 0).reverse(),
  };
}
