import { describe, expect, it } from "vitest";
import { chooseSnapshot, placeInside, type Snapshot, snapshotsOf } from "../../../cli/recovery/choose.ts";
import { savedService } from "../../../cli/recovery/subject.ts";
import { demo } from "../../stacks/fixtures/demo.ts";

const { inventory } = demo();
const wiki = savedService("wiki", inventory);
const nas = savedService("nas", inventory);
const base = `/data/${wiki.volumes[0]!.name}`;
const snapshot = (id: string, ...tags: string[]): Snapshot => ({
  id,
  time: `2026-11-0${id[0]}T03:00:00Z`,
  tags,
  path: base,
  files: 3,
  bytes: 10,
});
const all = [
  snapshot("1aaaaaaa", "service=wiki", "volume=data"),
  snapshot("2bbbbbbb", "service=nas", "volume=shares"),
  snapshot("3ccccccc", "service=wiki", "volume=data"),
  snapshot("4ddddddd", "undo", "undo-service=wiki", "undo-volume=data"),
  snapshot("5eeeeeee", "service=wiki", "volume=gone"),
  snapshot("6fffffff"),
];
const choices = snapshotsOf(wiki, all);

describe("the snapshots of a service", () => {
  it("are those of its saved volumes and those kept before a restore, and no other's", () => {
    expect(choices.map(({ id, undo }) => [id, undo])).toEqual([
      ["1aaaaaaa", false],
      ["3ccccccc", false],
      ["4ddddddd", true],
    ]);
  });

  it("are never chosen as the latest when they were kept before a restore", () => {
    expect(chooseSnapshot("latest", wiki, choices).id).toBe("3ccccccc");
  });

  it("are found by the beginning of their id, and by the whole of it", () => {
    expect(chooseSnapshot("1aaa", wiki, choices).id).toBe("1aaaaaaa");
    expect(chooseSnapshot(`1aaaaaaa${"0".repeat(56)}`, wiki, choices).id).toBe("1aaaaaaa");
  });

  it.each(["2bbbbbbb", "9999", "", "1a", "--exact"])("refuse %j, which names none of them", (id) => {
    expect(() => chooseSnapshot(id, wiki, choices)).toThrow(/wiki has no snapshot/);
  });

  it("refuse a beginning that several share", () => {
    const twins = [choices[0]!, { ...choices[1]!, id: "1aaaabbb" }];
    expect(() => chooseSnapshot("1aaaa", wiki, twins)).toThrow(/Several snapshots begin/);
  });

  it("refuse `latest` where each of several volumes has one", () => {
    expect(() => chooseSnapshot("latest", nas, snapshotsOf(nas, all))).toThrow(/nas has 2 volumes \(audit, shares\)/);
  });

  it("have a `latest` of one volume, where what is asked back by name is in it", () => {
    const both = snapshotsOf(nas, all);
    expect(chooseSnapshot("latest", nas, both, [both[0]!.volume.key]).volume.key).toBe(both[0]!.volume.key);
  });
});

describe("a path", () => {
  it.each([
    ["pages/start.txt", `${base}/pages/start.txt`],
    ["./pages//start.txt", `${base}/pages/start.txt`],
    ["pages/", `${base}/pages`],
    [".", base],
    ["/var/lib/dokuwiki", base],
    ["/var/lib/dokuwiki/pages/a b.txt", `${base}/pages/a b.txt`],
    ["pages/..double", `${base}/pages/..double`],
  ])("%j is found inside the volume", (typed, expected) => {
    expect(placeInside(typed, choices[0]!)).toBe(expected);
  });

  it.each(["..", "../x", "pages/../../x", "/etc/passwd", "/var/lib/dokuwiki-other/x", "/", "a\0b", "pages/.."])(
    "%j is refused, for it leads out of the volume",
    (typed) => {
      expect(() => placeInside(typed, choices[0]!)).toThrow(/is outside the volume data/);
    },
  );
});
