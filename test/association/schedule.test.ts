import fc from "fast-check";
import { createTask } from "node-cron";
import { afterEach, describe, expect, it, vi } from "vitest";
import { longestGapSeconds, schedule } from "../../association/index.ts";

// Many declarations are built: slow machines get their time.
vi.setConfig({ testTimeout: 30_000 });

const DAY = 86_400;
const gap = (text: string): number => longestGapSeconds(schedule.parse(text));

afterEach(() => vi.useRealTimers());

describe("a schedule", () => {
  it.each([
    ["30s", { everySeconds: 30 }],
    ["5m", { everySeconds: 300 }],
    ["2w", { everySeconds: 14 * DAY }],
    ["0 3 * * *", { cron: "0 3 * * *" }],
    ["  0   3 * *  * ", { cron: "0 3 * * *" }],
    ["15 0 3 * * *", { cron: "15 0 3 * * *" }],
    ["0 3 29 2 *", { cron: "0 3 29 2 *" }],
    ["0 3 L * *", { cron: "0 3 L * *" }],
  ])("is read from %j", (text, read) => {
    expect(schedule.parse(text)).toEqual(read);
  });

  it.each([
    ...["", "0s", "-5m", "5", "m5", "1.5h", "200y", "9".repeat(400), "tomorrow", "0 3 * *", "* * * * * * *"],
    ...["60 * * * *", "0 24 * * *", "0 3 0 * *", "0 3 32 * *", "0 3 * 13 *", "0 3 31 4 *", "0 3 31 2 *", "0 3 30 2 *"],
    ...["0 3 1 * 1#2", "0 3 8 * 1#1", "*/0 * * * *", "a b c d e", "0 3 * * 8"],
  ])("is not read from %j, which never comes or says nothing", (text) => {
    expect(schedule.safeParse(text).success).toBe(false);
  });
});

describe("the longest gap of a schedule", () => {
  it.each([
    ["90m", 5400],
    ["* * * * * *", 1],
    ["* * * * *", 60],
    ["*/7 * * * *", 420],
    ["0 3 * * *", DAY],
    ["30 2 * * *", DAY],
    ["0 */6 * * *", DAY / 4],
    ["0 8,20 * * *", DAY / 2],
    ["0 8-10 * * *", 22 * 3600],
    ["0 3 * * 1-5", 3 * DAY],
    ["0 3 * * 0", 7 * DAY],
    ["0 3 1 * *", 31 * DAY],
    ["0 3 L * *", 31 * DAY],
    ["0 3 31 * *", 61 * DAY],
    ["0 3 * * 1#1", 35 * DAY],
    ["0 3 1 1 *", 366 * DAY],
    ["0 3 29 2 *", 1461 * DAY],
    ["0 3 29 2 1", 28 * 365.25 * DAY],
  ])("of %j is %i s", (text, seconds) => {
    expect(gap(text)).toBe(seconds);
  });

  it("is the same on any day of the year: a declaration that is good in July is good in October", () => {
    vi.useFakeTimers();
    const on = (date: string) => {
      vi.setSystemTime(new Date(date));
      return ["0 3 * * *", "30 2 * * *", "0 3 1 * *", "0 0 31 * *"].map(gap);
    };
    expect(on("2026-10-24T12:00:00Z")).toEqual(on("2026-07-01T00:00:00Z"));
    expect(on("2026-03-28T12:00:00Z")).toEqual(on("2028-02-29T23:59:59Z"));
  });

  it("is reached by no two runs that the scheduler makes, counted in UTC", () => {
    const field = (least: number, most: number) =>
      fc.oneof(
        fc.constant("*"),
        fc
          .uniqueArray(fc.integer({ min: least, max: most }), { minLength: 1, maxLength: 3 })
          .map((all) => all.join(",")),
        fc.integer({ min: 2, max: 9 }).map((step) => `*/${step}`),
      );
    const cron = fc
      .tuple(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6))
      .map((fields) => fields.join(" "))
      .filter((text) => schedule.safeParse(text).success);
    fc.assert(
      fc.property(cron, (text) => {
        const task = createTask(text, () => {}, { timezone: "UTC" });
        const runs = task.getNextRuns(6).map((run) => run.getTime() / 1000);
        task.destroy();
        for (const [index, run] of runs.slice(1).entries()) expect(run - runs[index]!).toBeLessThanOrEqual(gap(text));
      }),
      { numRuns: 60 },
    );
  });
});
