import { describe, expect, it } from "vitest";
import { loadVocabulary } from "../../../association/index.ts";
import type { Choice } from "../../../cli/recovery/choose.ts";
import { pathsOf, readItem, readTime, snapshotAt } from "../../../cli/recovery/items.ts";

const { kinds } = await loadVocabulary();
const saved = (id: string) => ({ service: { id } }) as never;
const item = (kind: string, typed: string) => readItem(typed, saved(kind), kinds[kind]);
const base = "/data/v";
const inFolders =
  (folders: Record<string, string[]>) =>
  async (folder: string): Promise<string[] | undefined> =>
    folders[folder];

describe("an item of a service", () => {
  it("that is a wiki's page is its text, what belongs to it, its history, and no other page's", async () => {
    const found = await pathsOf(
      item("wiki", "page:technique:plan"),
      { path: base },
      inFolders({
        [`${base}/pages/technique`]: ["plan.txt", "plan2.txt"],
        [`${base}/meta/technique`]: ["plan.meta", "plan.changes", "plan2.meta", "planxmeta"],
        [`${base}/attic/technique`]: ["plan.1700000000.txt.gz", "plan.1700000001.txt.gz", "plan2.1700000000.txt.gz"],
      }),
    );
    expect(found).toEqual([
      `${base}/pages/technique/plan.txt`,
      `${base}/meta/technique/plan.meta`,
      `${base}/meta/technique/plan.changes`,
      `${base}/attic/technique/plan.1700000000.txt.gz`,
      `${base}/attic/technique/plan.1700000001.txt.gz`,
    ]);
  });

  it("is read as members write it: accents, a colon first, a Windows path", () => {
    expect(item("wiki", "page::été").places[0]).toBe("pages/%c3%a9t%c3%a9.txt");
    expect(item("nas", "file:\\technique\\plans\\a b.odg").places).toEqual(["technique/plans/a b.odg"]);
    expect(item("mail", "folder:Tresor@example.org/Archives/2025").places).toEqual([
      "boxes/tresor@example.org/Maildir/Archives/2025",
    ]);
  });

  it.each([
    ["wiki", "page:../../etc/passwd"],
    ["wiki", "page:a/b"],
    ["wiki", "page:"],
    ["nas", "share:.."],
    ["nas", "share:a/b"],
    ["nas", "file:technique/../bureau/secret"],
    ["nas", "file:technique"],
    ["mail", "mailbox:../x"],
    ["mail", "folder:a@b.c/../x"],
  ])("of %s cannot be %s: it would lead elsewhere", (kind, typed) => {
    expect(() => item(kind, typed)).toThrow(/cannot be the name of a .*: nothing was touched/);
  });

  it("that is a list is taken up with nobody else on it where it is to be exactly as it was", () => {
    const taken = (exact: boolean) => readItem("list:parents", saved("sympa"), kinds.lists, exact).programs!.take;
    expect(taken(false)).toEqual(["vigie-lists", "readmit", "parents"]);
    expect(taken(true)).toEqual(["vigie-lists", "readmit", "parents", "--exact"]);
  });

  it("that the service does not have is refused with those that it has", () => {
    expect(() => item("wiki", "pages:a")).toThrow(
      /no items called "pages"; did you mean page\?[\s\S]*--item page:technique:sauvegardes/,
    );
    expect(() => item("proxy", "page:a")).toThrow(/--file PATH/);
  });

  it("names, in every kind, a volume that is backed up, and an example that holds", () => {
    for (const [kind, { items = {}, volumes }] of Object.entries(kinds))
      for (const [word, { volume, example, places }] of Object.entries(items)) {
        expect(volumes[volume]?.backup, `${kind} ${word}`).toBe(true);
        expect(places(example), `${kind} ${word}`).toBeDefined();
      }
  });
});

describe("a point in time", () => {
  const choice = (id: string, time: string, undo = false) => ({ id, time, undo }) as Choice;
  const choices = [
    choice("a", "2026-11-23T02:00:00Z"),
    choice("b", "2026-11-24T08:59:00Z"),
    choice("undo", "2026-11-24T08:59:30Z", true),
    choice("c", "2026-11-24T09:01:00Z"),
  ];

  it("is of the association's clock, and means the last snapshot from then or before", () => {
    expect(snapshotAt("2026-11-24 10:00", choices, "Europe/Paris", saved("wiki")).id).toBe("b");
    expect(snapshotAt("2026-11-24 10:00", choices, "UTC", saved("wiki")).id).toBe("c");
    expect(snapshotAt("2026-11-23", choices, "Europe/Paris", saved("wiki")).id).toBe("a");
    expect(snapshotAt("2026-11-24T09:00:00Z", choices, "Europe/Paris", saved("wiki")).id).toBe("b");
  });

  it("is right on both sides of a change of the clocks", () => {
    expect(readTime("2026-03-29 01:59", "Europe/Paris")).toBe(Date.parse("2026-03-29T00:59:00Z"));
    expect(readTime("2026-03-29 03:00", "Europe/Paris")).toBe(Date.parse("2026-03-29T01:00:00Z"));
    expect(readTime("2026-10-25 12:00", "Europe/Paris")).toBe(Date.parse("2026-10-25T11:00:00Z"));
  });

  it("before any snapshot, or that is no time, is refused", () => {
    expect(() => snapshotAt("2020-01-01", choices, "UTC", saved("wiki"))).toThrow(
      /no snapshot from 2020-01-01 or before[\s\S]*2026-11-23/,
    );
    for (const wrong of ["yesterday", "2026-02-30", "2026-11-24 25:00", "2026-11-24 10:75", ""])
      expect(() => snapshotAt(wrong, choices, "UTC", saved("wiki")), wrong).toThrow(/is no time/);
  });
});
