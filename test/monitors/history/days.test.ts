import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calendar, Days, dayNumber, dayText } from "../../../monitors/history/days.ts";

const at = (text: string) => Date.parse(text);
const PARIS = "Europe/Paris";

describe("the calendar of a time zone", () => {
  it("tells days apart at its own midnight", () => {
    const { dayOf, endOf } = calendar(PARIS);
    expect(dayOf(at("2027-01-31T22:59:59Z"))).toBe("2027-01-31");
    expect(dayOf(at("2027-01-31T23:00:00Z"))).toBe("2027-02-01");
    expect(endOf(at("2027-01-31T12:00:00Z"))).toBe(at("2027-01-31T23:00:00Z"));
  });

  it("knows days of 23 and 25 hours", () => {
    const { endOf } = calendar(PARIS);
    expect(endOf(at("2027-03-28T12:00:00Z")) - at("2027-03-27T23:00:00Z")).toBe(23 * 3_600_000);
    expect(endOf(at("2027-10-31T12:00:00Z")) - at("2027-10-30T22:00:00Z")).toBe(25 * 3_600_000);
  });

  it("agrees with itself whatever it was asked before", () => {
    const moments = fc.integer({ min: at("2027-01-01T00:00:00Z"), max: at("2028-01-01T00:00:00Z") });
    fc.assert(
      fc.property(
        fc.array(moments, { minLength: 2 }),
        fc.constantFrom(PARIS, "Pacific/Chatham", "UTC"),
        (all, zone) => {
          const warm = calendar(zone);
          for (const ms of all) {
            expect(warm.dayOf(ms)).toBe(calendar(zone).dayOf(ms));
            expect(warm.dayOf(warm.endOf(ms) - 1)).toBe(warm.dayOf(ms));
            expect(warm.dayOf(warm.endOf(ms))).not.toBe(warm.dayOf(ms));
          }
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe("days", () => {
  it("count runs on the day on which they began", () => {
    const days = new Days(PARIS);
    days.count("wiki", at("2027-01-31T22:59:00Z"), true);
    days.count("wiki", at("2027-01-31T23:01:00Z"), false);
    expect(days.bars.wiki).toEqual([
      { day: "2027-01-31", good: 1, total: 1, down: 0 },
      { day: "2027-02-01", good: 0, total: 1, down: 0 },
    ]);
  });

  it("count the time down on the days that it was", () => {
    const days = new Days(PARIS);
    days.setDown("wiki", at("2027-01-31T22:00:00Z"), at("2027-01-31T22:30:00Z"));
    days.settle(at("2027-01-31T23:10:00Z"));
    days.setDown("wiki", at("2027-01-31T22:00:00Z"), at("2027-01-31T23:15:00Z"));
    days.setDown("wiki", undefined, at("2027-01-31T23:20:00Z"));
    days.settle(at("2027-02-01T12:00:00Z"));
    expect(days.bars.wiki).toMatchObject([
      { day: "2027-01-31", down: 3600 },
      { day: "2027-02-01", down: 1200 },
    ]);
  });

  it("never count more time down than there was, however often they are settled", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(7_200_000)), { maxLength: 30 }), (steps) => {
        const days = new Days("UTC");
        let now = at("2027-01-01T00:00:00Z");
        let since: number | undefined;
        let expected = 0;
        for (const [down, pass] of steps) {
          if (down && since === undefined) since = now;
          else if (!down && since !== undefined) {
            expected += now - since;
            since = undefined;
          }
          days.setDown("wiki", since, now);
          now += pass;
          days.settle(now);
        }
        if (since !== undefined) expected += now - since;
        const total = (days.bars.wiki ?? []).reduce((sum, { down }) => sum + down, 0);
        expect(total).toBeCloseTo(expected / 1000, 3);
      }),
    );
  });

  it("keep ninety", () => {
    const days = new Days(PARIS);
    for (let day = 0; day < 120; day++) days.count("wiki", at("2027-01-01T12:00:00Z") + day * 86_400_000, true);
    expect(days.bars.wiki).toHaveLength(90);
    expect(days.bars.wiki!.at(-1)!.day).toBe("2027-04-30");
  });

  it("are shown by the calendar: with those that nothing was seen on, and none that a clock was ahead on", () => {
    const days = new Days(PARIS);
    const now = at("2027-04-01T12:00:00Z");
    for (const day of ["2026-12-01", "2027-03-27", "2027-03-30", "2027-04-01", "2037-04-01"])
      days.count("wiki", at(`${day}T12:00:00Z`), day !== "2027-03-30");
    expect(days.shown(now).wiki!.map(({ day, total }) => [day, total])).toEqual([
      ["2027-03-27", 1],
      ["2027-03-28", 0],
      ["2027-03-29", 0],
      ["2027-03-30", 1],
      ["2027-03-31", 0],
      ["2027-04-01", 1],
    ]);
    // They go on being counted, and the next day is there before anything is seen on it.
    days.count("wiki", now, true);
    expect(days.shown(now).wiki!.at(-1)!.total).toBe(2);
    expect(days.shown(now)).toBe(days.shown(now + 1000));
    expect(days.shown(now + 86_400_000).wiki!.at(-1)).toEqual({ day: "2027-04-02", good: 0, total: 0, down: 0 });
  });

  it("are put together anew for a service that has another day, and for no other", () => {
    const days = new Days(PARIS);
    const now = at("2027-04-01T12:00:00Z");
    for (const service of ["wiki", "till"]) days.count(service, now - 86_400_000, true);
    const { wiki, till } = days.shown(now);
    days.count("wiki", now, true);
    expect(days.shown(now).wiki).not.toBe(wiki);
    expect(days.shown(now).wiki!.at(-1)).toEqual({ day: "2027-04-01", good: 1, total: 1, down: 0 });
    expect(days.shown(now).till).toBe(till);
    // After a day each of them has another one, seen or not.
    expect(days.shown(now + 86_400_000).till!.map(({ day }) => day)).toEqual([
      "2027-03-31",
      "2027-04-01",
      "2027-04-02",
    ]);
  });

  it("tell what has changed once, and add what is restored late", () => {
    const days = new Days(PARIS);
    days.count("wiki", at("2027-01-02T12:00:00Z"), true);
    expect(days.takeDirty()).toHaveLength(1);
    expect(days.takeDirty()).toHaveLength(0);
    days.restore("wiki", [
      { day: "2027-01-01", good: 5, total: 6, down: 60 },
      { day: "2027-01-02", good: 1, total: 1, down: 2 },
    ]);
    expect(days.bars.wiki).toEqual([
      { day: "2027-01-01", good: 5, total: 6, down: 60 },
      { day: "2027-01-02", good: 2, total: 2, down: 2 },
    ]);
  });

  it("are kept as numbers that sort", () => {
    expect(dayNumber("2027-01-31")).toBe(20270131);
    expect(dayText(20270131)).toBe("2027-01-31");
  });
});
