import { describe, expect, it } from "vitest";
import { losses, parseCounts } from "../../../cli/upgrade/losses.ts";

describe("what a new version has emptied", () => {
  const before = { data: { ".": 2, pages: 40, cache: 30, users: 3 } };

  it("is nothing where files came, some went, or few were there", () => {
    expect(losses(before, { data: { ".": 0, pages: 25, cache: 60, users: 1, v2: 9 } })).toEqual({
      folders: [],
      volumes: [],
    });
  });

  it("is told by its folder where one alone was, for it may be a cache", () => {
    expect(losses(before, { data: { ".": 2, pages: 40, users: 3 } })).toEqual({
      folders: ["cache had 30 files with something in them, and has 0"],
      volumes: [],
    });
  });

  it("is a volume where more than half of all is gone, and not where it is in another folder now", () => {
    expect(losses(before, { data: { cache: 30 } }).volumes).toEqual([
      "volume data had 75 files with something in them, and has 30",
    ]);
    expect(losses(before, { data: { v2: 75 } }).volumes).toEqual([]);
    expect(losses(before, {}).volumes).toHaveLength(1);
  });
});

it("counts are read whatever folders are called", () => {
  expect(parseCounts(".\t2\0pages/\t40\0a\tb\nc/\t1\0")).toEqual({ ".": 2, pages: 40, "a\tb\nc": 1 });
});
