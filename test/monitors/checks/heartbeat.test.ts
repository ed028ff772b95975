import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished, test, vi } from "vitest";
import { judge } from "../../../monitors/checks/_heartbeat.ts";
import check from "../../../monitors/checks/heartbeat.ts";
import { makeHeartbeats, REPORTS } from "../../../monitors/sources/heartbeats.ts";
import { HOSTILE } from "../../dashboards/hostile.ts";
import { resources, runCheck } from "../helpers/run.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.parse("2026-11-24T12:00:00Z");
const AGREED = { every: 3600, grace: 600 };
const place = () => join(mkdtempSync(join(tmpdir(), "vigie-heartbeats-")), "sub", "heartbeats.json");

describe("a clock that jumps", () => {
  it.each([HOUR * 24, -HOUR * 24])(
    "by %d ms makes no job late, and none that failed before newer than its success",
    async (by) => {
      const path = place();
      const jobs = makeHeartbeats(path, ["wiki/cron", "wiki/new"], () => {}, NOW);
      await jobs.report("wiki/cron", "success", "", NOW + MINUTE);
      await jobs.report("wiki/cron", "fail", "no room", NOW + 2 * MINUTE);
      const now = NOW + 3 * MINUTE + by;
      jobs.jumped({ by, now });
      const problem = (name: string, at: number) =>
        judge(jobs.of(name).signals, AGREED, jobs.of(name).since, at).problem;
      expect(problem("wiki/cron", now)?.reason).toBe("reported-failure");
      expect(problem("wiki/new", now)).toBeUndefined();
      await jobs.report("wiki/cron", "success", "", now + MINUTE);
      expect(problem("wiki/cron", now + 2 * MINUTE)).toBeUndefined();
      // What is silent from now on is missed when its time is over, by the new clock, after a restart too.
      const again = makeHeartbeats(path, ["wiki/cron", "wiki/new"], () => {}, now);
      const { signals, since } = again.of("wiki/cron");
      expect(judge(signals, AGREED, since, now + 72 * MINUTE).problem?.reason).toBe("no-signal");
      expect(problem("wiki/new", now + 72 * MINUTE)?.reason).toBe("no-signal");
    },
  );
});

describe("a job", () => {
  test.each([
    ["has its time before its first report", {}, NOW - HOUR, undefined],
    ["that never came is missed once its time is over", {}, NOW - 71 * MINUTE, "no-signal"],
    ["that came in time is fine", { succeeded: NOW - 69 * MINUTE }, 0, undefined],
    ["that is late is missed", { succeeded: NOW - 71 * MINUTE }, 0, "no-signal"],
    ["that said it failed has failed", { succeeded: NOW - HOUR, failed: NOW - MINUTE }, 0, "reported-failure"],
    ["that succeeded after it failed is fine", { succeeded: NOW - MINUTE, failed: NOW - 2 * MINUTE }, 0, undefined],
    [
      "that runs for too long hangs",
      { started: NOW - 75 * MINUTE, succeeded: NOW - 76 * MINUTE },
      0,
      "running-too-long",
    ],
    ["that runs still may", { started: NOW - 5 * MINUTE, succeeded: NOW - 60 * MINUTE }, 0, undefined],
  ])("%s", (_, signals, since, reason) => expect(judge(signals, AGREED, since, NOW).problem?.reason).toBe(reason));

  it.each([
    ["that was due while nobody was there to hear it has its time anew", { succeeded: NOW - 30 * HOUR }, undefined],
    ["that may have ended meanwhile has, too", { started: NOW - 26 * HOUR, succeeded: NOW - 26.5 * HOUR }, undefined],
    ["that was late before is missed", { succeeded: NOW - 40 * HOUR }, "no-signal"],
    ["that is heard and late again is missed", { succeeded: NOW - 2 * HOUR }, "no-signal"],
  ])("%s", async (_, signals, reason) => {
    const path = place();
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify({ "wiki/cron": { since: 0, ...signals } }));
    // Stopped for a day until three hours ago, and back since.
    const jobs = makeHeartbeats(path, ["wiki/cron"], () => {}, NOW - 3 * HOUR, NOW - 27 * HOUR);
    const long = { every: 3600 * 5, grace: 600 };
    const agreed = reason === undefined || signals.succeeded < NOW - 30 * HOUR ? long : AGREED;
    // A restart later on is not what it needs.
    await jobs.report("wiki/cron", "log", "", NOW - 2 * HOUR);
    const again = makeHeartbeats(path, ["wiki/cron"], () => {}, NOW - HOUR, NOW - HOUR - 1000);
    const { signals: told, since, unheard } = again.of("wiki/cron");
    expect(judge(told, agreed, since, NOW, unheard).problem?.reason).toBe(reason);
    // And is missed when that is over too.
    expect(judge(told, agreed, since, NOW + 3 * HOUR, unheard).problem?.reason).toMatch(/no-signal|running-too-long/);
  });

  it("that fails while it runs late is told by its failure", () => {
    const { problem } = judge({ failed: NOW - HOUR, words: "disk <full>" }, AGREED, 0, NOW);
    expect(problem).toEqual({
      reason: "reported-failure",
      message: 'the job reported a failure 60 min ago: "disk <full>"',
    });
  });

  it("may have a shorter time for one run", () => {
    const signals = { started: NOW - 11 * MINUTE, succeeded: NOW - 20 * MINUTE };
    expect(judge(signals, { ...AGREED, maxRuntime: 600 }, 0, NOW).problem?.reason).toBe("running-too-long");
  });
});

describe("reports", () => {
  it("outlive a restart", async () => {
    const path = place();
    const first = makeHeartbeats(path, ["wiki/cron"], () => {}, NOW);
    await first.report("wiki/cron", "start", "", NOW);
    await first.report("wiki/cron", "log", "half done", NOW + MINUTE);
    await first.report("wiki/cron", "success", "", NOW + 2 * MINUTE);
    const second = makeHeartbeats(path, ["wiki/cron"], () => {}, NOW + HOUR);
    expect(second.of("wiki/cron")).toEqual({
      since: NOW,
      unheard: [],
      signals: { started: NOW, succeeded: NOW + 2 * MINUTE, words: "half done", seconds: 120 },
    });
    expect(second.log("wiki/cron").map(({ report }) => report)).toEqual(["start", "log", "success"]);
  });

  it("of jobs that are no longer declared are forgotten", async () => {
    const path = place();
    await makeHeartbeats(path, ["wiki/cron"], () => {}).report("wiki/cron", "success", "", NOW);
    await makeHeartbeats(path, ["nas/cron"], () => {}).report("nas/cron", "start", "", NOW);
    expect(Object.keys(JSON.parse(readFileSync(path, "utf8")))).toEqual(["nas/cron"]);
  });

  test.each(["", "{", "[]", "null", '{"wiki/cron":{"since":"x"}}', "\u0000"])(
    "in a damaged file (%j) count as none, which is told",
    async (text) => {
      const folder = mkdtempSync(join(tmpdir(), "vigie-heartbeats-"));
      const path = join(folder, "heartbeats.json");
      writeFileSync(path, text);
      const problems: unknown[] = [];
      const jobs = makeHeartbeats(path, ["wiki/cron"], (problem) => problems.push(problem), NOW);
      expect(problems[0]).toContain("damaged");
      await jobs.report("wiki/cron", "success", "", NOW);
      expect(makeHeartbeats(path, ["wiki/cron"], () => {}).of("wiki/cron").signals.succeeded).toBe(NOW);
    },
  );

  it("that cannot be written are refused and not believed, which is said until they can be", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const folder = mkdtempSync(join(tmpdir(), "vigie-heartbeats-"));
    writeFileSync(join(folder, "file"), "");
    const problems: (string | undefined)[] = [];
    const jobs = makeHeartbeats(
      join(folder, "file", "x.json"),
      ["wiki/cron"],
      (problem) => problems.push(problem),
      NOW,
    );
    const both = [jobs.report("wiki/cron", "start", "", NOW), jobs.report("wiki/cron", "success", "", NOW)];
    expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(jobs.report("wiki/cron", "fail", "", NOW)).rejects.toThrow();
    expect(jobs.of("wiki/cron").signals).toEqual({});
    expect(problems.at(-1)).toContain("cannot be kept");
    // It is looked again by itself, so that nobody is told of a full disk that is no more.
    rmSync(join(folder, "file"));
    vi.advanceTimersByTime(60_000);
    while (problems.at(-1) !== undefined) await new Promise(setImmediate);
    expect(existsSync(join(folder, "file", "x.json"))).toBe(true);
  });

  it("that come at once are each on the disk when they are answered, and written together", async () => {
    const path = place();
    const names = Array.from({ length: 300 }, (_, at) => `wiki/job-${at}`);
    const files = new Set<string>();
    const jobs = makeHeartbeats(path, names, () => files.add(readFileSync(path, "utf8")), NOW);
    await Promise.all(
      names.map(async (name, at) => {
        await jobs.report(name, "start", "", NOW + at);
        await jobs.report(name, "success", `done ${at}`, NOW + at + MINUTE);
        const kept = JSON.parse(readFileSync(path, "utf8"))[name];
        expect(kept).toMatchObject({ started: NOW + at, succeeded: NOW + at + MINUTE, seconds: 60 });
        expect(jobs.of(name).signals.succeeded).toBe(NOW + at + MINUTE);
      }),
    );
    expect(files.size).toBeLessThan(10);
  });

  it("of a job that is dropped while they are written are forgotten, those of others kept", async () => {
    const path = place();
    const jobs = makeHeartbeats(path, ["wiki/a", "wiki/b"], () => {}, NOW);
    const both = ["wiki/a", "wiki/b"].map((name) => jobs.report(name, "success", "", NOW));
    jobs.watch(["wiki/b"], NOW);
    await Promise.all(both);
    expect(jobs.has("wiki/a")).toBe(false);
    expect(jobs.of("wiki/b").signals.succeeded).toBe(NOW);
    await expect(jobs.report("wiki/a", "success", "", NOW)).rejects.toThrow("no job is called wiki/a");
    expect(Object.keys(JSON.parse(readFileSync(path, "utf8")))).toEqual(["wiki/b"]);
  });

  it("are kept short and few", async () => {
    const jobs = makeHeartbeats(place(), ["wiki/cron"], () => {}, NOW);
    for (let at = 0; at < 100; at++) await jobs.report("wiki/cron", "log", "x".repeat(100_000), NOW + at);
    expect(jobs.log("wiki/cron")).toHaveLength(20);
    expect(jobs.of("wiki/cron").signals.words!.length).toBeLessThanOrEqual(2000);
  });

  it("in any order never break the verdict", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(...REPORTS), fc.integer({ min: 0, max: 1e9 }), fc.constantFrom(...HOSTILE)), {
          maxLength: 20,
        }),
        async (reports) => {
          const jobs = makeHeartbeats(place(), ["a/b"], () => {}, NOW);
          for (const [kind, at, words] of reports) await jobs.report("a/b", kind, words, NOW + at);
          const { signals, since } = jobs.of("a/b");
          const { problem } = judge(signals, AGREED, since, NOW + 1e9);
          const last = reports.filter(([kind]) => kind === "success" || kind === "fail").at(-1);
          const latest = reports.every(([, at]) => last === undefined || at <= last[1]);
          if (latest && last?.[0] === "fail" && signals.failed! > (signals.succeeded ?? 0))
            expect(problem?.reason).toBe("reported-failure");
          if (reports.length === 0) expect(problem?.reason).toBe("no-signal");
          expect(problem?.message ?? "").not.toMatch(/[\n\r]/);
        },
      ),
      { numRuns: 50 },
    ));
});

it("a heartbeat check reads what its job has reported", async () => {
  const heartbeats = makeHeartbeats(place(), ["wiki/dump"], () => {});
  const own = resources({ heartbeats });
  const resolved = check.resolve!(check.params.parse({ job: "dump" }), { service: { id: "wiki" } } as never) as Record<
    string,
    unknown
  >;
  const run = () => runCheck(check, { job: "dump", name: String(resolved.name), expect: "1h" }, { own });
  expect(check.secrets!(resolved as never)).toEqual([{ derived: "push/wiki/dump" }]);
  expect(await run()).toMatchObject({ ok: true });
  await heartbeats.report("wiki/dump", "fail", "no space left", Date.now());
  expect(await run()).toMatchObject({ ok: false, reason: "reported-failure" });
  await heartbeats.report("wiki/dump", "success", "", Date.now() + 1);
  expect(await run()).toMatchObject({ ok: true, measures: { last_success_timestamp_seconds: expect.any(Number) } });
});
