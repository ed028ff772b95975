import { describe, expect, it } from "vitest";
import { atLeast, parseVersion } from "../../cli/versions.ts";

describe("atLeast", () => {
  it.each([
    ["v3.259.0", "3.200.0", true],
    ["3.200.0", "3.200.0", true],
    ["v3.199.9", "3.200.0", false],
    ["v3.200.0-alpha.1", "3.200.0", true],
    ["4.0.0", "3.200.0", true],
    ["1.41", "1.41", true],
    ["1.5", "1.41", false],
    ["28.2.2", "1.41", true],
    ["not a version", "1.0", false],
    ["", "1.0", false],
  ])("takes %j for at least %s: %s", (text, oldest, verdict) => {
    expect(atLeast(text, oldest)).toBe(verdict);
  });
});

describe("parseVersion", () => {
  it("fills in a missing third number", () => {
    expect(parseVersion("API 1.41")).toEqual([1, 41, 0]);
  });
});
