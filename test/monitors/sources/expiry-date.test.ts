import { describe, expect, it, test } from "vitest";
import { expiryIn } from "../../../monitors/sources/expiry-date.ts";

const NOW = Date.UTC(2026, 10, 28);
const read = (text: string) => {
  const found = expiryIn(text, NOW);
  return found === undefined ? undefined : new Date(found).toISOString().replace(/T00:00:00.000Z$/, "");
};

describe("the end of a registration", () => {
  test.each([
    ["2030-05-01T10:20:30Z", "2030-05-01T10:20:30.000Z"],
    ["2030-05-01T10:20:30.123456789+02:00", "2030-05-01T08:20:30.123Z"],
    ["2030-05-01 10:20:30", "2030-05-01T10:20:30.000Z"],
    ["2030-05-01", "2030-05-01"],
    ["2030/05/01", "2030-05-01"],
    ["2030.05.01 13:00:00", "2030-05-01"],
    ["2030. 05. 01.", "2030-05-01"],
    ["20300501", "2030-05-01"],
    ["1.5.2030 12:00:00", "2030-05-01"],
    ["01/05/2030 23:59:59", "2030-05-01"],
    ["01-May-2030", "2030-05-01"],
    ["1 May 2030", "2030-05-01"],
    ["May 1, 2030", "2030-05-01"],
    ["Wed May  1 23:59:59 GMT 2030", "2030-05-01"],
    ["2030-05-01 (YYYY-MM-DD)", "2030-05-01"],
    ["2020-01-01", "2020-01-01"],
  ])("is read where %j is written", (text, day) => expect(read(text)).toBe(day));

  test.each([
    "9999-12-31T23:59:59Z",
    "2055-01-01",
    "+275760-09-13T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01",
    "1970-01-01T00:00:00Z",
    "-000001-01-01T00:00:00Z",
    "2030-02-31T00:00:00Z",
    "99.99.2030",
    "31-Foo-2030",
    "see registrar 2030",
    "never, see 2",
    "please look at https://x.example/1",
    "1",
    "",
    "2030",
    `2030-05-0${"1".repeat(1000)}`,
  ])("is not taken from %j", (text) => expect(read(text)).toBeUndefined());

  it("may be as far away as any registration goes, and more", () => expect(read("2046-01-01")).toBe("2046-01-01"));
});
