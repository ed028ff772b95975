import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished } from "vitest";
import { check, inventory, pageParams, people, withChecks } from "../monitors/helpers/inventory.ts";
import { tcp, web } from "../monitors/helpers/servers.ts";

const MAIN = join(import.meta.dirname, "../../monitors/main.ts");

interface Files {
  inventory?: unknown;
  exporter?: unknown;
  people?: unknown;
}

function configure(files: Files = {}, folder = mkdtempSync(join(tmpdir(), "vigie-main-"))): string {
  mkdirSync(folder, { recursive: true });
  const exporter = { listen: 0, address: "127.0.0.1", data: join(folder, "data"), host: "main" };
  for (const [name, content] of Object.entries({ inventory: inventory(), people: people(), exporter, ...files }))
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(content));
  return folder;
}

/** The exporter as a process of its own, once it watches. */
async function run(folder: string, ...flags: string[]) {
  const env = { PATH: process.env.PATH };
  const child = spawn(process.execPath, [...flags, MAIN, "--config", folder], { stdio: "pipe", env });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: Record<string, unknown>[] = [];
  let errors = "";
  child.stderr.on("data", (text) => {
    errors += text;
  });
  createInterface({ input: child.stdout }).on("line", (line) =>
    lines.push(JSON.parse(line) as Record<string, unknown>),
  );
  const exited = once(child, "exit") as Promise<[number | null, string | null]>;
  await Promise.race([
    expect.poll(() => lines.some(({ msg }) => msg === "watching"), { timeout: 20_000 }).toBe(true),
    exited,
  ]);
  const port = lines.find(({ msg }) => msg === "watching")?.port;
  return { child: child as ChildProcess, lines, exited, errors: () => errors, url: `http://127.0.0.1:${port}` };
}

const shortest = { schedule: { everySeconds: 1 }, failAfter: 1 } as const;

it("reads, watches, serves, and stops with status 0 on SIGTERM, remembering what it saw", async () => {
  const { url: target } = await web((_, response) => response.end("Tilleuls"));
  const { address } = await tcp((socket) => socket.resetAndDestroy());
  const params = pageParams(target, "Tilleuls");
  const folder = configure({
    inventory: withChecks([
      check({ id: "wiki/http", kind: "http", params, ...shortest }),
      check({ id: "till/tcp", kind: "tcp", params: { address, expect: "220" }, ...shortest }),
    ]),
  });
  const first = await run(folder);
  const up = async (from: string) => (await (await fetch(`${from}/metrics`)).text()).match(/^vigie_check_up.*$/gm);
  const expected = [
    'vigie_check_up{service="wiki",check="http",kind="http"} 1',
    'vigie_check_up{service="till",check="tcp",kind="tcp"} 0',
  ];
  await expect.poll(async () => (await up(first.url))?.sort(), { timeout: 15_000 }).toEqual(expected.sort());
  expect(await (await fetch(`${first.url}/?lang=en`)).text()).toContain('<html lang="en">');
  first.child.kill("SIGTERM");
  expect(await first.exited).toEqual([0, null]);
  expect(first.lines.at(-1)).toMatchObject({ msg: "stopped" });
  expect(first.lines).toContainEqual(
    expect.objectContaining({ msg: "status", check: "till/tcp", status: "down", reason: "closed" }),
  );
  expect(first.errors()).toBe("");

  // What the second one knows at once is what the first one saw.
  const second = await run(folder);
  expect((await up(second.url))?.sort()).toEqual(expected.sort());
  second.child.kill("SIGINT");
  expect(await second.exited).toEqual([0, null]);
}, 60_000);

it("goes on where a promise is broken that nobody waits for, and says so", async () => {
  const fault = 'data:text/javascript,process.once("SIGUSR2",()=>void Promise.reject(new Error("odd answer")))';
  const { child, lines, url } = await run(configure(), "--import", fault);
  child.kill("SIGUSR2");
  const said = expect.objectContaining({ level: "error", error: expect.objectContaining({ message: "odd answer" }) });
  await expect.poll(() => lines, { timeout: 10_000 }).toContainEqual(said);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
}, 60_000);

it("stops within its bound although a target hangs", async () => {
  const { address, open } = await tcp(() => {});
  const folder = configure({
    inventory: withChecks([
      check({
        id: "till/tcp",
        kind: "tcp",
        params: { address, expect: "220" },
        timeoutSeconds: 60,
        schedule: { everySeconds: 61 },
      }),
    ]),
  });
  const { child, exited } = await run(folder);
  // Whoever else looks at this port of the machine is of no account.
  await expect.poll(() => open.size, { timeout: 15_000 }).toBeGreaterThanOrEqual(1);
  const began = performance.now();
  child.kill("SIGTERM");
  expect(await exited).toEqual([0, null]);
  expect(performance.now() - began).toBeLessThan(8000);
}, 60_000);

it("says everything that is wrong with its configuration at once, and exits 1", async () => {
  const folder = configure({
    exporter: {
      listen: "9464",
      host: "main",
      gates: { main: { url: "tcp://gate", tokenFile: "/none/token" } },
      hostt: 1,
    },
    people: { version: 7 },
    inventory: { ...inventory(), checks: { "wiki/x": { ...check({ id: "wiki/x" }), kind: "htpt" } } },
  });
  const { exited, errors } = await run(folder);
  expect(await exited).toEqual([1, null]);
  const said = errors();
  for (const words of [
    "exporter.json",
    "listen",
    "gates.main.url",
    "an http(s) address",
    "hostt",
    "people.json",
    "version",
    '"htpt"',
    "a file of monitors/checks",
  ])
    expect(said).toContain(words);
  expect(said).not.toContain("    at ");
}, 30_000);

it("names files that are missing or malformed", async () => {
  const folder = configure();
  writeFileSync(join(folder, "inventory.json"), "{ not json");
  const { exited, errors } = await run(folder);
  expect(await exited).toEqual([1, null]);
  expect(errors()).toContain(join(folder, "inventory.json"));
  const empty = await run(mkdtempSync(join(tmpdir(), "vigie-empty-")));
  expect(await empty.exited).toEqual([1, null]);
  expect(empty.errors().match(/no such file/g)).toHaveLength(3);
}, 30_000);

it("exits 1 with the reason in its log when its port is taken", async () => {
  const { port } = await web(() => {});
  const folder = mkdtempSync(join(tmpdir(), "vigie-main-"));
  configure({ exporter: { listen: port, address: "127.0.0.1", data: join(folder, "data"), host: "main" } }, folder);
  const { exited, lines } = await run(folder);
  expect(await exited).toEqual([1, null]);
  expect(JSON.stringify(lines)).toContain("EADDRINUSE");
}, 30_000);

it("watches by a changed inventory without a restart, and not by one that is wrong", async () => {
  const { url: target } = await web((_, response) => response.end("Tilleuls"));
  const params = {
    url: target,
    method: "GET",
    headers: {},
    expect: { status: ["2xx"] },
    redirects: 5,
    otherHosts: false,
    readKb: 256,
  };
  const http = (id: string) => check({ id, kind: "http", ...shortest, timeoutSeconds: 1, params });
  const folder = configure({ inventory: withChecks([http("wiki/http")]) });
  const { child, lines, url, exited } = await run(folder);
  const metrics = async () => (await fetch(`${url}/metrics`)).text();
  const runs = /vigie_check_runs_total\{service="wiki",check="http",kind="http",result="success"\} (\d+)/;
  await expect.poll(async () => Number(runs.exec(await metrics())?.[1]), { timeout: 20_000 }).toBeGreaterThan(1);
  const before = Number(runs.exec(await metrics())![1]);

  writeFileSync(join(folder, "inventory.json"), JSON.stringify(withChecks([http("wiki/http"), http("till/http")])));
  await expect
    .poll(metrics, { timeout: 20_000 })
    .toContain('vigie_check_up{service="till",check="http",kind="http"} 1');
  expect(Number(runs.exec(await metrics())![1])).toBeGreaterThanOrEqual(before);

  writeFileSync(join(folder, "inventory.json"), "{");
  child.kill("SIGHUP");
  await expect
    .poll(() => lines.some(({ msg }) => msg === "the changed configuration is not used"), { timeout: 20_000 })
    .toBe(true);
  expect(await metrics()).toContain('vigie_check_up{service="till",check="http",kind="http"} 1');
  child.kill("SIGTERM");
  expect(await exited).toEqual([0, null]);
});
