import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { engineDuration } from "../../stacks/container.ts";

describe("a time given to the engine", () => {
  it.each([
    [0, "0s"],
    [30, "30s"],
    [59, "59s"],
    [60, "1m0s"],
    [90, "1m30s"],
    [600, "10m0s"],
  ])("of %i s is written as the engine gives it back", (seconds, text) => {
    expect(engineDuration(seconds)).toBe(text);
  });

  it("is the same time, whatever its length", () => {
    fc.assert(
      fc.property(fc.nat(3599), (seconds) => {
        const [, minutes = "0", rest] = /^(?:(\d+)m)?(\d+)s$/.exec(engineDuration(seconds))!;
        expect(Number(minutes) * 60 + Number(rest)).toBe(seconds);
      }),
    );
  });
});
