/**
 * The exporter and Uptime Kuma side by side on the same targets, which break and mend at known moments: what each finds, how soon, what it
 * takes for broken that is not, and what it costs. `node test/bench/beside.ts FOLDER [SECONDS]`, FOLDER being Uptime Kuma, installed.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "../../cli/places.ts";
import { loadChecks } from "../../monitors/checks.ts";
import { startTargets, type Target } from "./beside-targets.ts";
import { writeConfig } from "./lookout.ts";

const [kumaFolder, seconds = "600"] = process.argv.slice(2);
if (kumaFolder === undefined) throw new Error("the folder that Uptime Kuma is installed in");
const LASTS = Number(seconds);
/** The shortest that Uptime Kuma takes. */
const EVERY = 20;
const TIMEOUT = 16;
/** First runs are over, and what they cost. */
const WARM_UP = 40;

/** What a program came to think of a target, and when, in seconds since the start. */
interface Seen {
  readonly target: number;
  readonly at: number;
  readonly up: boolean;
}

const folder = mkdtempSync(join(tmpdir(), "vigie-beside-"));
const clock = { startedAt: Date.now() };
const { targets, ca } = await startTargets(clock);
writeFileSync(join(folder, "ca.pem"), ca);
const env = { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: join(folder, "ca.pem") };
const since = () => (Date.now() - clock.startedAt) / 1000;

const kumaPort = await freePort();
await prepareKuma();
clock.startedAt = Date.now();
const own = await startOwn();
const kuma = startKuma();
const seen = { own: own.seen, kuma: watchKuma() };
await sleep(WARM_UP * 1000);
const programs = { own: own.child, kuma };
const cpuBefore = { own: cpu(own.child), kuma: cpu(kuma) };
const peak = { own: 0, kuma: 0 };
while (since() < LASTS) {
  for (const name of ["own", "kuma"] as const) peak[name] = Math.max(peak[name], rss(programs[name]));
  await sleep(1000);
}
const report = (["own", "kuma"] as const).map((name) => ({
  program: name === "own" ? "the exporter" : "Uptime Kuma",
  ...judge(seen[name]),
  "processor seconds a minute": Number(
    (((cpu(programs[name]) - cpuBefore[name]) / (since() - WARM_UP)) * 60).toFixed(2),
  ),
  "memory at most, MB": Math.round(peak[name] / 1e6),
}));
for (const child of [own.child, kuma]) child.kill("SIGKILL");
console.log(
  `${targets.length} targets, ${targets.flatMap(({ broken }) => broken).length} outages, ${LASTS} s, every ${EVERY} s`,
);
console.table(report.map(({ missed: _, wrongly: __, ...figures }) => figures));
for (const { program, missed, wrongly } of report)
  console.log(`${program}: missed ${missed.join("; ") || "nothing"}; wrongly ${wrongly.join("; ") || "nothing"}`);
rmSync(folder, { recursive: true, force: true });
process.exit(0);

/** Holds what a program saw against what was so. A verdict may come as late as a run and its time-out after the fact. */
function judge(all: readonly Seen[]) {
  const late = EVERY + TIMEOUT + 4;
  const delays: number[] = [];
  const missed: string[] = [];
  const wrongly: string[] = [];
  targets.forEach(({ name, broken }, target) => {
    const told = all.filter((one) => one.target === target);
    for (const [from, to] of broken) {
      if (to + late > LASTS) continue;
      const found = told.find(({ at, up }) => !up && at >= from && at < to + late);
      if (found === undefined) missed.push(`${name} at ${from}`);
      else delays.push(found.at - from);
    }
    for (const { at, up } of told)
      if (!up && !broken.some(([from, to]) => at >= from && at < to + late))
        wrongly.push(`${name} at ${Math.round(at)}`);
  });
  const sorted = delays.sort((a, b) => a - b);
  const share = (part: number) => Number((sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN).toFixed(1));
  return {
    found: delays.length,
    missed,
    "false alarms": wrongly.length,
    wrongly,
    "delay, median, s": share(0.5),
    "delay, at most, s": share(1),
  };
}

async function startOwn(): Promise<{ child: ChildProcess; seen: Seen[] }> {
  const kinds = await loadChecks();
  writeConfig(folder, {
    checks: targets.length,
    everySeconds: EVERY,
    urlOf: (index) => String(targets[index]!.params.url ?? targets[index]!.name),
    differently: (index) => {
      const { kind, params } = targets[index]!;
      return {
        kind,
        params: kinds[kind]!.params.parse(params) as Record<string, unknown>,
        failAfter: 1,
        timeoutSeconds: TIMEOUT,
      };
    },
  });
  const child = spawn(process.execPath, [join(ROOT, "monitors", "main.ts"), "--config", folder], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const seen: Seen[] = [];
  createInterface({ input: child.stdout! }).on("line", (line) => {
    const { msg, check, status } = JSON.parse(line) as { msg: string; check: string; status: string };
    if (msg !== "status") return;
    const [, service, index] = /^service-(\d+)\/http-(\d+)$/.exec(check)!;
    seen.push({ target: Number(service) * 10 + Number(index), at: since(), up: status === "up" });
  });
  return { child, seen };
}

/** Has Uptime Kuma make its database, and puts the targets into it, as its pages would. */
async function prepareKuma(): Promise<void> {
  const first = startKuma();
  while (!(await answers(kumaPort))) {
    if (first.exitCode !== null) throw new Error(`Uptime Kuma does not start in ${kumaFolder}: docs/bench.md`);
    await sleep(200);
  }
  await sleep(2000);
  first.kill("SIGKILL");
  await sleep(500);
  const db = new DatabaseSync(join(folder, "kuma", "kuma.db"));
  db.exec("INSERT INTO user (id, username, password, active) VALUES (1, 'bench', '-', 1)");
  targets.forEach(({ name, kuma: row }: Target, index) => {
    const fields = {
      id: index + 1,
      name,
      user_id: 1,
      active: 1,
      interval: EVERY,
      retry_interval: EVERY,
      timeout: TIMEOUT,
      maxretries: 0,
      method: "GET",
      maxredirects: 10,
      accepted_statuscodes_json: '["200-299"]',
      expiry_notification: 0,
      ...row,
    };
    const names = Object.keys(fields);
    db.prepare(`INSERT INTO monitor (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`).run(
      ...Object.values(fields),
    );
  });
  db.close();
}

function startKuma(): ChildProcess {
  return spawn(
    process.execPath,
    ["server/server.js", `--data-dir=${join(folder, "kuma")}/`, `--port=${kumaPort}`, "--host=127.0.0.1"],
    {
      cwd: kumaFolder,
      env: { ...env, UPTIME_KUMA_DB_TYPE: "sqlite" },
      stdio: "ignore",
    },
  );
}

/** Its results as they come into its database. */
function watchKuma(): Seen[] {
  const seen: Seen[] = [];
  const db = new DatabaseSync(join(folder, "kuma", "kuma.db"), { readOnly: true });
  const next = db.prepare("SELECT id, monitor_id, status FROM heartbeat WHERE id > ? ORDER BY id");
  const states = new Map<number, boolean>();
  let last = 0;
  setInterval(() => {
    for (const row of next.all(last) as { id: number; monitor_id: number; status: number }[]) {
      last = row.id;
      const [target, up] = [row.monitor_id - 1, row.status === 1];
      if (states.get(target) === up) continue;
      states.set(target, up);
      seen.push({ target, at: since(), up });
    }
  }, 200);
  return seen;
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`, { redirect: "manual" }).then(
    () => true,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** User and system time, in seconds (proc(5), fields 14 and 15, in hundredths). */
function cpu({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function rss({ pid }: ChildProcess): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
}
