import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { advance, type Standing, unknown } from "../../../monitors/engine/standing.ts";

const run = (at: number, ok: boolean) => ({ at, ok, seconds: 0.1, measures: {} });
const standings = (
  results: readonly boolean[],
  thresholds: { failAfter: number; recoverAfter: number },
): Standing[] => {
  const all: Standing[] = [unknown("wiki/http", 0)];
  results.forEach((ok, index) => void all.push(advance(all.at(-1)!, run(index + 1, ok), thresholds)));
  return all;
};
const results = fc.array(fc.boolean(), { maxLength: 60 });
const thresholds = fc.record({
  failAfter: fc.integer({ min: 1, max: 5 }),
  recoverAfter: fc.integer({ min: 1, max: 5 }),
});

describe("where a check stands", () => {
  it("is pending until a threshold has been reached", () => {
    const [first, second, third] = standings([false, true], { failAfter: 2, recoverAfter: 2 });
    expect([first, second, third].map((one) => one!.status)).toEqual(["pending", "pending", "pending"]);
  });

  it("is down since the first of the failures that settled it", () => {
    const last = standings([true, false, false, false], { failAfter: 3, recoverAfter: 1 }).at(-1)!;
    expect(last).toMatchObject({ status: "down", since: 2, consecutiveFailures: 3, lastSuccess: 1 });
  });

  it("is up again since the first good run", () => {
    const last = standings([false, false, true, true], { failAfter: 2, recoverAfter: 2 }).at(-1)!;
    expect(last).toMatchObject({ status: "up", since: 3, consecutiveFailures: 0, consecutiveSuccesses: 2 });
  });

  it("is not changed by a failure too few", () => {
    const last = standings([true, false, true, false, true], { failAfter: 2, recoverAfter: 1 }).at(-1)!;
    expect(last).toMatchObject({ status: "up", since: 1 });
  });

  it("only becomes down after as many failures in a row as declared, and up likewise", () => {
    fc.assert(
      fc.property(results, thresholds, (given, declared) => {
        const all = standings(given, declared);
        for (let at = 1; at < all.length; at++) {
          const changed = all[at]!.status !== all[at - 1]!.status;
          if (!changed) continue;
          const needed = all[at]!.status === "down" ? declared.failAfter : declared.recoverAfter;
          const recent = given.slice(at - needed, at);
          expect(recent).toEqual(Array(needed).fill(all[at]!.status === "up"));
          expect(all[at]!.since).toBe(at - needed + 1);
        }
      }),
    );
  });

  it("is never pending again, and tells the number of failures since the last good run", () => {
    fc.assert(
      fc.property(results, thresholds, (given, declared) => {
        const all = standings(given, declared);
        const known = all.findIndex(({ status }) => status !== "pending");
        if (known >= 0) expect(all.slice(known).every(({ status }) => status !== "pending")).toBe(true);
        const lastGood = given.lastIndexOf(true);
        expect(all.at(-1)!.consecutiveFailures).toBe(given.length - 1 - lastGood);
        expect(all.at(-1)!.lastSuccess).toBe(lastGood < 0 ? undefined : lastGood + 1);
      }),
    );
  });

  it("is the same whether it went through the history's JSON or not", () => {
    fc.assert(
      fc.property(results, thresholds, fc.nat(), (given, declared, cut) => {
        const [, ...whole] = standings(given, declared);
        let standing = unknown("wiki/http", 0);
        given.forEach((ok, index) => {
          if (index === cut % (given.length + 1)) standing = JSON.parse(JSON.stringify(standing)) as Standing;
          standing = advance(standing, run(index + 1, ok), declared);
        });
        if (whole.length > 0) expect(standing).toEqual(whole.at(-1));
      }),
    );
  });
});

describe("a check that keeps failing and recovering", () => {
  const MINUTE = 60_000;
  /** Results a minute apart: `x` failed, `.` good. */
  const story = (text: string, step = MINUTE): Standing =>
    [...text].reduce(
      (standing, sign, index) => advance(standing, run(index * step, sign === "."), { failAfter: 1, recoverAfter: 1 }),
      unknown("wiki/http", 0),
    );

  it("counts as down from the third time within an hour on, until it has been good for ten minutes", () => {
    expect(story(".x.x.")).toMatchObject({ status: "up" });
    expect(story(".x.x.x")).toMatchObject({ status: "down", flapping: true });
    expect(story(".x.x.x.........")).toMatchObject({ status: "down", flapping: true });
    const calm = story(".x.x.x...........");
    expect(calm.status).toBe("up");
    expect(calm).not.toHaveProperty("flapping");
  });

  it("begins its ten minutes again at each failure", () => {
    expect(story(".x.x.x.....x.....x.........")).toMatchObject({ status: "down", flapping: true });
  });

  it("raises one alert where there would have been one every few minutes", () => {
    const changes = (count: number) => {
      let standing = unknown("wiki/http", 0);
      let seen = 0;
      for (let minute = 0; minute < count; minute++) {
        const next = advance(standing, run(minute * MINUTE, minute % 4 > 1), { failAfter: 1, recoverAfter: 1 });
        if (next.status === "down" && standing.status !== "down") seen++;
        standing = next;
      }
      return seen;
    };
    expect(changes(60)).toBe(3);
    expect(changes(600)).toBe(3);
  });

  it("is not one that fails every hour", () => {
    expect(story(`.${"x".padEnd(59, ".")}`.repeat(12))).not.toHaveProperty("flapping");
  });
});
