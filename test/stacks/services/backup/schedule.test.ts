import fc from "fast-check";
import { createTask } from "node-cron";
import { describe, expect, it } from "vitest";
import { following, isMissed } from "../../../../stacks/services/backup/image/agent/schedule.ts";

const at = (text: string) => new Date(text);
const nightly = { cron: "0 3 * * *", timeZone: "Europe/Paris" };

describe("following", () => {
  it("is a time that matches, with none between it and the moment asked of", () => {
    const crons = fc.constantFrom("*/7 * * * *", "5 * * * *", "30 */4 * * *", "0 22 * * *", "10,40 1-5 * * 1-5");
    const moments = fc.date({ min: at("2025-01-01T00:00:00Z"), max: at("2027-01-01T00:00:00Z"), noInvalidDate: true });
    fc.assert(
      fc.property(crons, moments, (cron, now) => {
        const task = createTask(cron, () => {}, { timezone: "UTC" });
        const found = following({ cron, timeZone: "UTC" }, now.getTime())!;
        expect(found).toBeGreaterThan(now.getTime());
        expect(task.match(new Date(found))).toBe(true);
        for (let minute = found - 60_000; minute > now.getTime(); minute -= 60_000) {
          expect(task.match(new Date(minute))).toBe(false);
        }
        task.destroy();
      }),
      { numRuns: 40 },
    );
  });

  it("is a pace later, where that is the schedule", () => {
    expect(following({ everySeconds: 3600 }, 5)).toBe(3_600_005);
  });
});

describe("isMissed", () => {
  const now = at("2026-01-15T12:00:00Z");

  it("is a job that never ran", () => {
    expect(isMissed(nightly, undefined, now)).toBe(true);
    expect(isMissed({ everySeconds: 3600 }, undefined, now)).toBe(true);
  });

  it("is a job whose last snapshot is from before its last time", () => {
    expect(isMissed(nightly, at("2026-01-14T02:00:30Z"), now)).toBe(true);
  });

  it("is not a job that ran after its last time, on schedule or by hand", () => {
    expect(isMissed(nightly, at("2026-01-15T02:00:30Z"), now)).toBe(false);
    expect(isMissed(nightly, at("2026-01-15T11:00:00Z"), now)).toBe(false);
  });

  it("counts the very moment, in the schedule's own time zone: three o'clock of Paris is one o'clock in summer", () => {
    expect(isMissed(nightly, at("2026-07-14T12:00:00Z"), at("2026-07-15T01:00:00Z"))).toBe(true);
    expect(isMissed(nightly, at("2026-07-14T12:00:00Z"), at("2026-07-15T00:59:59Z"))).toBe(false);
  });

  it("is not a monthly job in the middle of its month", () => {
    const monthly = { cron: "0 3 1 * *", timeZone: "UTC" };
    expect(isMissed(monthly, at("2026-01-01T03:00:20Z"), now)).toBe(false);
    expect(isMissed(monthly, at("2025-12-31T23:00:00Z"), now)).toBe(true);
  });

  it("is a yearly job after its day, in zones whose clocks are odd", () => {
    const yearly = (timeZone: string, when: string) =>
      isMissed({ cron: "45 2 3 2 *", timeZone }, at("2025-02-01T00:00:00Z"), at(when));
    expect(yearly("Asia/Kathmandu", "2025-02-02T20:59:59Z")).toBe(false);
    expect(yearly("Asia/Kathmandu", "2025-02-02T21:00:00Z")).toBe(true);
    expect(yearly("Australia/Lord_Howe", "2025-02-02T15:44:59Z")).toBe(false);
    expect(yearly("Australia/Lord_Howe", "2025-02-02T15:45:00Z")).toBe(true);
  });

  it("is one whose hour the clocks left out, from an hour later on", () => {
    const inTheGap = { cron: "30 2 * * *", timeZone: "Europe/Paris" };
    const before = at("2026-03-28T01:30:10Z");
    expect(isMissed(inTheGap, before, at("2026-03-29T01:29:59Z"))).toBe(false);
    expect(isMissed(inTheGap, before, at("2026-03-29T01:30:00Z"))).toBe(true);
  });

  it("is a job at a fixed pace whose last snapshot is older than the pace", () => {
    expect(isMissed({ everySeconds: 3600 }, at("2026-01-15T10:59:59Z"), now)).toBe(true);
    expect(isMissed({ everySeconds: 3600 }, at("2026-01-15T11:00:01Z"), now)).toBe(false);
  });

  it("survives a snapshot dated in the future", () => {
    expect(isMissed(nightly, at("2030-01-01T00:00:00Z"), now)).toBe(false);
  });
});
