import { describe, expect, it } from "vitest";
import { afterJump, type Jump, WallClock } from "../../../monitors/engine/clock.ts";
import { advance, type Standing, standingAfterJump, unknown } from "../../../monitors/engine/standing.ts";
import { Days } from "../../../monitors/history/days.ts";

const MINUTE = 60_000;
const NOON = Date.UTC(2027, 0, 15, 11);

function clocks() {
  const time = { wall: NOON, steady: 0 };
  const days = new Days("Europe/Paris");
  const clock = new WallClock(
    ({ by }) => days.jumped(by),
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
  it("back a day does not keep down for a day what flapped and is good again", () => {
    let at = NOON;
    let standing: Standing = unknown("wiki/http", at);
    const run = (ok: boolean) => {
      at += MINUTE;
      standing = advance(standing, { at, ok, seconds: 1, measures: {} }, { failAfter: 1, recoverAfter: 1 });
    };
    for (let time = 0; time < 3; time++) for (const ok of [true, false]) run(ok);
    expect(standing).toMatchObject({ status: "down", flapping: true });
    const day = 24 * 60 * MINUTE;
    at -= day;
    standing = standingAfterJump(standing, { by: -day, now: at });
    for (let minute = 0; minute < 12; minute++) run(true);
    expect(standing.status).toBe("up");
    expect(at - standing.since).toBe(11 * MINUTE);
  });

  it("ahead makes nothing flap less, nor has anything been down for longer", () => {
    const down = advance(
      unknown("wiki/http", NOON),
      { at: NOON, ok: false, seconds: 1, measures: {} },
      { failAfter: 1, recoverAfter: 1 },
    );
    const jump = { by: 3 * 3_600_000, now: NOON + MINUTE + 3 * 3_600_000 };
    const after = standingAfterJump(down, jump);
    expect(jump.now - after.since).toBe(MINUTE);
    expect(after.falls).toEqual(down.falls!.map((at) => at + jump.by));
    expect(after.lastRun).toEqual(down.lastRun);
  });

  it("ahead to where it should be leaves alone what is known from before it was wrong", () => {
    // A machine without a clock of its own starts in the past, and is put right.
    const jump: Jump = { by: 300 * 86_400_000, now: NOON };
    expect(afterJump(NOON - 3_600_000, jump)).toBe(NOON - 3_600_000);
    expect(afterJump(NOON - jump.by, jump)).toBe(NOON);
  });

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

  it("by more than a day is not trusted with throwing away what is old, until a day later", () => {
    const { time, clock, pass } = clocks();
    const day = 24 * 60 * MINUTE;
    expect(clock.trusted).toBe(true);
    time.wall += 23 * 60 * MINUTE;
    expect(clock.trusted).toBe(true);
    time.wall += 365 * day;
    expect(clock.trusted).toBe(false);
    pass(day / 2);
    // It is put right: that is a jump too.
    time.wall -= 365 * day;
    expect(clock.trusted).toBe(false);
    pass(day - 1);
    expect(clock.trusted).toBe(false);
    pass(1);
    expect(clock.trusted).toBe(true);
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
