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
    expect(after.lastRun).toEqual({ ...down.lastRun!, at: NOON + jump.by });
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

  it("back from years ahead leaves alone what is known from before it was ahead, and moves what was dated by it", () => {
    const year = 365 * 24 * 60 * MINUTE;
    const jump: Jump = { by: -10 * year, now: NOON };
    expect(afterJump(NOON - MINUTE, jump)).toBe(NOON - MINUTE);
    expect(afterJump(NOON + 10 * year - MINUTE, jump)).toBe(NOON - MINUTE);
  });

  it("while nothing ran leaves no check down for years by what is dated in the future", () => {
    const ahead = NOON + 3650 * 24 * 60 * MINUTE;
    const flapped: Standing = {
      ...unknown("wiki/http", ahead),
      status: "down",
      flapping: true,
      falls: [ahead, ahead, ahead],
      consecutiveSuccesses: 1,
    };
    const run = { at: NOON, ok: true, seconds: 1, measures: {} };
    const after = advance(flapped, run, { failAfter: 1, recoverAfter: 1 });
    expect(after).toMatchObject({ status: "up", since: NOON });
    expect(after.falls).toBeUndefined();
  });

  it("is told apart from one that is slowly put right", () => {
    let jumps = 0;
    const time = { wall: NOON, steady: 0 };
    const clock = new WallClock(
      ({ by }) => {
        jumps++;
        // Files take whole milliseconds only.
        expect(Number.isInteger(by)).toBe(true);
      },
      () => time.wall,
      () => time.steady,
    );
    time.wall += 60_500;
    time.steady += 60_000;
    expect(clock.now()).toBe(NOON + 60_500);
    expect(jumps).toBe(0);
    time.wall += 63_000;
    time.steady += 60_000.25;
    clock.now();
    expect(jumps).toBe(1);
  });
});
