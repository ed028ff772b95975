import fc from "fast-check";
import { createTask } from "node-cron";
import { describe, expect, it } from "vitest";
import { isMissed, previousRun } from "../../../../stacks/services/backup/image/agent/schedule.ts";

const at = (text: string) => new Date(text);
const nightly = { cron: "0 3 * * *", timeZone: "Europe/Paris" };

describe("previousRun", () => {
  it("finds the night's run, in the schedule's own time zone", () => {
    // 03:00 in Paris is 02:00 UTC in winter and 01:00 in summer.
    expect(previousRun(nightly, at("2026-01-15T12:00:00Z"), at("2026-01-01T00:00:00Z"))).toEqual(
      at("2026-01-15T02:00:00Z"),
    );
    expect(previousRun(nightly, at("2026-07-15T12:00:00Z"), at("2026-07-01T00:00:00Z"))).toEqual(
      at("2026-07-15T01:00:00Z"),
    );
  });

  it("counts the very moment, and not the one before", () => {
    expect(previousRun(nightly, at("2026-01-15T02:00:00Z"), at("2026-01-01T00:00:00Z"))).toEqual(
      at("2026-01-15T02:00:00Z"),
    );
    expect(previousRun(nightly, at("2026-01-15T01:59:59Z"), at("2026-01-01T00:00:00Z"))).toEqual(
      at("2026-01-14T02:00:00Z"),
    );
  });

  it("looks no further back than it is told", () => {
    expect(previousRun(nightly, at("2026-01-15T12:00:00Z"), at("2026-01-15T02:00:01Z"))).toBeUndefined();
  });

  it("knows expressions with seconds", () => {
    const twice = { cron: "15,45 * * * * *", timeZone: "UTC" };
    expect(previousRun(twice, at("2026-01-15T12:00:50Z"), at("2026-01-15T00:00:00Z"))).toEqual(
      at("2026-01-15T12:00:45Z"),
    );
    expect(previousRun(twice, at("2026-01-15T12:00:20Z"), at("2026-01-15T00:00:00Z"))).toEqual(
      at("2026-01-15T12:00:15Z"),
    );
    expect(previousRun(twice, at("2026-01-15T12:00:10Z"), at("2026-01-15T00:00:00Z"))).toEqual(
      at("2026-01-15T11:59:45Z"),
    );
  });

  it("is a time that matches, with none between it and now", () => {
    const crons = fc.constantFrom("*/7 * * * *", "5 * * * *", "30 */3 * * *", "0 22 * * *", "10,40 1-5 * * 1-5");
    const moments = fc.date({ min: at("2025-01-01T00:00:00Z"), max: at("2027-01-01T00:00:00Z"), noInvalidDate: true });
    fc.assert(
      fc.property(crons, moments, (cron, now) => {
        const task = createTask(cron, () => {}, { timezone: "Europe/Paris" });
        const found = previousRun({ cron, timeZone: "Europe/Paris" }, now, new Date(now.getTime() - 4 * 86_400_000));
        expect(found).toBeDefined();
        expect(task.match(found!)).toBe(true);
        for (let minute = found!.getTime() + 60_000; minute <= now.getTime(); minute += 60_000) {
          expect(task.match(new Date(minute))).toBe(false);
        }
        task.destroy();
      }),
      { numRuns: 40 },
    );
  });
});

it("finds what comes once a year as fast as what comes every day, in zones whose clocks are odd", () => {
  const yearly = (timeZone: string) =>
    previousRun(
      { cron: "45 2 3 2 *", timeZone },
      at("2026-01-15T12:00:00Z"),
      at("2020-01-01T00:00:00Z"),
    )?.toISOString();
  expect(yearly("UTC")).toBe("2025-02-03T02:45:00.000Z");
  expect(yearly("Asia/Kathmandu")).toBe("2025-02-02T21:00:00.000Z");
  expect(yearly("Australia/Lord_Howe")).toBe("2025-02-02T15:45:00.000Z");
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

  it("is not a monthly job in the middle of its month", () => {
    const monthly = { cron: "0 3 1 * *", timeZone: "UTC" };
    expect(isMissed(monthly, at("2026-01-01T03:00:20Z"), now)).toBe(false);
    expect(isMissed(monthly, at("2025-12-31T23:00:00Z"), now)).toBe(true);
  });

  it("is a job at a fixed pace whose last snapshot is older than the pace", () => {
    expect(isMissed({ everySeconds: 3600 }, at("2026-01-15T10:59:59Z"), now)).toBe(true);
    expect(isMissed({ everySeconds: 3600 }, at("2026-01-15T11:00:01Z"), now)).toBe(false);
  });

  it("survives a snapshot dated in the future", () => {
    expect(isMissed(nightly, at("2030-01-01T00:00:00Z"), now)).toBe(false);
  });
});
