import { describe, expect, it } from "vitest";
import { formats } from "../../dashboards/format.ts";
import { NOW } from "./views.ts";

const fr = formats("fr", "Europe/Paris");
const en = formats("en", "Europe/Paris");
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

describe("moments", () => {
  it("follow the association's time zone", () => {
    expect(fr.moment(NOW, NOW)).toBe("14:05");
    expect(formats("fr", "Indian/Reunion").moment(NOW, NOW)).toBe("17:05");
  });

  it("name the day when it is another, and the year when it is another", () => {
    expect(fr.moment(NOW - 86_400_000, NOW)).toBe("9 mars à 14:05");
    expect(en.moment(NOW - 86_400_000, NOW)).toMatch(/^9 March at 14:05$/);
    expect(fr.moment(NOW - 365 * 86_400_000, NOW)).toContain("2025");
  });

  it("fall on the right day at midnight in that zone, and on the night the clocks change", () => {
    const beforeMidnight = Date.UTC(2026, 2, 9, 22, 59);
    expect(fr.moment(beforeMidnight, NOW)).toBe("9 mars à 23:59");
    expect(fr.moment(Date.UTC(2026, 2, 29, 1, 30), Date.UTC(2026, 2, 29, 12))).toBe("03:30");
  });
});

describe("days and dates", () => {
  it("do not slip to the day before, west or east", () => {
    for (const zone of ["Pacific/Honolulu", "Pacific/Auckland", "Europe/Paris"]) {
      expect(formats("fr", zone).day("2026-03-10")).toBe("mardi 10 mars");
      expect(formats("en", zone).date("2027-01-31")).toBe("31 January 2027");
    }
  });
});

describe("lengths of time", () => {
  it.each([
    [0, "0 s", "0 secs"],
    [59.4, "59 s", "59 secs"],
    [60, "1 min", "1 min"],
    [125, "2 min", "2 mins"],
    [3600, "1 h", "1 hr"],
    [3 * 3600 + 10 * 60 + 5, "3 h 10 min", "3 hrs 10 mins"],
    [2 * 86_400, "2 j", "2 days"],
    [2 * 86_400 + 5 * 3600 + 59, "2 j 5 h", "2 days 5 hrs"],
    [365 * 86_400, "1 an", "1 year"],
    [10 * 365 * 86_400, "10 ans", "10 years"],
    [366 * 86_400, "366 j", "366 days"],
  ])("of %d s", (seconds, french, english) => {
    expect(plain(fr.length(seconds))).toBe(french);
    expect(plain(en.length(seconds))).toBe(english);
  });

  it("are told from now", () => {
    expect([fr.ago(NOW, NOW), fr.ago(NOW - 400, NOW)]).toEqual(["maintenant", "maintenant"]);
    expect(en.ago(NOW + 900, NOW)).toBe("now");
    expect(fr.ago(NOW - 1000, NOW)).toBe("il y a 1 seconde");
    expect(fr.ago(NOW - 25 * 60_000, NOW)).toBe("il y a 25 minutes");
    expect(en.ago(NOW + 2 * 86_400_000, NOW)).toBe("in 2 days");
    expect(plain(fr.fine(0.0432))).toBe("43 ms");
    expect(plain(fr.fine(1.236))).toBe("1,24 s");
  });
});

describe("amounts", () => {
  it("never round an outage away", () => {
    expect(plain(fr.percent(0.999999))).toBe("99,99 %");
    expect(en.percent(1)).toBe("100%");
    expect(en.percent(0)).toBe("0%");
  });

  it("are written in the language's units", () => {
    expect(plain(fr.bytes(1.34e9))).toBe("1,3 Go");
    expect(en.bytes(0)).toBe("0 byte");
    expect(en.bytes(999)).toBe("999 byte");
  });

  it("join names, and sort them as the language does", () => {
    expect(fr.list(["a", "b", "c"])).toBe("a, b et c");
    expect(["Zoé", "École", "Eau", "École 10", "École 9"].sort(fr.compare)).toEqual([
      "Eau",
      "École",
      "École 9",
      "École 10",
      "Zoé",
    ]);
  });
});
