import { describe, expect, it } from "vitest";
import type { Job } from "../../../../stacks/services/backup/image/agent/declaration.ts";
import {
  listSnapshots,
  newestOf,
  parseSnapshots,
  readable,
  table,
} from "../../../../stacks/services/backup/image/agent/snapshots.ts";

const job: Job = {
  id: "wiki-data",
  service: "wiki",
  volume: "data",
  path: "/data/wiki",
  schedule: { everySeconds: 60 },
  excludes: [],
};
const raw = (short_id: string, time: string, ...tags: string[]) => ({
  short_id,
  time,
  tags,
  summary: { total_files_processed: 3, total_bytes_processed: 2048 },
});
const listed = [
  [
    raw("bbbbbbbb", "2026-01-15T03:00:00.5+01:00", "service=wiki", "volume=data"),
    raw("cccccccc", "2026-01-16T02:00:00Z", "service=wiki", "volume=other"),
    raw("aaaaaaaa", "2026-01-14T02:00:00Z", "service=wiki", "volume=data"),
    { short_id: "dddddddd", time: "2026-01-10T02:00:00Z" },
  ],
];

describe("parseSnapshots", () => {
  it("puts the oldest first, whatever the time zones", () => {
    expect(parseSnapshots(listed).map(({ id }) => id)).toEqual(["dddddddd", "aaaaaaaa", "bbbbbbbb", "cccccccc"]);
  });

  it("reads snapshots without tags or summary, as older versions of restic made them", () => {
    expect(parseSnapshots(listed)[0]).toMatchObject({ tags: [], files: 0, bytes: 0 });
  });

  it("is empty for an empty repository", () => {
    expect(parseSnapshots([[]])).toEqual([]);
    expect(parseSnapshots([null].filter(Boolean))).toEqual([]);
  });
});

describe("newestOf", () => {
  it("is the youngest that has both of the job's tags", () => {
    expect(newestOf(parseSnapshots(listed), job)?.id).toBe("bbbbbbbb");
  });

  it("is none where no snapshot is the job's", () => {
    expect(newestOf(parseSnapshots(listed), { ...job, service: "nas" })).toBeUndefined();
  });
});

describe("listSnapshots", () => {
  it("says why there is no list", async () => {
    const failing = async () => ({
      code: 1,
      errors: ["connection refused"],
      errorCount: 1,
      expectedCount: 0,
      values: [],
    });
    await expect(listSnapshots(failing, "serveur")).rejects.toThrow("connection refused");
  });
});

describe("table", () => {
  it("aligns its columns", () => {
    expect(table(parseSnapshots(listed)).split("\n").slice(0, 2)).toEqual([
      "dddddddd  2026-01-10T02:00:00Z               0 files  0 B",
      "aaaaaaaa  2026-01-14T02:00:00Z  wiki  data   3 files  2.0 KiB",
    ]);
  });

  it("is empty for no snapshot", () => {
    expect(table([])).toBe("");
  });
});

it.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [1536 * 1024, "1.5 MiB"],
  [5 * 1024 ** 5, "5120.0 TiB"],
])("reads %i bytes as %s", (bytes, words) => {
  expect(readable(bytes)).toBe(words);
});
