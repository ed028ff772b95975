import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { advance, type Standing, unknown } from "../../../monitors/engine/standing.ts";
import { History } from "../../../monitors/history/history.ts";
import { Sketch } from "../../../monitors/history/sketch.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Midnight in Paris before the night on which clocks are put forward. */
const START = Date.UTC(2027, 2, 26, 23);

const open: History[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

function history(folder = mkdtempSync(join(tmpdir(), "vigie-rollup-"))) {
  const made = new History({
    folder,
    timeZone: "Europe/Paris",
    retention: { rawDays: 1000, fiveMinuteDays: 1000, hourDays: 1000, dayDays: 1000, maxBytes: 1e9 },
    onEvent: () => {},
  });
  open.push(made);
  return { made, folder };
}

/** A run a minute, or at another pace; every tenth fails; times go up and down. */
function watch(made: History, from: number, to: number, step = MINUTE): number[] {
  const check = "wiki/http";
  let standing: Standing = made.standings.get(check) ?? unknown(check, from);
  const times: number[] = [];
  for (let at = from; at < to; at += step) {
    const minute = Math.round((at - START) / step);
    const ok = minute % 10 !== 3;
    const seconds = 0.02 + (minute % 60) / 1000;
    if (ok) times.push(Math.round(seconds * 1e6));
    const run = { at, ok, seconds, measures: {}, ...(ok ? {} : { reason: "timeout" }) };
    standing = advance(standing, run, { failAfter: 2, recoverAfter: 1 });
    made.record({ check, run }, standing);
  }
  made.flush();
  return times;
}

const rows = (folder: string) => {
  const db = new DatabaseSync(join(folder, "history.sqlite"), { readOnly: true });
  const all = db.prepare("SELECT size, at, good, total, latency FROM rollup ORDER BY size, at").all() as unknown as {
    size: number;
    at: number;
    good: number;
    total: number;
    latency: Uint8Array;
  }[];
  db.close();
  return all;
};

describe("rolled-up results", () => {
  it("add up to what was recorded, at every size", async () => {
    const { made, folder } = history();
    const times = watch(made, START, START + 3 * DAY);
    await made.rollUp(START + 3 * DAY + HOUR);
    const exact = new Sketch();
    for (const time of times) exact.add(time);
    for (const size of [0, 1, 2]) {
      const own = rows(folder).filter((row) => row.size === size);
      const sum = new Sketch();
      for (const { latency } of own) sum.mergeEncoded(latency);
      // Three days in Paris, of which one lacks an hour, end before three times 24 hours have passed.
      const until = size === 2 ? START + 2 * DAY - HOUR + DAY : START + 3 * DAY;
      const counted = own.filter(({ at }) => at < until);
      expect(counted.reduce((total, row) => total + row.good, 0)).toBe(
        counted.reduce((total, row) => total + row.total, 0) * 0.9,
      );
      if (size < 2) expect(sum.encode()).toEqual(exact.encode());
    }
  });

  it("have days of the association's time zone, one of 23 hours", async () => {
    const { made, folder } = history();
    watch(made, START, START + 3 * DAY);
    await made.rollUp(START + 3 * DAY + HOUR);
    const days = rows(folder).filter(({ size }) => size === 2);
    expect(days.map(({ at, total }) => [new Date(at).toISOString(), total])).toEqual([
      ["2027-03-26T23:00:00.000Z", 1440],
      ["2027-03-27T23:00:00.000Z", 1380],
      ["2027-03-28T22:00:00.000Z", 1440],
    ]);
  });

  it("are the same whether made at once or bit by bit, with restarts in between and some of it done twice", async () => {
    const one = history();
    watch(one.made, START, START + DAY);
    await one.made.rollUp(START + DAY + HOUR);
    const two = history();
    for (let hour = 0; hour < 24; hour++) {
      const own = history(two.folder);
      watch(own.made, START + hour * HOUR, START + (hour + 1) * HOUR);
      await own.made.rollUp(START + (hour + 1) * HOUR + (hour % 3) * 7 * MINUTE);
      own.made.close();
    }
    const last = history(two.folder);
    await last.made.rollUp(START + DAY + HOUR);
    await last.made.rollUp(START + DAY + HOUR);
    expect(rows(two.folder)).toEqual(rows(one.folder));
  });

  it("leave out what says nothing: our own network down, and announced work", async () => {
    const { made, folder } = history();
    made.counts = (_, at) => at < START + 30 * MINUTE || at >= START + 40 * MINUTE;
    let standing = unknown("wiki/http", START);
    for (let at = START; at < START + HOUR; at += MINUTE) {
      const ok = at < START + 50 * MINUTE;
      const run = { at, ok, seconds: 0.1, measures: {}, ...(ok ? {} : { reason: "own-network" }) };
      standing = advance(standing, run, { failAfter: 1, recoverAfter: 1 });
      made.record({ check: "wiki/http", run }, standing);
    }
    made.flush();
    await made.rollUp(START + 2 * HOUR);
    expect(rows(folder).filter(({ size }) => size === 1)).toMatchObject([{ good: 40, total: 40 }]);
  });
});

describe("after a clock was put right", () => {
  /** Runs in whole hours, by what history has rolled up. */
  const counted = (folder: string, from: number, to: number) =>
    rows(folder)
      .filter(({ size, at }) => size === 1 && at >= from && at < to)
      .map(({ total }) => total);

  it("that was ten years ahead for an hour, results go on being put together, and no objective counts what is dated in the future", async () => {
    const { made, folder } = history();
    const ahead = START + 3650 * DAY;
    watch(made, START, START + 2 * HOUR);
    await made.rollUp(START + 2 * HOUR);
    watch(made, ahead + 2 * HOUR, ahead + 3 * HOUR);
    await made.rollUp(ahead + 3 * HOUR);
    watch(made, START + 3 * HOUR, START + 5 * HOUR);
    await made.rollUp(START + 5 * HOUR + 10 * MINUTE);
    expect(counted(folder, START, START + DAY)).toEqual([60, 60, 60, 60]);
    const now = START + 5 * HOUR + 10 * MINUTE;
    expect(made.counted(["wiki/http"], now - DAY, now)).toEqual({ good: 216, total: 240 });
    expect(made.chart("wiki/http", now - DAY, now)!.whole.total).toBe(240);
  });

  it("by going back an hour, what is gone through twice counts twice", async () => {
    const { made, folder } = history();
    watch(made, START, START + 3 * HOUR);
    await made.rollUp(START + 3 * HOUR);
    // A second later, for two results of one moment would be one.
    watch(made, START + 2 * HOUR + 1000, START + 4 * HOUR);
    await made.rollUp(START + 2 * HOUR + 15 * MINUTE);
    await made.rollUp(START + 4 * HOUR + 10 * MINUTE);
    expect(counted(folder, START, START + DAY)).toEqual([60, 60, 120, 60]);
  });
});

describe("a chart", () => {
  it("has five minutes of a day, hours of a week, days of a quarter, and what is not rolled up yet", async () => {
    const { made } = history();
    const now = START + 95 * DAY;
    watch(made, now - 92 * DAY, now, 5 * MINUTE);
    await made.rollUp(now - 3 * MINUTE);
    for (const [span, length, most] of [
      [DAY, 300, 289],
      [7 * DAY, 3600, 169],
      [90 * DAY, 86_400, 92],
    ] as const) {
      const { points, whole } = made.chart("wiki/http", now - span, now)!;
      expect(points.length).toBeLessThanOrEqual(most);
      expect(points.length).toBeGreaterThanOrEqual(most - 3);
      expect(new Set(points.map(({ seconds }) => seconds))).toEqual(new Set([length]));
      expect(points.map(({ at }) => at)).toEqual([...new Set(points.map(({ at }) => at))].sort((a, b) => a - b));
      expect(now - points.at(-1)!.at).toBeLessThanOrEqual(length * 1000 + HOUR);
      const expected = span / (5 * MINUTE);
      const total = points.reduce((sum, point) => sum + point.total, 0);
      // A day that began before the chart does not belong to it.
      expect(total).toBeGreaterThan(expected - 290);
      expect(total).toBeLessThanOrEqual(expected);
      expect(whole.total).toBe(total);
      expect(whole.good / whole.total).toBeCloseTo(0.9, 2);
      expect(Math.abs(whole.p50! - 0.0495)).toBeLessThan(0.0495 * 0.05);
      expect(whole.p99!).toBeGreaterThanOrEqual(whole.p95!);
    }
  });

  it("counts every run once where nothing has been rolled up, and where all has", async () => {
    const { made } = history();
    watch(made, START, START + 5 * HOUR);
    const before = made.chart("wiki/http", START, START + 5 * HOUR)!;
    expect(before.whole.total).toBe(300);
    for (const at of [1, 2, 3, 4, 5, 6]) {
      await made.rollUp(START + at * HOUR);
      expect(made.chart("wiki/http", START, START + 5 * HOUR)).toEqual(before);
      expect(made.chart("wiki/http", START - 5 * DAY, START + 5 * HOUR)!.whole.total).toBe(300);
      expect(made.chart("wiki/http", START - 80 * DAY, START + 5 * HOUR)!.whole.total).toBe(300);
    }
  });

  it("is undefined for a check that nobody knows", () => {
    expect(history().made.chart("no/such", 0, Date.now())).toBeUndefined();
  });
});

describe("an older history", () => {
  it("is brought up to date, and what it knew is kept and rolled up", async () => {
    const { made, folder } = history();
    watch(made, START, START + 2 * HOUR);
    made.close();
    const db = new DatabaseSync(join(folder, "history.sqlite"));
    db.exec(
      "DROP TABLE rollup; DROP TABLE progress; ALTER TABLE day DROP COLUMN maintenance_ms; ALTER TABLE result DROP COLUMN verdict; PRAGMA user_version = 1",
    );
    db.close();
    const again = history(folder);
    expect(again.made.problems).toEqual([]);
    await again.made.rollUp(START + 3 * HOUR);
    expect(rows(folder).filter(({ size }) => size === 1)).toMatchObject([{ total: 60 }, { total: 60 }]);
  });
});

it("old roll-ups go, each size after its own time", async () => {
  const { made, folder } = history();
  watch(made, START, START + 3 * DAY);
  await made.rollUp(START + 3 * DAY + HOUR);
  made.close();
  const short = new History({
    folder,
    timeZone: "Europe/Paris",
    retention: { rawDays: 0.5, fiveMinuteDays: 1, hourDays: 2, dayDays: 1000, maxBytes: 1e9 },
    onEvent: () => {},
  });
  open.push(short);
  await short.forget(START + 3 * DAY);
  const oldest = [0, 1, 2].map((size) =>
    Math.min(
      ...rows(folder)
        .filter((row) => row.size === size)
        .map(({ at }) => at),
    ),
  );
  expect(oldest).toEqual([START + 2 * DAY, START + DAY, START]);
});
