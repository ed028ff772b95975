import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cronPace, spread, steadyPace } from "../../../monitors/engine/pace.ts";

describe("a steady pace", () => {
  it("runs every check once within its first interval, and never drifts", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.integer({ min: 1, max: 3600 }),
        fc.integer({ min: 1, max: 20_000 }),
        (id, every, checks) => {
          const start = 1234.5;
          const pace = steadyPace(id, every, checks, start);
          let due = pace.first(start);
          expect(due).toBeGreaterThanOrEqual(start);
          expect(due - start).toBeLessThan(every * 1000);
          const times = [due];
          for (let run = 0; run < 20; run++) {
            // Looked at a little late, as timers are.
            const { next } = pace.after(due, due + 3);
            due = next;
            times.push(due);
          }
          const gaps = times.slice(1).map((time, index) => time - times[index]!);
          expect(gaps[0]).toBeGreaterThanOrEqual(every * 250);
          expect(gaps[0]).toBeLessThanOrEqual(every * 1250 + 200);
          for (const gap of gaps.slice(1)) expect(gap).toBeCloseTo(every * 1000, 6);
        },
      ),
    );
  });

  it("leaves out what was missed instead of catching up", () => {
    const pace = steadyPace("wiki/http", 60, 1, 0);
    const due = pace.first(0);
    const { next } = pace.after(due, due + 600_000);
    expect(next).toBeGreaterThan(due + 600_000);
    expect(next).toBeLessThan(due + 600_000 + 75_000);
  });

  const looks = (until: number, unsettled: (at: number) => boolean) => {
    const pace = steadyPace("backup/age", 3600, 10, 0);
    const runs: number[] = [];
    for (let due = pace.first(0); due < until; ) {
      const { run, next } = pace.after(due, due, unsettled(due));
      if (run) runs.push(due);
      expect(next).toBeGreaterThan(due);
      due = next;
    }
    return runs;
  };
  const MINUTE = 60_000;

  it("runs what was not found good yet every minute after the start, so that a service that starts late is not called down for an hour", () => {
    const [first, ...again] = looks(30 * MINUTE, () => true);
    expect(again.slice(0, 3)).toEqual([first! + MINUTE, first! + 2 * MINUTE, first! + 3 * MINUTE]);
  });

  it("leaves that as soon as it was good once, and keeps to its own turns", () => {
    const always = looks(300 * MINUTE, () => false);
    const late = looks(300 * MINUTE, (at) => at < 2 * MINUTE);
    expect(late.filter((at) => always.includes(at))).toEqual(always);
    expect(late.filter((at) => !always.includes(at)).every((at) => at < 3 * MINUTE)).toBe(true);
  });

  it("leaves it in any case after a quarter of an hour: what stays down is asked no oftener than was declared", () => {
    const runs = looks(300 * MINUTE, () => true).filter((at) => at > 16 * MINUTE);
    expect(runs.length).toBeLessThanOrEqual(5);
  });

  it("spreads ten thousand checks evenly over their interval", () => {
    const slots = Array<number>(60).fill(0);
    for (let index = 0; index < 10_000; index++) slots[Math.floor(spread(`service-${index}/http`) * 60)]!++;
    expect(Math.max(...slots)).toBeLessThan(240);
    expect(Math.min(...slots)).toBeGreaterThan(110);
  });

  it("gives a check the same place at every start", () => {
    expect(spread("wiki/http")).toBe(spread("wiki/http"));
    expect(spread("wiki/http")).not.toBe(spread("wiki/tcp"));
  });
});

describe("a cron expression", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** The moments at which a pace runs between two dates, looked at whenever it asks to be. */
  function runsBetween(cron: string, from: string, to: string): string[] {
    vi.setSystemTime(new Date(from));
    const runs: string[] = [];
    const pace = cronPace(cron, "Europe/Paris");
    let due = pace.first(performance.now());
    while (Date.now() < Date.parse(to)) {
      vi.advanceTimersByTime(Math.max(1, Math.ceil(due - performance.now())));
      const { run, next } = pace.after(due, performance.now());
      if (run) runs.push(new Date().toISOString());
      due = next;
    }
    return runs;
  }

  it("is followed in the association's time zone, across the change to summer time", () => {
    expect(runsBetween("30 6 * * *", "2027-03-26T12:00:00Z", "2027-03-29T12:00:00Z")).toEqual([
      "2027-03-27T05:30:00.000Z",
      "2027-03-28T04:30:00.000Z",
      "2027-03-29T04:30:00.000Z",
    ]);
  });

  it("runs once in the night in which the hour comes twice", () => {
    const runs = runsBetween("30 3 * * *", "2027-10-30T12:00:00Z", "2027-11-01T12:00:00Z");
    expect(runs).toEqual(["2027-10-31T02:30:00.000Z", "2027-11-01T02:30:00.000Z"]);
  });

  it("runs once where its own hour comes twice, and an hour later where it is left out", () => {
    expect(runsBetween("30 2 * * *", "2027-10-30T12:00:00Z", "2027-11-01T12:00:00Z")).toEqual([
      "2027-10-31T00:30:00.000Z",
      "2027-11-01T01:30:00.000Z",
    ]);
    expect(runsBetween("30 2 * * *", "2027-03-27T12:00:00Z", "2027-03-29T12:00:00Z")).toEqual([
      "2027-03-28T01:30:00.000Z",
      "2027-03-29T00:30:00.000Z",
    ]);
  });

  it.each([
    ["the hour comes twice", "2027-10-30T22:05:00Z"],
    ["an hour is left out", "2027-03-27T22:05:00Z"],
  ])("leaves no hour out in the night in which %s: it would be told as overdue", (_, from) => {
    const times = runsBetween("*/20 * * * *", from, new Date(Date.parse(from) + 6 * 3_600_000).toISOString());
    const gaps = times.slice(1).map((time, index) => (Date.parse(time) - Date.parse(times[index]!)) / 60_000);
    expect(times.length).toBeGreaterThan(16);
    expect(new Set(gaps)).toEqual(new Set([20]));
  });

  it("runs at once when the clock is put forward past its time, and only once", () => {
    vi.setSystemTime(new Date("2027-01-10T02:00:00Z"));
    const pace = cronPace("0 4 * * *", "Europe/Paris");
    const due = pace.first(performance.now());
    // Looked at within half a minute although the run is an hour away.
    expect(due - performance.now()).toBeLessThanOrEqual(30_000);
    vi.setSystemTime(new Date("2027-01-10T03:10:00Z"));
    expect(pace.after(due, performance.now()).run).toBe(true);
    expect(pace.after(due, performance.now()).run).toBe(false);
  });

  it("does not wait for ever when the clock is put back", () => {
    vi.setSystemTime(new Date("2027-02-10T02:59:00Z"));
    const pace = cronPace("0 4 * * *", "Europe/Paris");
    const due = pace.first(performance.now());
    vi.setSystemTime(new Date("2027-02-08T02:59:50Z"));
    expect(pace.after(due, performance.now()).run).toBe(false);
    vi.setSystemTime(new Date("2027-02-08T03:00:01Z"));
    expect(pace.after(due, performance.now()).run).toBe(true);
  });
});
