import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { expect, it, onTestFinished } from "vitest";
import { check, inventory, pageParams, people, withChecks } from "../monitors/helpers/inventory.ts";
import { tcp, web } from "../monitors/helpers/servers.ts";

const MAIN = join(import.meta.dirname, "../../monitors/main.ts");
const WRONG_CLOCK = join(import.meta.dirname, "wrong-clock.mjs");
const HOUR = 3_600_000;
/** Long enough for a slow machine. */
const SOON = { timeout: 60_000 };

/** The exporter as a process, watching a service that works and one that does not, once a second. */
async function exporter() {
  const folder = mkdtempSync(join(tmpdir(), "vigie-clock-"));
  const clock = join(folder, "clock");
  const times: number[] = [];
  const works = await web((_, response) => {
    times.push(performance.now());
    response.end("Tilleuls");
  });
  const broken = await tcp((socket) => socket.resetAndDestroy());
  const params = pageParams(works.url, "Tilleuls");
  const often = { schedule: { everySeconds: 1 }, failAfter: 1, timeoutSeconds: 5 } as const;
  const watched = withChecks([
    check({ id: "wiki/http", kind: "http", params, ...often }),
    check({ id: "till/tcp", kind: "tcp", params: { address: broken.address, expect: "220" }, ...often }),
  ]);
  const files = {
    // An incident begins when something has been down for two hours: by a clock that jumps it would at once.
    inventory: { ...watched, association: { ...inventory().association, incidents: { openAfter: 7200 } } },
    people: people(),
    exporter: { listen: 0, address: "127.0.0.1", data: join(folder, "data"), host: "main" },
  };
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(content));
  const child: ChildProcess = spawn(process.execPath, ["--import", WRONG_CLOCK, MAIN, "--config", folder], {
    stdio: "pipe",
    env: { PATH: process.env.PATH, WRONG_CLOCK: clock },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout! }).on("line", (line) =>
    lines.push(JSON.parse(line) as Record<string, unknown>),
  );
  await expect.poll(() => lines.some(({ msg }) => msg === "watching"), SOON).toBe(true);
  const url = `http://127.0.0.1:${lines.find(({ msg }) => msg === "watching")!.port}`;
  const metrics = async () => (await fetch(`${url}/metrics`)).text();
  const value = async (series: string): Promise<number> => {
    const line = (await metrics()).split("\n").find((one) => one.startsWith(series));
    return Number(line?.slice(line.lastIndexOf(" ") + 1) ?? Number.NaN);
  };
  return {
    child,
    lines,
    times,
    metrics,
    /** Until both have been run so many times more. */
    more: async (count: number) => {
      const before = [await value(GOOD), await value(BAD)] as const;
      await expect.poll(async () => (await value(GOOD)) - before[0], SOON).toBeGreaterThanOrEqual(count);
      await expect.poll(async () => (await value(BAD)) - before[1], SOON).toBeGreaterThanOrEqual(count);
    },
    set: async (ms: number) => {
      writeFileSync(clock, String(ms));
      child.kill("SIGUSR2");
      const jumps = () => lines.filter(({ msg }) => msg === "the clock has jumped").length;
      const before = jumps();
      await expect.poll(jumps, SOON).toBe(before + 1);
    },
    changes: () => lines.filter(({ msg }) => msg === "status").map(({ check, status }) => `${check} ${status}`),
    incidents: () => lines.filter(({ msg }) => String(msg).startsWith("incident")),
    database: () => {
      const db = new DatabaseSync(join(folder, "data", "history.sqlite"), { readOnly: true });
      onTestFinished(() => db.close());
      return db;
    },
  };
}

const GOOD = 'vigie_check_runs_total{service="wiki",check="http",kind="http",result="success"}';
const BAD = 'vigie_check_runs_total{service="till",check="tcp",kind="tcp",result="failure"}';

it("a clock that is put ahead, ahead by a day, and back brings no storm, no outage, no incident, and no downtime that was not", async () => {
  const { child, set, more, times, changes, incidents, database } = await exporter();
  const began = performance.now();
  await more(3);
  for (const by of [HOUR, 25 * HOUR, -26 * HOUR, 0]) {
    await set(by);
    await more(3);
  }
  const seconds = (performance.now() - began) / 1000;
  // As many runs as seconds, and one out of turn at most: nothing was caught up with.
  const within = times.filter((at) => at >= began).length;
  expect(within).toBeLessThanOrEqual(seconds + 3);
  expect(changes().sort()).toEqual(["till/tcp down", "wiki/http up"]);
  expect(incidents()).toEqual([]);
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  expect(await exited).toEqual([0, null]);
  const db = database();
  const { down } = db
    .prepare("SELECT SUM(down_ms) AS down FROM day JOIN name ON name.id = service_id WHERE value = 'till'")
    .get() as { down: number };
  const total = (performance.now() - began) / 1000;
  expect(down / 1000).toBeGreaterThan(seconds / 2);
  expect(down / 1000).toBeLessThan(total + 10);
  const { kept } = db
    .prepare("SELECT count(*) AS kept FROM result JOIN name ON name.id = check_id WHERE value = 'wiki/http'")
    .get() as { kept: number };
  // Whatever the clock said, each run is there, but one that was going on in the end.
  expect(kept).toBeGreaterThanOrEqual(times.length - 1);
}, 240_000);

it("a process that is stopped for a while blames nobody, catches up with nothing, and goes on", async () => {
  const { child, more, times, changes, metrics } = await exporter();
  await more(2);
  const before = changes();
  child.kill("SIGSTOP");
  // Longer than any check may take and than its schedule may rest: nothing but time shows it.
  const asked = times.length;
  await new Promise((resolve) => setTimeout(resolve, 8000));
  expect(times.length - asked).toBeLessThanOrEqual(1);
  child.kill("SIGCONT");
  const woken = performance.now();
  await more(3);
  expect(times.length - asked).toBeLessThanOrEqual((performance.now() - woken) / 1000 + 3);
  expect(changes()).toEqual(before);
  expect(await metrics()).toContain('vigie_check_up{service="wiki",check="http",kind="http"} 1');
}, 120_000);
