import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { Check } from "../../../association/index.ts";
import { good, type Outcome, type RunContext, type RunnableCheck } from "../../../monitors/check.ts";
import { Engine, type Finished, pauseBetweenAttempts } from "../../../monitors/engine/engine.ts";
import { Guard } from "../../../monitors/engine/guard.ts";
import { unknown } from "../../../monitors/engine/standing.ts";
import { check } from "../helpers/inventory.ts";
import { resources } from "../helpers/run.ts";

type Behaviour = (context: RunContext, params: { name?: string }) => Promise<Outcome>;
const kind = (run: Behaviour): RunnableCheck => ({
  summary: "does what a test wants",
  params: z.any(),
  target: () => "",
  run: (params, context) => run(context, params as { name?: string }),
});
const fails = async (): Promise<Outcome> => ({ ok: false, reason: "refused", message: "no" });
const passing = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** Ends when it is told to, as a hanging target does. */
const hangs = ({ signal }: RunContext): Promise<Outcome> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

let engine: Engine | undefined;

function start(checks: readonly Check[], run: Behaviour, more: Partial<ConstructorParameters<typeof Engine>[0]> = {}) {
  const finished: Finished[] = [];
  const errors: unknown[] = [];
  engine = new Engine({
    checks,
    kinds: { fake: kind(run) },
    resources: resources(),
    timeZone: "Europe/Paris",
    onFinished: (one) => finished.push(one),
    onError: (_, error) => errors.push(error),
    ...more,
  });
  engine.start();
  return { engine, finished, errors };
}

const many = (count: number, own: Partial<Check> = {}) =>
  Array.from({ length: count }, (_, index) =>
    check({ id: `service-${index}/check`, params: { name: String(index) }, ...own }),
  );

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "Date", "performance"] });
});
afterEach(async () => {
  const stopped = engine?.stop(0);
  await vi.advanceTimersByTimeAsync(10);
  await stopped;
  vi.useRealTimers();
});

describe("the engine", () => {
  it("runs every check once within its first interval, and so on", async () => {
    const { finished } = start(many(200), async () => good());
    await vi.advanceTimersByTimeAsync(10_000);
    expect(new Set(finished.map(({ watched }) => watched.check.id)).size).toBe(200);
    const before = finished.length;
    await vi.advanceTimersByTimeAsync(100_000);
    expect(finished.length - before).toBe(2000);
  });

  it("begins runs when they are due", async () => {
    const { finished } = start(many(100), async () => good());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(Math.max(...finished.map(({ lateness }) => lateness))).toBeLessThan(0.01);
  });

  it("never runs a check while it is running, and counts what was left out", async () => {
    let going = 0;
    let most = 0;
    const slow = check({ id: "a/slow", schedule: { everySeconds: 1 }, timeoutSeconds: 30 });
    const { engine: own } = start([slow], async () => {
      most = Math.max(most, ++going);
      await passing(3500);
      going--;
      return good();
    });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(most).toBe(1);
    expect(own.watched[0]!.skipped).toBeGreaterThan(5);
  });

  it("tells a time-out, and what was being done then", async () => {
    const { finished } = start([check({ id: "a/b", timeoutSeconds: 2 })], (context) => {
      context.step("waiting for the oracle");
      return hangs(context);
    });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(finished[0]!.run).toMatchObject({
      ok: false,
      reason: "timeout",
      message: "not done within 2 s, while waiting for the oracle",
      seconds: 2,
    });
  });

  it("goes on after a check that never ends, whatever it is told", async () => {
    const { finished } = start([check({ id: "a/b", timeoutSeconds: 1 })], () => new Promise(() => {}));
    await vi.advanceTimersByTimeAsync(35_000);
    expect(finished.length).toBeGreaterThanOrEqual(3);
  });

  it("turns what a check throws into a failure, and reports it where it is nothing known", async () => {
    const throws = [
      () => Promise.reject(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })),
      () => {
        throw new TypeError("undefined is not a function");
      },
    ];
    const { finished, errors } = start(many(2, { schedule: { everySeconds: 60 } }), (_, { name }) =>
      throws[Number(name)]!(),
    );
    await vi.advanceTimersByTimeAsync(10_000);
    const reasons = finished.map(({ watched, run }) => [watched.check.id, run.reason]).sort();
    expect(reasons).toEqual([
      ["service-0/check", "refused"],
      ["service-1/check", "internal"],
    ]);
    expect(errors).toHaveLength(1);
  });

  it("tries again as often as declared, within the same run", async () => {
    let attempts = 0;
    const once = check({ id: "a/b", retries: 2, schedule: { everySeconds: 60 } });
    const { finished } = start([once], async () => (++attempts < 3 ? fails() : good()));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(attempts).toBe(3);
    expect(finished).toHaveLength(1);
    expect(finished[0]!.run.ok).toBe(true);
  });

  it("makes text of checked machines harmless before anyone sees it", async () => {
    const { finished } = start([check({ id: "a/b" })], async () => ({
      ok: false,
      reason: "wrong-reply",
      message: `red \u001b[31m line\nfeed \u202e${"x".repeat(1000)}`,
    }));
    await vi.advanceTimersByTimeAsync(10_000);
    const { message = "" } = finished[0]!.run;
    expect(message).toContain("\\u{1b}[31m line\\u{a}feed \\u{202e}");
    expect(message.length).toBeLessThan(600);
  });

  it("goes on from where checks stood", async () => {
    const known = { ...unknown("a/b", 5), consecutiveFailures: 1, streakSince: 7 };
    const { finished, engine: own } = start([check({ id: "a/b" })], fails, { standings: new Map([["a/b", known]]) });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(finished[0]!.before).toEqual(known);
    expect(own.states["a/b"]).toMatchObject({ status: "down", since: 7 });
  });
});

describe("many checks together", () => {
  it("never have more runs going on than there are places, and each gets its turn", async () => {
    let going = 0;
    let most = 0;
    const { finished } = start(
      many(100),
      async () => {
        most = Math.max(most, ++going);
        await passing(400);
        going--;
        return good();
      },
      { concurrency: 8 },
    );
    await vi.advanceTimersByTimeAsync(30_000);
    expect(most).toBe(8);
    expect(new Set(finished.map(({ watched }) => watched.check.id)).size).toBe(100);
  });

  it("are not held up by one in five that hang", async () => {
    const { finished, engine: own } = start(
      many(500, { timeoutSeconds: 8 }),
      async (context, { name }) => (Number(name) % 5 === 0 ? hangs(context) : good()),
      { concurrency: 120 },
    );
    await vi.advanceTimersByTimeAsync(20_000);
    const from = finished.length;
    await vi.advanceTimersByTimeAsync(40_000);
    const quick = finished.slice(from).filter(({ run }) => run.ok);
    expect(quick).toHaveLength(1600);
    expect(Math.max(...quick.map(({ lateness }) => lateness))).toBeLessThan(0.25);
    expect(own.health.waiting).toBeLessThanOrEqual(500);
  });
});

describe("a machine that was suspended", () => {
  it.each([
    ["after the schedule was looked at", 2900],
    ["before it was", 0],
  ])("blames no target for the time-outs of the time it stood still, told %s", async (_, after) => {
    let runs = 0;
    const { finished } = start([check({ id: "a/b", timeoutSeconds: 3 })], async () => {
      // The first run is under way when the machine is suspended: no timer fires, and the clock goes on.
      if (runs++ === 0) {
        const began = performance.now();
        vi.setSystemTime(Date.now() + 120_000);
        const real = performance.now.bind(performance);
        vi.spyOn(performance, "now").mockImplementation(() => real() + 120_000);
        expect(performance.now() - began).toBeGreaterThan(100_000);
        if (after > 0) await passing(after);
        return { ok: false, reason: "timeout", message: "" };
      }
      return good();
    });
    await vi.advanceTimersByTimeAsync(15_000);
    vi.restoreAllMocks();
    expect(finished[0]!.run.ok).toBe(true);
    expect(finished.every(({ run }) => run.ok)).toBe(true);
  });
});

describe("our own network, when it is down", () => {
  const guard = (up: () => boolean) =>
    new Guard({ references: [{ host: "ref.example", port: 53 }], reaches: async () => up() });

  it("is blamed instead of what cannot be reached, and what was known stands", async () => {
    let up = true;
    const { finished, engine: own } = start(
      many(20, { failAfter: 1 }),
      async () => (up ? good() : { ok: false, reason: "timeout", message: "" }),
      { guard: guard(() => up) },
    );
    await vi.advanceTimersByTimeAsync(20_000);
    up = false;
    const from = finished.length;
    await vi.advanceTimersByTimeAsync(30_000);
    const during = finished.slice(from);
    expect(during.length).toBeGreaterThan(50);
    for (const { run, excused } of during) expect([run.reason, excused]).toEqual(["own-network", true]);
    expect(Object.values(own.states).map(({ status }) => status)).toEqual(Array(20).fill("up"));
    expect(own.watched.every(({ failed, excused }) => failed === 0 && excused > 0)).toBe(true);
    up = true;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(finished.at(-1)).toMatchObject({ excused: false, run: { ok: true } });
  });

  it("excuses nothing that somebody has answered", async () => {
    const { engine: own } = start([check({ id: "a/b", failAfter: 1 })], fails, { guard: guard(() => false) });
    await vi.advanceTimersByTimeAsync(15_000);
    expect(own.states["a/b"]).toMatchObject({ status: "down", lastRun: { reason: "refused" } });
  });

  it("excuses nothing while one of the references answers", async () => {
    const two = new Guard({
      references: [
        { host: "a.example", port: 53 },
        { host: "b.example", port: 53 },
      ],
      reaches: async ({ host }) => host === "b.example",
    });
    const unreachable = async (): Promise<Outcome> => ({ ok: false, reason: "unreachable", message: "" });
    const { engine: own } = start([check({ id: "a/b", failAfter: 1 })], unreachable, { guard: two });
    await vi.advanceTimersByTimeAsync(15_000);
    expect(own.states["a/b"]!.status).toBe("down");
    expect(two.up).toBe(true);
  });

  it("is looked at once, however many checks fail at the same time", async () => {
    let looks = 0;
    const counting = new Guard({
      references: [{ host: "a.example", port: 53 }],
      reaches: async () => {
        looks++;
        await passing(500);
        return false;
      },
    });
    await Promise.all([
      ...Array.from({ length: 1000 }, () => counting.excuses("timeout")),
      vi.advanceTimersByTimeAsync(600),
    ]);
    expect(looks).toBe(1);
    expect(await new Guard({ references: [] }).excuses("timeout")).toBe(false);
  });
});

describe("another inventory", () => {
  it("is watched without losing what is known nor the runs under way", async () => {
    let slow = 0;
    const [a, b, c] = ["a/x", "b/x", "c/x"].map((id) => check({ id, params: { name: id }, timeoutSeconds: 9 }));
    const { engine: own, finished } = start([a!, b!], async (_, { name }) => {
      if (name === "a/x") {
        slow++;
        await passing(4000);
      }
      return good();
    });
    await vi.waitFor(() => expect(slow).toBe(1), { timeout: 20_000, interval: 100 });
    const known = own.states["b/x"];
    own.reload([a!, { ...b!, target: "elsewhere", params: { name: "b2" } }, c!]);
    expect(own.states["b/x"]).toBe(known);
    await vi.advanceTimersByTimeAsync(20_000);
    const runsOf = (id: string) => finished.filter(({ watched }) => watched.check.id === id);
    expect(slow).toBe(runsOf("a/x").length + (own.health.running > 0 ? 1 : 0));
    expect(runsOf("c/x").length).toBeGreaterThan(0);
    expect(runsOf("b/x").at(-1)!.watched.check.target).toBe("elsewhere");
    expect(own.watched.find(({ check: { id } }) => id === "b/x")!.good).toBe(runsOf("b/x").length);
  });

  it("ends what is no longer in it, runs under way included", async () => {
    const { engine: own, finished } = start(many(10), async () => {
      await passing(3000);
      return good();
    });
    await vi.advanceTimersByTimeAsync(4000);
    expect(own.health.running).toBeGreaterThan(0);
    const before = finished.length;
    own.reload([]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(finished.length).toBe(before);
    expect(own.states).toEqual({});
    expect(own.health).toMatchObject({ running: 0, waiting: 0 });
  });

  it("is followed at the new pace only", async () => {
    const one = check({ id: "a/b", schedule: { everySeconds: 10 } });
    const { engine: own, finished } = start([one], async () => good());
    await vi.advanceTimersByTimeAsync(30_000);
    own.reload([{ ...one, schedule: { everySeconds: 60 } }]);
    await vi.advanceTimersByTimeAsync(60_000);
    const from = finished.length;
    await vi.advanceTimersByTimeAsync(600_000);
    expect(finished.length - from).toBe(10);
  });
});

describe("stopping", () => {
  it("lets runs going on end, and starts no other", async () => {
    const { engine: own, finished } = start(many(20), async () => {
      await passing(1000);
      return good();
    });
    await vi.advanceTimersByTimeAsync(3000);
    const { running } = own.health;
    expect(running).toBeGreaterThan(0);
    const before = finished.length;
    const stopped = own.stop(5000);
    await vi.advanceTimersByTimeAsync(1500);
    await stopped;
    expect(finished.length - before).toBe(running);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(finished.length - before).toBe(running);
  });

  it("gives up on what does not end in time, and takes it for no failure", async () => {
    const aborted: unknown[] = [];
    const { engine: own, finished } = start([check({ id: "a/b", timeoutSeconds: 60 })], (context) => {
      context.signal.addEventListener("abort", () => aborted.push(context.signal.reason));
      return hangs(context);
    });
    await vi.advanceTimersByTimeAsync(11_000);
    const stopped = own.stop(2000);
    await vi.advanceTimersByTimeAsync(2000);
    await stopped;
    expect(aborted).toHaveLength(1);
    expect(finished).toHaveLength(0);
  });
});

describe("the pause between attempts", () => {
  it("leaves room for all attempts before the next run", () => {
    expect(pauseBetweenAttempts(check({ id: "a/b" }))).toBe(0);
    expect(pauseBetweenAttempts(check({ id: "a/b", retries: 1, timeoutSeconds: 5 }))).toBe(0);
    expect(pauseBetweenAttempts(check({ id: "a/b", retries: 1, timeoutSeconds: 1 }))).toBe(500);
    expect(pauseBetweenAttempts(check({ id: "a/b", retries: 4, timeoutSeconds: 1.9 }))).toBeCloseTo(62.5);
  });
});
