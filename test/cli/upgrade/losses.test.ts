import { describe, expect, it } from "vitest";
import { losses, parseCounts, rewritten } from "../../../cli/upgrade/losses.ts";

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

describe("what a new version has made of the files that it was given", () => {
  const files = (count: number) => Array.from({ length: count }, (_, index) => `/data/v/pages/${index}.txt`);
  const back = { added: [], replaced: [], removed: [], unchanged: 40 };

  it("is nothing to tell where all are as they were", () => {
    expect(rewritten("data", "/data/v", back)).toBeUndefined();
  });

  it("is told by count and by name, and is much where it is more than a few and more than a tenth", () => {
    expect(rewritten("data", "/data/v", { ...back, replaced: files(30), added: ["/data/v/meta/\u001b[2Ja"] })).toEqual({
      said: "data: of 71 files that were there 30 rewritten, 1 gone: meta/\ufffd[2Ja, pages/0.txt, pages/1.txt, pages/2.txt, pages/3.txt, …",
      much: true,
    });
    expect(rewritten("data", "/data/v", { ...back, replaced: files(1) })).toEqual({
      said: "data: of 41 files that were there 1 rewritten: pages/0.txt",
      much: false,
    });
    expect(rewritten("data", "/data/v", { ...back, added: files(4) })?.much).toBe(false);
    expect(rewritten("data", "/data/v", { ...back, unchanged: 30, added: files(4) })?.much).toBe(true);
  });
});
