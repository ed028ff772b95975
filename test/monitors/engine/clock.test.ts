import { describe, expect, it } from "vitest";
import { WallClock } from "../../../monitors/engine/clock.ts";
import { Days } from "../../../monitors/history/days.ts";

const MINUTE = 60_000;
const NOON = Date.UTC(2027, 0, 15, 11);

function clocks() {
  const time = { wall: NOON, steady: 0 };
  const days = new Days("Europe/Paris");
  const clock = new WallClock(
    (by) => days.jumped(by),
    () => time.wall,
    () => time.steady,
  );
  const pass = (ms: number) => {
    time.wall += ms;
    time.steady += ms;
  };
  return { time, days, clock, pass };
}

describe("a clock that jumps", () => {
  it.each([
    ["ahead, or a machine that slept", 3 * 3_600_000],
    ["back", -20 * MINUTE],
  ])("%s adds nothing to the time that a service was down", (_, by) => {
    const { time, days, clock, pass } = clocks();
    days.setDown("wiki", clock.now(), clock.now());
    pass(MINUTE);
    days.settle(clock.now());
    time.wall += by;
    days.settle(clock.now());
    pass(MINUTE);
    days.settle(clock.now());
    expect(days.bars.wiki!.reduce((sum, { down }) => sum + down, 0)).toBe(120);
  });

  it("over announced work adds nothing to the time that was worked", () => {
    const { time, days, clock, pass } = clocks();
    const work = {
      services: ["wiki"],
      overlap: (_: string, from: number, to: number) =>
        Math.max(0, Math.min(to, NOON + 60 * MINUTE) - Math.max(from, NOON + MINUTE)),
    };
    days.follow(work, clock.now());
    pass(2 * MINUTE);
    days.settle(clock.now());
    // The whole of what is left of the work is jumped over.
    time.wall += 120 * MINUTE;
    days.settle(clock.now());
    pass(MINUTE);
    days.settle(clock.now());
    expect(days.bars.wiki).toMatchObject([{ down: 0, maintenance: 60 }]);
  });

  it("is told apart from one that is slowly put right", () => {
    let jumps = 0;
    const time = { wall: NOON, steady: 0 };
    const clock = new WallClock(
      () => jumps++,
      () => time.wall,
      () => time.steady,
    );
    time.wall += 60_500;
    time.steady += 60_000;
    expect(clock.now()).toBe(NOON + 60_500);
    expect(jumps).toBe(0);
    time.wall += 63_000;
    time.steady += 60_000;
    clock.now();
    expect(jumps).toBe(1);
  });
});
