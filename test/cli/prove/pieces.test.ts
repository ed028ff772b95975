import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { expectedAt, newValue, readPlanted, remember } from "../../../cli/prove/canary.ts";
import { isLeftOut, readHashes } from "../../../cli/prove/compare.ts";
import { setsToProve } from "../../../cli/prove/sets.ts";
import type { Choice } from "../../../cli/recovery/choose.ts";
import { isNoteName, readNote, readProofs, writeNote } from "../../../stacks/services/backup/image/agent/notes.ts";

const choice = (key: string, day: number, undo = false): Choice => ({
  id: `${key}${day}`,
  time: `2027-01-${String(day).padStart(2, "0")}T03:00:00Z`,
  tags: [],
  path: `/data/${key}`,
  files: 1,
  bytes: 1,
  undo,
  volume: { job: key, key, name: key, path: `/srv/${key}` },
});
const ids = (sets: ReturnType<typeof setsToProve>) =>
  sets?.map(({ which, choices }) => [which, ...choices.map(({ id }) => id)]);
const volumes = [{ key: "a" }, { key: "b" }];
const all = [
  choice("b", 1),
  choice("a", 1),
  choice("a", 5),
  choice("b", 3),
  choice("a", 9),
  choice("b", 9),
  choice("a", 10, true),
];

describe("the snapshots to prove", () => {
  it("are the latest of each volume, and those of an older moment", () => {
    expect(ids(setsToProve(volumes, all, 0.99))).toEqual([
      ["latest", "a9", "b9"],
      ["older", "a5", "b3"],
    ]);
    expect(ids(setsToProve(volumes, all, 0))?.[1]).toEqual(["older", "a1", "b1"]);
  });

  it("are the latest alone where there is no other, whatever is picked", () => {
    expect(ids(setsToProve([{ key: "a" }], [choice("a", 1)], 0.5))).toEqual([["latest", "a1"]]);
  });

  it("are none where a volume was never saved, or only before a restore", () => {
    expect(setsToProve(volumes, [choice("a", 1)], 0)).toBeUndefined();
    expect(setsToProve([{ key: "a" }], [choice("a", 1, true)], 0)).toBeUndefined();
  });
});

describe("planted values", () => {
  it("are new each time, and hold nothing that a service could stumble over", () => {
    const now = new Date("2027-01-01T03:04:05Z");
    expect(newValue(now)).toMatch(/^canary-2027-01-01T03-04-05Z-[0-9a-f]{16}$/);
    expect(newValue(now)).not.toBe(newValue(now));
  });

  it("are expected of snapshots taken after them, and not of earlier ones", () => {
    const planted = remember(remember([], new Date("2027-01-02"), "one"), new Date("2027-01-05"), "two");
    expect(expectedAt(planted, "2027-01-01T00:00:00Z")).toBeUndefined();
    expect(expectedAt(planted, "2027-01-04T00:00:00Z")).toBe("one");
    expect(expectedAt(planted, "2027-01-05T00:00:01Z")).toBe("two");
  });

  it("are read from a note, where there is one that can be read", () => {
    const planted = remember([], new Date("2027-01-02"), "one");
    expect(readPlanted(JSON.stringify(planted))).toEqual(planted);
    for (const text of ["null", "", "{", '[{"at":1}]']) expect(readPlanted(text)).toEqual([]);
  });
});

describe("hashes", () => {
  it("are read with any name, new lines included", () => {
    const line = (name: string) => `${"ab".repeat(32)}  ./${name}\0`;
    const text = Buffer.from(line("a b\n\\ é") + line("c"), "utf8").toString("base64");
    expect([...readHashes(text).keys()]).toHaveLength(2);
    expect(readHashes("").size).toBe(0);
  });

  it.each([
    ["./incidents.sqlite-shm", true],
    ["./history.sqlite", true],
    ["./copies/history.sqlite", false],
    ["./cache/a/b", true],
    ["./roles.json", false],
  ])("%s is left out by what its kind declares: %s", (path, out) => {
    expect(isLeftOut(path, ["history.sqlite", "incidents.sqlite-*", "cache"])).toBe(out);
  });
});

describe("the agent's notes", () => {
  it("are kept under plain names, and only JSON", () => {
    const folder = mkdtempSync(join(tmpdir(), "vigie-notes-"));
    writeNote("proof-wiki", '{"service":"wiki","at":"2027-01-01T00:00:00Z","ok":true}', folder);
    expect(() => writeNote("proof-nas", "{", folder)).toThrow();
    writeFileSync(join(folder, "proof-x.json"), "{");
    expect(readProofs(folder)).toEqual([{ service: "wiki", at: "2027-01-01T00:00:00Z", ok: true }]);
    expect(readNote("proof-nas", folder)).toBeUndefined();
    expect([isNoteName("../x"), isNoteName("Proof"), isNoteName("canary-wiki")]).toEqual([false, false, true]);
  });
});
