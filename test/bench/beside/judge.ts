import { EVERY, type Program, TIMEOUT } from "./program.ts";
import type { Target } from "./target.ts";

/** A verdict may come as late as a run and its time-out after the fact, in seconds. */
const LATE = EVERY + TIMEOUT + 4;

const share = (seconds: readonly number[], part: number): number =>
  Number((seconds.toSorted((a, b) => a - b)[Math.floor((seconds.length - 1) * part)] ?? Number.NaN).toFixed(1));

/** Holds what a program saw against what was so. */
export function judge({ seen, without = [] }: Program, targets: readonly Target[], lasted: number) {
  const delays: number[] = [];
  const mended: number[] = [];
  const missed: string[] = [];
  const wrongly: string[] = [];
  const firsts: number[] = [];
  for (const [target, one] of targets.entries()) {
    const { name, broken } = one;
    if (without.includes(one)) {
      missed.push(`${name}: not imported`);
      continue;
    }
    const told = seen.filter((each) => each.target === target);
    firsts.push(told[0]?.at ?? Number.POSITIVE_INFINITY);
    for (const [from, to] of broken) {
      if (to + LATE > lasted) continue;
      const found = told.find(({ at, up }) => !up && at >= from && at < to + LATE);
      if (found === undefined) {
        missed.push(`${name} at ${from}`);
        continue;
      }
      delays.push(found.at - from);
      mended.push((told.find(({ at, up }) => up && at >= to)?.at ?? Number.POSITIVE_INFINITY) - to);
    }
    for (const { at, up } of told)
      if (!up && !broken.some(([from, to]) => at >= from && at < to + LATE))
        wrongly.push(`${name} at ${Math.round(at)}`);
  }
  return {
    found: delays.length,
    "false alarms": wrongly.length,
    "told broken, median, s": share(delays, 0.5),
    "at most, s": share(delays, 1),
    "told well again, median, s": share(mended, 0.5),
    "at most, s ": share(mended, 1),
    "all looked at within, s": share(firsts, 1),
    missed,
    wrongly,
  };
}
