import { describe, expect, it } from "vitest";
import {
  backupArguments,
  restoreArguments,
  tagsOf,
  undoTagsOf,
  wholeOf,
} from "../../../../stacks/services/backup/image/agent/arguments.ts";
import { browse, parseEntries } from "../../../../stacks/services/backup/image/agent/browse.ts";
import type { Job } from "../../../../stacks/services/backup/image/agent/declaration.ts";
import type { Outcome, Restic } from "../../../../stacks/services/backup/image/agent/restic.ts";
import { restoreExactly } from "../../../../stacks/services/backup/image/agent/room.ts";

const job: Job = {
  id: "wiki-data",
  service: "wiki",
  volume: "data",
  path: "/data/p-wiki-data",
  schedule: { everySeconds: 60 },
  excludes: [],
};
const ended = (values: unknown[], code = 0, errors: string[] = []): Outcome => ({
  code,
  errors,
  errorCount: errors.length,
  expectedCount: 0,
  values,
});
const node = (path: string, type = "file", more: object = {}) => ({
  name: path.split("/").at(-1),
  path,
  type,
  size: 4,
  mtime: "2026-11-24T03:00:00Z",
  message_type: "node",
  ...more,
});
const answering =
  (...values: unknown[]): Restic =>
  async () =>
    ended(values);

describe("a copy kept before a restore", () => {
  it("has none of the tags by which a job's own snapshots are found", () => {
    expect(undoTagsOf(job).filter((tag) => tagsOf(job).includes(tag))).toEqual([]);
    const words = backupArguments(job, "main", undoTagsOf(job));
    expect(words).not.toContain("service=wiki");
    expect(words).toContain("undo-service=wiki");
  });

  it("holds all of the volume, a database included of which a copy is saved otherwise", () => {
    const excluding = { ...job, excludes: ["/data/wiki/history.sqlite"] };
    expect(backupArguments(excluding, "main")).toContain("/data/wiki/history.sqlite");
    expect(backupArguments(wholeOf(excluding), "main", undoTagsOf(job))).not.toContain("--exclude");
  });
});

describe("a restore that removes what was not there then", () => {
  /** restic, ending each time as it is told; and how often it was run. */
  const ending = (...outcomes: Outcome[]) => {
    const runs: (readonly string[])[] = [];
    const restic: Restic = async (args) => {
      runs.push(args);
      return outcomes[Math.min(runs.length, outcomes.length) - 1]!;
    };
    return { restic, runs };
  };
  const full = ended([], 1, ["write /data/v/p/61: no space left on device", "There were 300 errors"]);

  it("is done once more where the disk was full of what it has removed by then", async () => {
    const { restic, runs } = ending(full, ended([]));
    expect((await restoreExactly(restic, ["restore", "1aaaaaaa", "--delete"])).code).toBe(0);
    expect(runs).toEqual([
      ["restore", "1aaaaaaa", "--delete"],
      ["restore", "1aaaaaaa", "--delete"],
    ]);
  });

  it("fails where the disk is as full then, and is not tried again for any other reason", async () => {
    const still = ending(full);
    expect((await restoreExactly(still.restic, ["restore"])).code).toBe(1);
    expect(still.runs).toHaveLength(2);
    const other = ending(ended([], 1, ["ciphertext verification failed"]));
    expect((await restoreExactly(other.restic, ["restore"])).code).toBe(1);
    expect(other.runs).toHaveLength(1);
  });
});

describe("a restore", () => {
  it("takes a path for a path, whatever restic's patterns make of its signs", () => {
    const words = restoreArguments({ snapshot: "1aaaaaaa", to: "/", path: "/data/v/a*[b]?\\c" }, "main");
    expect(words[words.indexOf("--include") + 1]).toBe("/data/v/a\\*\\[b\\]\\?\\\\c");
  });

  it("changes nothing in a dry run, and removes nothing unless told", () => {
    const words = restoreArguments({ snapshot: "1aaaaaaa", to: "/", path: "/x", dryRun: true }, "main");
    expect(words).toContain("--dry-run");
    expect(words).not.toContain("--delete");
    expect(restoreArguments({ snapshot: "1aaaaaaa", to: "/", path: "/x", exact: true }, "main")).toContain("--delete");
  });

  it("reads files of the same size and date where it is not told that these are the same", () => {
    const words = (ifChanged: boolean) =>
      restoreArguments({ snapshot: "1aaaaaaa", to: "/", path: "/x", dryRun: true, ifChanged }, "main").join(" ");
    expect(words(true)).toContain("--overwrite if-changed");
    expect(words(false)).not.toContain("--overwrite");
  });
});

describe("browsing", () => {
  it("gives what is in the folder itself, folders first", async () => {
    const restic = answering(
      { message_type: "snapshot", struct_type: "snapshot" },
      node("/data/v", "dir"),
      node("/data/v/b.txt"),
      node("/data/v/z", "dir"),
      node("/data/v/z/deep.txt"),
      node("/data/v/a.txt"),
    );
    expect((await browse(restic, "1aaaaaaa", "/data/v"))?.map(({ name }) => name)).toEqual(["z", "a.txt", "b.txt"]);
  });

  it("gives a file itself", async () => {
    const owned = node("/data/v/a", "file", { mode: 0o100_640, uid: 33, gid: 33 });
    expect(await browse(answering(owned), "1", "/data/v/a")).toEqual([
      {
        ...{ name: "a", path: "/data/v/a", type: "file", bytes: 4, changed: "2026-11-24T03:00:00Z" },
        ...{ mode: 0o640, uid: 33, gid: 33 },
      },
    ]);
  });

  it("tells an empty folder from one that is not there", async () => {
    expect(await browse(answering(node("/data/v", "dir")), "1", "/data/v")).toEqual([]);
    expect(await browse(answering({ message_type: "snapshot" }), "1", "/data/nope")).toBeUndefined();
  });

  it("tells in restic's words why a snapshot cannot be read", async () => {
    await expect(browse(async () => ended([], 1, ["no such snapshot"]), "1", "/x")).rejects.toThrow("no such snapshot");
  });

  it("reads devices and sockets as neither file nor folder, and lines of no file not at all", () => {
    expect(parseEntries([node("/s", "socket", { size: undefined }), { path: 3 }, {}])).toMatchObject([
      { type: "other", bytes: 0 },
    ]);
  });
});
