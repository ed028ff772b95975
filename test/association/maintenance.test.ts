import fc from "fast-check";
import { createTask } from "node-cron";
import { describe, expect, it } from "vitest";
import { buildInventory, type MaintenanceWindow } from "../../association/index.ts";
import { instantOf, occurrencesOf } from "../../association/maintenance.ts";
import { good } from "./fixtures/good.ts";
import { vocabulary } from "./fixtures/vocabulary.ts";

const HOUR = 3_600_000;
const at = (text: string) => Date.parse(text);
const title = { fr: "Travaux", en: "Work" };
const every = (cron: string, hours: number, timeZone = "Europe/Paris"): MaintenanceWindow => ({
  services: ["pages"],
  title,
  when: { cron, seconds: hours * 3600, timeZone },
});
const times = (window: MaintenanceWindow, from: string, to: string) =>
  occurrencesOf("w", window, at(from), at(to)).map((one) => [
    new Date(one.from).toISOString(),
    new Date(one.until).toISOString(),
  ]);

describe("a moment on local clocks", () => {
  it.each([
    ["2027-01-31T20:00", "Europe/Paris", "2027-01-31T19:00:00Z"],
    ["2027-07-31T20:00:30", "Europe/Paris", "2027-07-31T18:00:30Z"],
    ["2027-07-31T20:00", "America/Martinique", "2027-08-01T00:00:00Z"],
    // The hour that summer time leaves out, and the one that comes twice.
    ["2027-03-28T02:30", "Europe/Paris", "2027-03-28T01:30:00Z"],
    ["2027-10-31T02:30", "Europe/Paris", "2027-10-31T00:30:00Z"],
    // Half an hour that comes twice, two hours that do, half an hour and a whole day that are left out.
    ["2026-04-05T01:45", "Australia/Lord_Howe", "2026-04-04T14:45:00Z"],
    ["2026-10-25T01:30", "Antarctica/Troll", "2026-10-24T23:30:00Z"],
    ["2026-10-04T02:15", "Australia/Lord_Howe", "2026-10-03T15:45:00Z"],
    ["2011-12-30T10:00", "Pacific/Apia", "2011-12-30T20:00:00Z"],
    ["2027-01-31T20:00Z", "Europe/Paris", "2027-01-31T20:00:00Z"],
    ["2027-01-31T20:00-04:00", "Europe/Paris", "2027-02-01T00:00:00Z"],
  ])("%s in %s is %s", (text, zone, expected) => {
    expect(instantOf(text, zone)).toBe(at(expected));
  });
});

describe("work that comes again", () => {
  it("begins at the same local time on both sides of a change of clocks", () => {
    expect(times(every("0 6 * * 0", 2), "2027-03-20T00:00Z", "2027-04-05T00:00Z")).toEqual([
      ["2027-03-21T05:00:00.000Z", "2027-03-21T07:00:00.000Z"],
      ["2027-03-28T04:00:00.000Z", "2027-03-28T06:00:00.000Z"],
      ["2027-04-04T04:00:00.000Z", "2027-04-04T06:00:00.000Z"],
    ]);
  });

  it("lasts as long as declared when the clocks change meanwhile", () => {
    for (const [from, until] of times(every("0 1 * * *", 4), "2027-10-30T12:00Z", "2027-11-01T12:00Z"))
      expect(at(until!) - at(from!)).toBe(4 * HOUR);
  });

  it("happens once in a night whose hour comes twice, and once in one whose hour is left out", () => {
    expect(times(every("30 2 * * *", 1), "2027-10-30T22:00Z", "2027-10-31T22:00Z")).toHaveLength(1);
    expect(times(every("30 2 * * *", 1), "2027-03-27T23:00Z", "2027-03-28T22:00Z")).toHaveLength(1);
  });

  it.each([
    ["Australia/Lord_Howe", "2026-04-03T12:00Z", "2026-04-05T12:00Z", ["2026-04-03T14:45", "2026-04-04T14:45"]],
    ["America/New_York", "2026-10-31T00:00Z", "2026-11-02T00:00Z", ["2026-10-31T05:45", "2026-11-01T05:45"]],
    ["Antarctica/Troll", "2026-10-24T01:00Z", "2026-10-25T22:00Z", ["2026-10-24T23:45"]],
  ])(
    "happens once, and at the first of the two times, where it is in %s that clocks are put back",
    (zone, from, to, expected) => {
      const found = times(every("45 1 * * *", 1, zone), from, to).map(([begin]) => begin!.slice(0, 16));
      expect(found).toEqual(expected);
    },
  );

  it("is found while it goes on, and not when it is just over", () => {
    const nightly = every("0 3 * * *", 1, "UTC");
    expect(times(nightly, "2027-01-05T03:59:59Z", "2027-01-05T04:00Z")).toHaveLength(1);
    expect(times(nightly, "2027-01-05T04:00:00Z", "2027-01-05T04:30Z")).toHaveLength(0);
    expect(times(nightly, "2027-01-05T02:00:00Z", "2027-01-05T03:00Z")).toHaveLength(0);
  });

  it("wants both the day of the month and that of the week, as all schedules do", () => {
    expect(
      times(every("0 3 13 * 5", 1, "UTC"), "2026-11-01T00:00Z", "2027-12-31T00:00Z").map(([from]) => from),
    ).toEqual(["2026-11-13T03:00:00.000Z", "2027-08-13T03:00:00.000Z"]);
  });

  it("begins when the library that runs schedules would begin", () => {
    const field = (min: number, max: number) =>
      fc.oneof(fc.constant("*"), fc.integer({ min, max }).map(String), fc.constant(`${min}-${Math.min(max, min + 3)}`));
    const crons = fc.tuple(fc.integer({ min: 0, max: 59 }), field(0, 23), field(1, 28), field(1, 12), field(0, 6));
    fc.assert(
      fc.property(crons, fc.constantFrom("Europe/Paris", "UTC", "America/Martinique"), (fields, timeZone) => {
        const cron = fields.join(" ");
        const task = createTask(cron, () => {}, { timezone: timeZone });
        // January: the libraries may differ in the one hour that a change of clocks leaves out.
        const from = at("2027-01-04T00:00Z");
        const found = occurrencesOf("w", every(cron, 0.01, timeZone), from, from + 14 * 24 * HOUR);
        for (const one of found) expect(task.match(new Date(one.from)), `${cron} at ${one.from}`).toBe(true);
        const starts = new Set(found.map((one) => one.from));
        for (let hour = 0; hour < 14 * 24; hour++) {
          const moment = from + hour * HOUR + Number(fields[0]) * 60_000;
          if (task.match(new Date(moment))) expect(starts.has(moment), `${cron} at ${moment}`).toBe(true);
        }
        task.destroy();
      }),
      { numRuns: 30 },
    );
  });
});

describe("the inventory", () => {
  const built = (window: object) => {
    const it = good();
    it.maintenance = { upgrade: { services: ["pages"], title, ...window } };
    return buildInventory(it, vocabulary).inventory.maintenance.upgrade!;
  };

  it("has moments in the association's zone, or in the window's own", () => {
    const when = { from: "2027-01-31T20:00", until: "2027-01-31T22:00" };
    expect(built({ when }).when).toEqual({ from: at("2027-01-31T19:00Z"), until: at("2027-01-31T21:00Z") });
    expect(built({ when, timeZone: "UTC" }).when).toEqual({
      from: at("2027-01-31T20:00Z"),
      until: at("2027-01-31T22:00Z"),
    });
  });

  it("names every service of a host that is worked on", () => {
    const { services } = built({ hosts: ["main"], when: { every: "0 6 * * 0", lasting: "2h" } });
    expect(services).toEqual(["copies", "files", "front", "pages", "snapshots", "tower"]);
  });

  it("is empty of windows where none is declared", () => {
    expect(buildInventory(good(), vocabulary).inventory.maintenance).toEqual({});
  });
});
