import { describe, expect, it, test } from "vitest";
import { judgeIntegrity } from "../../../monitors/checks/_integrity.ts";
import { judgeJobs } from "../../../monitors/checks/_jobs.ts";
import { judgeCopy } from "../../../monitors/checks/backup-copy.ts";
import type { AgentAnswer, AgentJob, AgentReport } from "../../../monitors/sources/backup-agent.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.parse("2027-03-31T12:00:00Z");
const good: AgentJob = {
  id: "wiki-data",
  service: "wiki",
  volume: "data",
  nextRun: NOW + HOUR,
  lastEnd: NOW - HOUR,
  lastSeconds: 12,
  lastResult: "ok",
};
const answer = (job: Partial<AgentJob> = {}, report: Partial<AgentReport> = {}, clockOffset = 0): AgentAnswer => ({
  ok: true,
  clockOffset,
  report: {
    version: 1,
    host: "main",
    now: NOW,
    startedAt: NOW - 9 * DAY,
    repository: "ready",
    jobs: [{ ...good, ...job }],
    proofs: [],
    copies: [],
    ...report,
  },
});
const silent: AgentAnswer = { ok: false, reason: "agent-unreachable", message: "nobody" };
const jobs = (from: AgentAnswer, now = NOW) =>
  judgeJobs({ service: "wiki", volumes: ["data"], limit: 3600, answer: from, now });

describe("a backup job", () => {
  it("is well after a good run, and is measured", () => {
    const { problem, measures } = jobs(answer());
    expect(problem).toBeUndefined();
    expect(measures).toEqual({
      clock_offset_seconds: 0,
      "last_run_timestamp_seconds/data": NOW / 1000 - 3600,
      "last_run_success/data": 1,
      "last_run_seconds/data": 12,
      "running_seconds/data": 0,
    });
  });

  test.each<[string, AgentAnswer, string]>([
    ["the agent does not answer", silent, "agent-unreachable"],
    [
      "its last run failed, by the agent's reason",
      answer({ lastResult: "failed", lastCode: "destination-full" }),
      "destination-full",
    ],
    ["some files could not be read", answer({ lastResult: "partial" }), "backup-failed"],
    [
      "restic tries again and again",
      answer({ runningSince: NOW - 60_000, trouble: { code: "destination-full", reason: "507" } }),
      "destination-full",
    ],
    ["it has been running for ever", answer({ runningSince: NOW - 2 * HOUR }), "running-too-long"],
    ["it should have run and did not", answer({ nextRun: NOW - HOUR }), "backup-failed"],
    ["the agent has no such job", answer({ volume: "other" }), "not-configured"],
  ])("fails where %s", (_, from, reason) => expect(jobs(from).problem?.reason).toBe(reason));

  it("may run for as long as it is allowed, and begin a little late", () => {
    expect(jobs(answer({ runningSince: NOW - HOUR / 2 })).problem).toBeUndefined();
    expect(jobs(answer({ nextRun: NOW - 60_000 })).problem).toBeUndefined();
  });

  it("fails where the agent's clock is wrong, and as nothing else", () => {
    // By the agent's clock, which is ten days ahead, the next run is in an hour.
    const ahead = answer({ nextRun: NOW + 10 * DAY + HOUR, lastEnd: NOW + 10 * DAY - HOUR }, {}, 864_000);
    expect(jobs(ahead).problem).toEqual({
      reason: "clock-wrong",
      message: "the clock of host main is 864000 s ahead of the lookout's",
    });
    expect(jobs(answer({}, {}, -61)).problem?.message).toContain("61 s behind");
    expect(jobs(answer({}, {}, 5)).problem).toBeUndefined();
  });
});

describe("a copy elsewhere", () => {
  const copies = (own: object) => answer({}, { copies: [{ id: "annex", goodAt: NOW - HOUR, ...own }] });
  const look = (from: AgentAnswer) => judgeCopy(from, "annex", 2 * 86_400, NOW);

  it("is well when everything was copied in time, and its lag is measured", () => {
    expect(look(copies({}))).toMatchObject({ ok: true, measures: { copy_lag_seconds: 3600 } });
  });

  it("may still be to come when the agent has just started", () => {
    expect(look(answer({}, { startedAt: NOW - HOUR }))).toMatchObject({ ok: true });
  });

  test.each<[string, AgentAnswer, string]>([
    ["the last one failed", copies({ code: "destination-full", reason: "507" }), "destination-full"],
    ["it lags for days", copies({ goodAt: NOW - 4 * DAY }), "too-old"],
    ["none was ever made", answer(), "too-old"],
    ["the agent is silent", silent, "agent-unreachable"],
  ])("fails where %s", (_, from, reason) => expect(look(from)).toMatchObject({ ok: false, reason }));
});

describe("a repository", () => {
  const known = {
    at: NOW - HOUR,
    goodAt: NOW - HOUR,
    seconds: 3,
    errors: 0,
    parts: 2,
    readAt: [NOW - HOUR, NOW - DAY],
    unread: 0,
  };
  const listing = { ok: true, snapshots: [], gone: [] } as const;
  const look = (integrity: object | undefined, from: Partial<Parameters<typeof judgeIntegrity>[0]> = {}) =>
    judgeIntegrity({
      maxAge: 2 * 86_400,
      readAllWithin: 30 * 86_400,
      answer: answer({}, integrity ? { integrity: integrity as typeof known } : {}),
      listing,
      now: NOW,
      ...from,
    });

  it("is well when it was verified and read in time", () => {
    const { problem, measures } = look(known);
    expect(problem).toBeUndefined();
    expect(measures).toMatchObject({ data_read_ratio: 1, key_usable: 1, errors: 0 });
  });

  test.each<[string, ReturnType<typeof look>, string]>([
    ["a fault was found", look({ ...known, code: "repository-damaged", errors: 2 }), "repository-damaged"],
    ["it was not verified for days", look({ ...known, goodAt: NOW - 4 * DAY }), "too-old"],
    [
      "it could not be verified for days",
      look({ ...known, goodAt: NOW - 4 * DAY, code: "repository-unreachable" }),
      "repository-unreachable",
    ],
    ["part of it was not read for months", look({ ...known, readAt: [NOW, NOW - 90 * DAY] }), "too-old"],
    ["it was never verified", look(undefined), "too-old"],
    ["the agent is silent", look(known, { answer: silent }), "agent-unreachable"],
    [
      "our own try is refused, whatever the agent says",
      look(known, { listing: { ok: false, reason: "wrong-password", message: "" } }),
      "wrong-password",
    ],
  ])("fails where %s", (_, { problem }, reason) => expect(problem?.reason).toBe(reason));

  it("is damaged where a snapshot is there and cannot be read, before any verification", () => {
    const words = "failed to load snapshot 1431271b: invalid data returned";
    expect(look(known, { listing: { ...listing, unreadable: words } }).problem).toEqual({
      reason: "repository-damaged",
      message: `a snapshot cannot be read: ${words}`,
    });
  });

  it("measures a damaged key as one that does not open it", () => {
    const damaged = look(known, { listing: { ok: false, reason: "repository-damaged", message: "" } });
    expect(damaged.measures.key_usable).toBe(0);
  });

  it("measures the refused password, and the share that was read", () => {
    const refused = look(known, { listing: { ok: false, reason: "wrong-password", message: "" } });
    expect(refused.measures.key_usable).toBe(0);
    expect(look({ ...known, unread: 1 }).measures.data_read_ratio).toBe(0.5);
  });

  it("has time to be verified after the agent has started anew", () => {
    const young = answer({}, { startedAt: NOW - HOUR, integrity: { ...known, goodAt: NOW - 9 * DAY } });
    expect(look(undefined, { answer: young }).problem).toBeUndefined();
    expect(look(undefined, { answer: answer({}, { startedAt: NOW - HOUR }) }).problem).toBeUndefined();
  });
});
