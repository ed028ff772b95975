import { EVERY, type Program, TIMEOUT } from "./program.ts";
import type { Target } from "./target.ts";

/** A verdict may come as late as a run and its time-out after the fact, in seconds. */
const LATE = EVERY + TIMEOUT + 4;

/** Holds what a program saw against what was so. */
export function judge({ seen, without = [] }: Program, targets: readonly Target[], lasted: number) {
  const delays: number[] = [];
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
      if (found === undefined) missed.push(`${name} at ${from}`);
      else delays.push(found.at - from);
    }
    for (const { at, up } of told)
      if (!up && !broken.some(([from, to]) => at >= from && at < to + LATE))
        wrongly.push(`${name} at ${Math.round(at)}`);
  }
  const sorted = delays.sort((a, b) => a - b);
  const share = (part: number) => Number((sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN).toFixed(1));
  return {
    found: delays.length,
    "false alarms": wrongly.length,
    "delay, median, s": share(0.5),
    "delay, at most, s": share(1),
    "every target looked at within, s": Number(Math.max(...firsts).toFixed(1)),
    missed,
    wrongly,
  };
}
