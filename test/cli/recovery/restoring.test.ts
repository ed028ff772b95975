import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { prepareFolder } from "../../../cli/recovery/beside.ts";
import { wordsOf } from "../../../cli/recovery/put-back.ts";
import {
  describeRestoring,
  forgetRestoring,
  keepRestoring,
  type Restoring,
  undoWords,
  unfinishedRestores,
} from "../../../cli/recovery/restoring.ts";

let local: string;
beforeEach(() => {
  local = mkdtempSync(join(tmpdir(), "vigie-restoring-"));
});
afterEach(() => rmSync(local, { recursive: true, force: true }));

const begun = (words: string, more: Partial<Restoring> = {}): Restoring => ({
  version: 1,
  stack: "demo",
  service: "wiki",
  words,
  started: "2026-11-28T05:00:00.000Z",
  ...more,
});

describe("a restore in place", () => {
  it("is known until its end was seen, beside others of the same service", () => {
    const [one, other] = [
      begun("--snapshot a --in-place"),
      begun("--snapshot b --in-place", { started: "2026-11-27" }),
    ];
    for (const each of [one, other, begun("--snapshot a --in-place", { service: "nas" })]) keepRestoring(each, local);
    keepRestoring({ ...one, undo: "0123abcd" }, local);
    expect(unfinishedRestores("demo", "wiki", local)).toEqual([other, { ...one, undo: "0123abcd" }]);
    expect(unfinishedRestores("demo", undefined, local)).toHaveLength(3);
    expect(unfinishedRestores("dem", undefined, local)).toEqual([]);
    forgetRestoring(one, local);
    expect(unfinishedRestores("demo", "wiki", local)).toEqual([other]);
  });

  it("is told with both ways out of it", () => {
    const words = wordsOf({ item: "page:l'été", exact: false }, "0a0a0a0a");
    expect(words).toBe("--snapshot 0a0a0a0a --item 'page:l'\\''été' --in-place");
    expect(describeRestoring(begun(words, { undo: "1b1b1b1b" }))).toEqual([
      "A restore of wiki begun on 2026-11-28T05:00Z did not come to its end: part of it may be as it was before, and its service stopped",
      `  to go on: npm run restore -- --stack demo --service wiki ${words}`,
      "  what was there before is in snapshot 1b1b1b1b: npm run restore -- --stack demo --service wiki --snapshot 1b1b1b1b --item 'page:l'\\''été' --in-place --exact",
    ]);
    expect(describeRestoring(begun(words))).toHaveLength(2);
  });

  it("is undone exactly, whichever way it was made", () => {
    expect(undoWords(wordsOf({ file: "a b", exact: true }, "0a0a0a0a"), "1b1b1b1b")).toBe(
      "--snapshot 1b1b1b1b --file 'a b' --in-place --exact",
    );
    expect(undoWords(wordsOf({ exact: false }, "0a0a0a0a"), "1b1b1b1b")).toBe("--snapshot 1b1b1b1b --in-place --exact");
  });
});

describe("a folder that a restore goes to", () => {
  const mark = "snapshot 0a0a0a0a\n";

  it("says that it is not complete from the first file on, and is gone on with by the same restore alone", () => {
    const folder = join(local, "found");
    expect(prepareFolder(folder, mark)).toBe(true);
    expect(readFileSync(join(folder, "VIGIE-INCOMPLETE.txt"), "utf8")).toBe(mark);
    writeFileSync(join(folder, "half"), "");
    expect(prepareFolder(folder, mark)).toBe(false);
    expect(() => prepareFolder(folder, "snapshot 1b1b1b1b\n")).toThrow(/interrupted restore of something else/);
  });

  it("is a new or an empty one: nothing is overwritten", () => {
    expect(prepareFolder(mkdtempSync(join(local, "empty-")), mark)).toBe(false);
    writeFileSync(join(local, "file"), "");
    expect(() => prepareFolder(local, mark)).toThrow(/is not empty: nothing was touched/);
    expect(() => prepareFolder(join(local, "file"), mark)).toThrow(/is no folder/);
  });
});
