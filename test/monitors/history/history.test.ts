import { fork } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { advance, unknown } from "../../../monitors/engine/standing.ts";
import { copyDatabase } from "../../../monitors/history/copy.ts";
import { History, type HistoryEvent, type HistoryOptions } from "../../../monitors/history/history.ts";
import { HISTORY_FILE } from "../../../monitors/history/open.ts";
import { forget } from "../../../monitors/history/retention.ts";
import { REASONS, reasonOf } from "../../../monitors/reasons.ts";

const DAY = 86_400_000;
const retention = { rawDays: 7, dayDays: 400, maxBytes: 1e9 };
const folder = () => mkdtempSync(join(tmpdir(), "vigie-history-"));

function open(at: string, own: Partial<HistoryOptions> = {}) {
  const events: HistoryEvent[] = [];
  const history = new History({
    folder: at,
    timeZone: "Europe/Paris",
    retention,
    onEvent: (event) => events.push(event),
    ...own,
  });
  onTestFinished(() => history.close());
  return { history, events };
}

/** Records a run of a check, as the lookout does. */
function record(history: History, check: string, ok: boolean, at = Date.now(), message = "no answer") {
  const before = history.standings.get(check) ?? unknown(check, at);
  const run = { at, ok, seconds: 0.25, measures: { a_seconds: 1 }, ...(ok ? {} : { reason: "timeout", message }) };
  const after = advance(before, run, { failAfter: 2, recoverAfter: 1 });
  history.days.count(check.split("/")[0]!, at, ok);
  const changed = after.status !== before.status;
  history.record({ check, run, ...(changed ? { change: { status: after.status, since: after.since } } : {}) }, after);
}

function look<T>(at: string, sql: string): T[] {
  const db = new DatabaseSync(join(at, HISTORY_FILE), { readOnly: true });
  try {
    return db.prepare(sql).all() as T[];
  } finally {
    db.close();
  }
}

describe("history", () => {
  it("goes on from where it was after a restart", () => {
    const at = folder();
    const first = open(at).history;
    record(first, "wiki/http", true, 1000);
    record(first, "wiki/http", false, 2000);
    record(first, "wiki/http", false, 3000);
    record(first, "nas/tcp", true, 3000);
    const known = structuredClone([...first.standings]);
    const bars = structuredClone(first.days.bars);
    first.close();
    const { history } = open(at);
    expect([...history.standings].sort()).toEqual(known.sort());
    expect(history.standings.get("wiki/http")).toMatchObject({ status: "down", since: 2000, lastSuccess: 1000 });
    expect(history.days.bars).toEqual(bars);
  });

  it("writes results behind, many in one go", async () => {
    const at = folder();
    const { history } = open(at);
    for (let run = 0; run < 100; run++) record(history, "wiki/http", run % 10 > 0, 1000 + run);
    expect(history.stats).toMatchObject({ written: 0, waiting: 100 });
    await expect.poll(() => history.stats.written, { timeout: 3000 }).toBe(100);
    expect(history.stats).toMatchObject({ waiting: 0, writable: true });
    expect(history.stats.bytes).toBeGreaterThan(4096);
  });

  it("keeps each message once, and reasons as numbers", () => {
    const at = folder();
    const { history } = open(at);
    for (let run = 0; run < 50; run++) record(history, "wiki/http", false, 1000 + run, `no answer ${run % 2}`);
    history.flush();
    expect(look(at, "SELECT value FROM text ORDER BY value")).toEqual([
      { value: "no answer 0" },
      { value: "no answer 1" },
    ]);
    expect(look(at, "SELECT DISTINCT reason, micros FROM result")).toEqual([
      { reason: REASONS.timeout, micros: 250_000 },
    ]);
    expect(look(at, "SELECT status, at, reason FROM change")).toEqual([
      { status: "down", at: 1000, reason: REASONS.timeout },
    ]);
  });

  it("takes less than forty bytes a result", () => {
    const at = folder();
    const { history } = open(at);
    const start = Date.now();
    for (let run = 0; run < 20_000; run++)
      record(history, `service-${run % 50}/http`, true, start + Math.floor(run / 50) * 10_000);
    history.close();
    expect(statSync(join(at, HISTORY_FILE)).size / 20_000).toBeLessThan(40);
  });
});

describe("a history that is killed", () => {
  it("loses no result that was written, and goes on", async () => {
    const at = folder();
    for (let round = 0; round < 3; round++) {
      const child = fork(join(import.meta.dirname, "../helpers/historian.ts"), [at], {
        execArgv: [],
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      });
      let acknowledged = 0;
      child.on("message", (written) => {
        acknowledged = Number(written);
      });
      await expect.poll(() => acknowledged, { timeout: 10_000 }).toBeGreaterThan(300);
      child.kill("SIGKILL");
      await once(child, "exit");
      const [{ found }] = look<{ found: number }>(at, "SELECT count(*) AS found FROM result") as [{ found: number }];
      expect(found).toBeGreaterThanOrEqual(acknowledged);
      const [sound] = look<{ integrity_check: string }>(at, "PRAGMA integrity_check");
      expect(sound).toEqual({ integrity_check: "ok" });
      const { history, events } = open(at);
      expect(events).toEqual([]);
      expect(history.standings.get("wiki/http")!.lastRun!.at).toBe(acknowledged > 0 ? found : 0);
      history.close();
    }
  }, 60_000);
});

describe("a damaged history", () => {
  const damaged = (spoil: (file: string) => void) => {
    const at = folder();
    const { history } = open(at);
    for (let run = 0; run < 3000; run++) record(history, "wiki/http", true, run);
    history.close();
    spoil(join(at, HISTORY_FILE));
    return at;
  };
  const cases: [string, (file: string) => void][] = [
    ["that is no database", (file) => writeFileSync(file, "Not a database, but a text. ".repeat(500))],
    [
      "with pages of rubbish",
      (file) => {
        const bytes = readFileSync(file);
        bytes.fill(0xa5, 8192, 28_672);
        writeFileSync(file, bytes);
      },
    ],
    [
      "that is a folder",
      (file) => {
        unlinkSync(file);
        mkdirSync(file);
      },
    ],
    ["that was cut", (file) => writeFileSync(file, readFileSync(file).subarray(0, 20_000))],
  ];
  it.each(cases)("%s is moved aside, said, and begun anew", (_, spoil) => {
    const at = damaged(spoil);
    const { history, events } = open(at);
    expect(events).toMatchObject([{ what: "moved-aside" }]);
    expect(readdirSync(at).some((file) => file.includes(".damaged-"))).toBe(true);
    expect(history.problems.join()).toContain("damaged");
    expect(history.stats).toMatchObject({ damaged: true, writable: true });
    record(history, "wiki/http", true);
    history.flush();
    expect(history.stats.written).toBe(1);
  });

  it("that an older Vigie does not know is left alone, and history kept in memory", () => {
    const at = folder();
    open(at).history.close();
    const db = new DatabaseSync(join(at, HISTORY_FILE));
    db.exec("PRAGMA user_version = 99");
    db.close();
    const { history, events } = open(at);
    expect(events).toMatchObject([{ what: "unwritable" }]);
    expect(history.problems.join()).toContain("newer version");
    record(history, "wiki/http", true);
    expect(history.standings.size).toBe(1);
    expect(readdirSync(at).some((file) => file.includes(".damaged-"))).toBe(false);
  });
});

describe("a full disk", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is said, keeps nobody from going on, and is caught up with once there is room", async () => {
    const at = folder();
    const now = Date.now();
    // The bound on the file makes SQLite answer as a full disk does (SQLITE_FULL).
    const { history, events } = open(at, { retention: { ...retention, maxBytes: 400_000 } });
    const fill = (from: number) => {
      for (let run = 0; run < 1200; run++)
        record(history, `service-${run % 100}/http`, false, from + run, `${from + run} ${"x".repeat(100)}`);
    };
    fill(now - 10 * DAY);
    history.flush();
    expect(events).toEqual([]);
    fill(now);
    history.flush();
    expect(events).toMatchObject([{ what: "unwritable", why: "database or disk is full" }]);
    expect(history.stats).toMatchObject({ writable: false, waiting: 1200 });
    expect(history.problems[0]).toContain("in memory only");
    expect(history.standings.get("service-7/http")).toMatchObject({ status: "down", consecutiveFailures: 24 });
    await history.forget(now);
    await vi.advanceTimersByTimeAsync(6000);
    expect(events.at(-1)).toEqual({ what: "writable-again" });
    expect(history.problems).toEqual([]);
    history.close();
    expect(look(at, "SELECT count(*) AS n FROM result")).toEqual([{ n: 1200 }]);
    expect(look(at, "SELECT sum(total) AS n FROM day")).toEqual([{ n: 2400 }]);
  });

  it("does not make memory grow without end", () => {
    const { history } = open("/dev/null/nowhere");
    expect(history.stats.writable).toBe(false);
    for (let run = 0; run < 60_000; run++) record(history, "wiki/http", true, run);
    const { waiting, lost } = history.stats;
    expect(waiting).toBeLessThanOrEqual(50_000);
    expect(waiting + lost).toBe(60_000);
  });

  it("that could not be written to at the start is used as soon as it can be", async () => {
    const at = join(folder(), "data");
    writeFileSync(at, "in the way");
    const { history, events } = open(at);
    expect(events).toMatchObject([{ what: "unwritable" }]);
    record(history, "wiki/http", true);
    unlinkSync(at);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(events.at(-1)).toEqual({ what: "writable-again" });
    expect(look(at, "SELECT count(*) AS n FROM result")).toEqual([{ n: 1 }]);
  });

  it("leaves room for the file that was damaged meanwhile to be replaced, with all that is known", async () => {
    const at = folder();
    const { history, events } = open(at);
    record(history, "wiki/http", true, 1000);
    history.flush();
    const file = join(at, HISTORY_FILE);
    // Another process has spoilt it: what SQLite has not in its cache reads as rubbish.
    const db = new DatabaseSync(file);
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    db.close();
    writeFileSync(file, Buffer.alloc(statSync(file).size, 0x5a));
    record(history, "wiki/http", false, 2000);
    history.flush();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(events.some(({ what }) => what === "moved-aside")).toBe(true);
    expect(history.stats.writable).toBe(true);
    history.close();
    const again = open(at).history;
    expect(again.standings.get("wiki/http")).toMatchObject({ consecutiveFailures: 1, lastSuccess: 1000 });
    expect(again.days.bars.wiki).toEqual([{ day: "1970-01-01", good: 1, total: 2, down: 0 }]);
  });
});

describe("a history whose file goes away while it is in use", () => {
  const ways: [string, (at: string) => void][] = [
    ["is removed", (at) => unlinkSync(join(at, HISTORY_FILE))],
    ["is removed with its folder", (at) => rmSync(at, { recursive: true })],
    [
      "is replaced by a folder",
      (at) => {
        unlinkSync(join(at, HISTORY_FILE));
        mkdirSync(join(at, HISTORY_FILE));
      },
    ],
    [
      "is replaced by what is no database",
      (at) => {
        unlinkSync(join(at, HISTORY_FILE));
        writeFileSync(join(at, HISTORY_FILE), "Not a database, but a text. ".repeat(500));
      },
    ],
  ];
  it.each(ways)("and %s: is said, and gone on with in another one, each day counted once", (_, take) => {
    const at = folder();
    const { history, events } = open(at);
    record(history, "wiki/http", true, 1000);
    history.flush();
    // A backup has left a copy, which holds what memory holds too.
    copyDatabase(at, HISTORY_FILE);
    record(history, "wiki/http", true, 2000);
    history.flush();
    expect(events).toEqual([]);
    take(at);
    record(history, "wiki/http", false, 3000);
    history.flush();
    expect(events.map(({ what }) => what)).toContain("gone");
    expect(history.stats).toMatchObject({ writable: true, damaged: true });
    expect(history.problems.join()).toContain("taken away");
    history.close();
    const again = open(at).history;
    expect(again.standings.get("wiki/http")!.lastRun).toMatchObject({ at: 3000, ok: false });
    expect(again.days.bars.wiki).toEqual([{ day: "1970-01-01", good: 2, total: 3, down: 0 }]);
    expect(look(at, "SELECT count(*) AS n FROM result WHERE at = 3000")).toEqual([{ n: 1 }]);
  });
});

describe("what is old", () => {
  it("is forgotten: results after days, days after a year and more", async () => {
    const at = folder();
    const { history } = open(at);
    const now = Date.parse("2027-06-01T12:00:00Z");
    for (const ago of [0, 3, 6, 8, 30, 500]) record(history, "wiki/http", ago % 2 === 0, now - ago * DAY, `ago ${ago}`);
    history.flush();
    await history.forget(now);
    expect(look(at, "SELECT at FROM result ORDER BY at DESC")).toEqual(
      [0, 3, 6].map((ago) => ({ at: now - ago * DAY })),
    );
    expect(look(at, "SELECT value FROM text")).toEqual([{ value: "ago 3" }]);
    expect(look<{ day: number }>(at, "SELECT day FROM day").map(({ day }) => day)).not.toContain(20_260_117);
    expect(look(at, "SELECT count(*) AS n FROM day")).toEqual([{ n: 5 }]);
  });

  it("is kept while the clock is years ahead, over restarts too, and what was dated then is dropped once it is right again", async () => {
    const at = folder();
    const now = Date.now();
    const ahead = now + 3650 * DAY;
    let steady = 0;
    const own = { steady: () => steady };
    const { history } = open(at, own);
    for (const ago of [300, 3, 0]) record(history, "wiki/http", true, now - ago * DAY);
    history.flush();
    await history.forget(now);
    record(history, "wiki/http", false, ahead);
    record(history, "wiki/http", false, ahead + 1);
    history.flush();
    for (let hour = 0; hour < 12; hour++) {
      steady += 3_600_000;
      await history.forget(ahead + steady);
    }
    history.close();
    const { history: again } = open(at, own);
    steady += 3_600_000;
    await again.forget(ahead + steady);
    expect(look(at, "SELECT at FROM result ORDER BY at")).toHaveLength(4);
    expect(look(at, "SELECT day FROM day")).toHaveLength(4);
    expect(again.agedUntil(ahead + steady)).toBeLessThan(now + 4 * DAY);

    steady += 3_600_000;
    await again.forget(now + 5 * DAY);
    again.close();
    expect(look(at, "SELECT at FROM result ORDER BY at")).toEqual([{ at: now - 3 * DAY }, { at: now }]);
    expect(look(at, "SELECT day FROM day")).toHaveLength(3);
    expect(look(at, "SELECT at FROM change WHERE at > 4e12")).toEqual([]);
  });

  it("is not what a clock that was never set makes of it", async () => {
    const at = folder();
    const now = Date.now();
    const { history } = open(at);
    record(history, "wiki/http", true, now);
    history.flush();
    await history.forget(now);
    await history.forget(1000);
    expect(look(at, "SELECT at FROM result")).toEqual([{ at: now }]);
    await history.forget(now);
    expect(history.agedUntil(now)).toBe(now);
  });

  it("is forgotten in small steps, thousands at a time", async () => {
    const at = folder();
    const { history } = open(at);
    const now = Date.now();
    for (let run = 0; run < 9000; run++) record(history, "wiki/http", true, now - 10 * DAY + run);
    record(history, "wiki/http", true, now);
    history.flush();
    await history.forget(now);
    expect(look(at, "SELECT count(*) AS n FROM result")).toEqual([{ n: 1 }]);
  });

  it("gives way earlier when the file has outgrown its bound", async () => {
    const at = folder();
    const { history } = open(at);
    const now = Date.now();
    for (let run = 0; run < 20_000; run++)
      record(history, "wiki/http", true, now - Math.floor((run / 20_000) * 7 * DAY));
    history.close();
    const db = new DatabaseSync(join(at, HISTORY_FILE));
    await forget(db, { ...retention, maxBytes: 200_000 }, now);
    const { n } = db.prepare("SELECT count(*) AS n FROM result").get() as { n: number };
    db.close();
    expect(n).toBeGreaterThan(1000);
    expect(n).toBeLessThan(11_000);
  });
});

describe("reasons", () => {
  it("have numbers of their own, which history can rely on", () => {
    const codes = Object.values(REASONS);
    expect(new Set(codes).size).toBe(codes.length);
    expect(Math.min(...codes)).toBe(1);
    for (const [reason, code] of Object.entries(REASONS)) expect(reasonOf(code)).toBe(reason);
    expect(reasonOf(9999)).toBe("internal");
  });
});
