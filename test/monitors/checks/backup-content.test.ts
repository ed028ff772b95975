import { describe, expect, it, test } from "vitest";
import { type ContentInput, judgeContent } from "../../../monitors/checks/_content.ts";
import { keptBy } from "../../../monitors/checks/_retention.ts";

const DAY = 86_400_000;
const NOW = Date.parse("2027-03-31T12:00:00Z");
const KEEP = { daily: 7, weekly: 5, monthly: 12, yearly: 2 };

const snapshot = (daysAgo: number, own: { files?: number; bytes?: number; id?: string } = {}) => {
  const at = NOW - daysAgo * DAY;
  const time = new Date(at).toISOString();
  return { id: own.id ?? time, time, at, service: "wiki", volume: "data", files: 1000, bytes: 5e6, ...own };
};
const week = [6, 5, 4, 3, 2, 1].map((days) => snapshot(days));
const judge = (snapshots: ReturnType<typeof snapshot>[], own: Partial<ContentInput> = {}, gone: number[] = []) =>
  judgeContent({
    service: "wiki",
    volumes: ["data"],
    keep: KEEP,
    shrink: 0.5,
    listings: [{ ok: true, snapshots, gone: gone.map((days) => ({ ...snapshot(days), since: NOW })) }],
    now: NOW,
    ...own,
  });

describe("what a volume's youngest snapshot holds", () => {
  it("is well when it is about what is usual, and is measured beside it", () => {
    const { problem, measures } = judge([...week, snapshot(0, { files: 900 })]);
    expect(problem).toBeUndefined();
    expect(measures).toMatchObject({ "snapshots/data": 7, "usual_files/data": 1000, "usual_size_bytes/data": 5e6 });
  });

  it("is an emptied source where there is no file left", () => {
    expect(judge([...week, snapshot(0, { files: 0, bytes: 0 })]).problem).toEqual({
      reason: "empty-source",
      message: "volume data of wiki: the youngest snapshot holds no file, where 1000 are usual",
    });
  });

  it("is shrunk where most files are gone, or most bytes", () => {
    expect(judge([...week, snapshot(0, { files: 400 })]).problem?.reason).toBe("shrunk");
    expect(judge([...week, snapshot(0, { bytes: 1e6 })]).problem?.reason).toBe("shrunk");
  });

  it("is compared with the middle of those before, so that one odd snapshot changes nothing", () => {
    expect(judge([...week, snapshot(0.5, { bytes: 9e9 }), snapshot(0)]).problem).toBeUndefined();
  });

  it("is everyday life in a volume of a few small files, and in one that never held any", () => {
    const tiny = (days: number, files: number) => snapshot(days, { files, bytes: files * 10 });
    expect(judge([tiny(1, 4), tiny(0, 1)]).problem).toBeUndefined();
    expect(judge([tiny(1, 0), tiny(0, 0)]).problem).toBeUndefined();
  });

  it("needs nothing before it", () => expect(judge([snapshot(0)]).problem).toBeUndefined());

  it("cannot be dated in the future", () => {
    const { problem } = judge([...week, snapshot(-2)]);
    expect(problem?.reason).toBe("clock-wrong");
    expect(problem?.message).toContain("2027-04-02T12:00:00");
  });

  it("is not known while a repository cannot be read, and that is what is told", () => {
    const broken = { ok: false, reason: "repository-unreachable", message: "refused" } as const;
    expect(judge([], { listings: [broken] }).problem?.reason).toBe("repository-unreachable");
  });
});

describe("snapshots that are gone", () => {
  it("are missed where the policy keeps them", () => {
    const { problem, measures } = judge([...week, snapshot(0)].slice(1), {}, [6]);
    expect(problem?.reason).toBe("snapshot-missing");
    expect(problem?.message).toContain("of 2027-03-25T12:00");
    expect(measures["snapshots_missing/data"]).toBe(1);
  });

  it("are not missed where the retention was to remove them", () => {
    // Two of one day: the earlier goes. One of long ago: only the last of its month stays.
    expect(judge([...week, snapshot(0), snapshot(45)], {}, [0.1, 50]).problem).toBeUndefined();
  });

  it("are all told of where somebody removed them all", () => {
    expect(judge([], {}, [0, 1, 2]).problem?.message).toMatch(/^3 snapshots/);
  });
});

describe("a retention policy", () => {
  const kept = (keep: typeof KEEP, ...times: string[]) =>
    [
      ...keptBy(
        keep,
        times.map((time) => ({ time, at: Date.parse(time) })),
      ),
    ].map(({ time }) => time);

  it("keeps the last snapshot of each of the latest days", () => {
    const only = { daily: 2, weekly: 0, monthly: 0, yearly: 0 };
    expect(
      kept(only, "2027-03-01T03:00:00Z", "2027-03-02T03:00:00Z", "2027-03-02T15:00:00Z", "2027-03-05T03:00:00Z"),
    ).toEqual(["2027-03-05T03:00:00Z", "2027-03-02T15:00:00Z"]);
  });

  test.each([
    ["2027-01-01T03:00:00Z", "2026-12-31T03:00:00Z", 1], // both in week 53 of 2026
    ["2027-01-04T03:00:00Z", "2027-01-03T03:00:00Z", 2],
  ])("counts ISO weeks: %s and %s are in %i", (a, b, count) => {
    expect(kept({ daily: 0, weekly: 9, monthly: 0, yearly: 0 }, a, b)).toHaveLength(count);
  });

  it("counts days as they were written, not as they are elsewhere", () => {
    const only = { daily: 9, weekly: 0, monthly: 0, yearly: 0 };
    expect(kept(only, "2027-03-02T00:30:00+01:00", "2027-03-01T23:00:00+01:00")).toHaveLength(2);
    expect(kept(only, "2027-03-02T01:30:00+01:00", "2027-03-02T00:30:00+01:00")).toHaveLength(1);
  });
});
