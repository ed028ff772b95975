import { describe, expect, it } from "vitest";
import { AnnouncedWork } from "../../monitors/announced.ts";

const HOUR = 3_600_000;
const START = Date.parse("2026-11-28T20:00:00Z");

const work = (): AnnouncedWork =>
  new AnnouncedWork({
    maintenance: {
      disks: {
        title: { fr: "Disques", en: "Disks" },
        services: ["nas"],
        when: { from: START + HOUR, until: START + 3 * HOUR },
      },
    },
  });

describe("announced work", () => {
  it("is listed before it begins, and while it goes on", () => {
    const one = work();
    expect(one.list(START).map(({ window }) => window)).toEqual(["disks"]);
    expect(one.goingOn(START)).toEqual({});
    expect(one.goingOn(START + 2 * HOUR)).toMatchObject({ nas: { title: { en: "Disks" }, until: START + 3 * HOUR } });
  });
  it("is off the list the moment it ends, however young the list", () => {
    const one = work();
    expect(one.list(START + 3 * HOUR - 1)).toHaveLength(1);
    expect(one.list(START + 3 * HOUR)).toEqual([]);
  });
  it("is back on it where the clock is put back", () => {
    const one = work();
    expect(one.list(START + 4 * HOUR)).toEqual([]);
    expect(one.list(START)).toHaveLength(1);
  });
});
