import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Schedule } from "../../../../stacks/services/backup/image/agent/declaration.ts";
import { plan, whenDue } from "../../../../stacks/services/backup/image/agent/plan.ts";
import { Timers } from "../../../../stacks/services/backup/image/agent/timers.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const paris = (cron: string): Schedule => ({ cron, timeZone: "Europe/Paris" });

let stopping: AbortController;
beforeEach(() => {
  stopping = new AbortController();
  vi.useFakeTimers();
});
afterEach(() => {
  stopping.abort();
  vi.useRealTimers();
});

/** Follows a schedule from a moment on: what it did when, and what it said would come next. */
function follow(schedule: Schedule, from: string) {
  vi.setSystemTime(from);
  const runs: string[] = [];
  const next: (string | undefined)[] = [];
  plan(
    schedule,
    new Timers(stopping.signal),
    () => runs.push(new Date().toISOString()),
    (at) => next.push(at),
  );
  return { runs, next };
}

async function runsIn(schedule: Schedule, from: string, hours: number): Promise<string[]> {
  const { runs } = follow(schedule, from);
  await vi.advanceTimersByTimeAsync(hours * HOUR);
  return runs;
}

describe("the night in which the clocks of Paris leave two o'clock out", () => {
  const evening = "2026-03-28T12:00:00Z";

  it.each([
    ["30 2 * * *", ["2026-03-29T01:30:00.000Z", "2026-03-30T00:30:00.000Z"]],
    ["0 2 * * *", ["2026-03-29T01:00:00.000Z", "2026-03-30T00:00:00.000Z"]],
    ["0 3 * * *", ["2026-03-29T01:00:00.000Z", "2026-03-30T01:00:00.000Z"]],
    ["59 1 * * *", ["2026-03-29T00:59:00.000Z", "2026-03-29T23:59:00.000Z"]],
  ])("has one run of %s, an hour later where its own is not there", async (cron, expected) => {
    expect(await runsIn(paris(cron), evening, 40)).toEqual(expected);
  });

  it("has an hourly run in each hour that passes", async () => {
    const runs = await runsIn(paris("15 * * * *"), "2026-03-28T23:00:00Z", 4);
    expect(runs).toEqual(
      [23, 0, 1, 2].map((hour) => expect.stringContaining(`T${String(hour).padStart(2, "0")}:15:00`)),
    );
  });
});

describe("the night in which the clocks of Paris show two o'clock twice", () => {
  it("has one run at half past two, the first time", async () => {
    expect(await runsIn(paris("30 2 * * *"), "2026-10-24T12:00:00Z", 40)).toEqual([
      "2026-10-25T00:30:00.000Z",
      "2026-10-26T01:30:00.000Z",
    ]);
  });

  it("has an hourly run in each hour that passes", async () => {
    expect(await runsIn(paris("15 * * * *"), "2026-10-24T23:00:00Z", 4)).toHaveLength(4);
  });
});

describe("a schedule", () => {
  it("tells its next time at once, and after each run the one after", async () => {
    const { next } = follow(paris("0 3 * * *"), "2026-01-15T12:00:00Z");
    expect(next).toEqual(["2026-01-16T02:00:00.000Z"]);
    await vi.advanceTimersByTimeAsync(14 * HOUR);
    expect(next).toEqual(["2026-01-16T02:00:00.000Z", "2026-01-17T02:00:00.000Z"]);
  });

  it("of a pace longer than a timer can wait, keeps to it", async () => {
    expect(await runsIn({ everySeconds: 30 * 86_400 }, "2026-01-01T00:00:00Z", 61 * 24)).toEqual([
      "2026-01-31T00:00:00.000Z",
      "2026-03-02T00:00:00.000Z",
    ]);
  });

  it("runs once for all that a sleeping computer missed, soon after it wakes", async () => {
    const { runs, next } = follow(paris("0 3 * * *"), "2026-01-15T12:00:00Z");
    vi.setSystemTime("2026-01-19T09:00:00Z");
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(runs).toHaveLength(1);
    expect(next.at(-1)).toBe("2026-01-20T02:00:00.000Z");
  });

  it("does not wait for years where the clock was that far ahead, and is put right", async () => {
    const { runs } = follow(paris("0 3 * * *"), "2031-01-15T12:00:00Z");
    vi.setSystemTime("2026-01-15T12:00:00Z");
    await vi.advanceTimersByTimeAsync(15 * HOUR);
    expect(runs).toEqual(["2026-01-16T02:00:00.000Z"]);
  });

  it("does not run twice where the clock is put back by a second after a run", async () => {
    const { runs } = follow(paris("0 3 * * *"), "2026-01-16T01:59:00Z");
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(runs).toHaveLength(1);
    vi.setSystemTime("2026-01-16T01:59:59Z");
    await vi.advanceTimersByTimeAsync(2 * MINUTE);
    expect(runs).toHaveLength(1);
  });

  it("is over once the timers stop", async () => {
    const { runs } = follow({ everySeconds: 60 }, "2026-01-15T12:00:00Z");
    stopping.abort();
    await vi.advanceTimersByTimeAsync(HOUR);
    expect(runs).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

it("what is looked at now and again is not begun while it is at work, nor in quiet hours, and goes on after a failure", async () => {
  vi.setSystemTime("2026-01-15T12:00:00Z");
  let [begun, due] = [0, true];
  let end = Promise.withResolvers<void>();
  const quiet = { from: "13:00", until: "14:00", timeZone: "UTC" };
  whenDue(
    () => due,
    new Timers(stopping.signal),
    quiet,
    () => {
      begun++;
      return end.promise;
    },
  );
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(begun).toBe(1);
  const first = end;
  end = Promise.withResolvers();
  first.reject(new Error("no"));
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(begun).toBe(2);
  due = false;
  end.resolve();
  await vi.advanceTimersByTimeAsync(HOUR);
  due = true;
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(begun).toBe(2);
  await vi.advanceTimersByTimeAsync(HOUR);
  expect(begun).toBeGreaterThan(2);
});
