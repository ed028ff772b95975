/**
 * What a check costs: 1 000 http checks with three conditions each, every 10 s, history and metrics on, beside a bare undici loop
 * that opens a new connection for each request to the same server in the same run. `node test/bench/engine.ts [checks] [seconds]`
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { request } from "undici";
import type { Check, Inventory } from "../../association/index.ts";
import { blackbox } from "./blackbox.ts";

const CHECKS = Number(process.argv[2] ?? 1000);
const SECONDS = Number(process.argv[3] ?? 30);
const EVERY = CHECKS > 5000 ? 60 : 10;
const BARE_REQUESTS = 5000;
const role = process.env.VIGIE_BENCH_ROLE;

if (role === "target") target();
else if (role === "bare") await bare(process.argv[2]!);
else await bench();

/** The server that is checked, in a process of its own so that its work is not counted. */
function target(): void {
  const body = `<!doctype html><title>Tilleuls</title><p>${"All is well. ".repeat(60)}`;
  let counted = 0;
  const server = createServer(({ url }, response) => {
    if (url === "/count") {
      response.end(String(counted));
      return;
    }
    if (url?.includes("check=")) counted++;
    response.setHeader("content-type", "text/html").end(body);
  });
  server.listen(0, "127.0.0.1", () => process.send!((server.address() as { port: number }).port));
  process.on("disconnect", () => process.exit());
}

/** Requests a CPU second, by the simplest loop there is. */
async function bare(url: string): Promise<void> {
  const one = async () => {
    const { statusCode, headers, body } = await request(url, { reset: true });
    const text = await body.text();
    if (statusCode !== 200 || !headers["content-type"] || !text.includes("Tilleuls")) throw new Error("wrong answer");
  };
  for (let warm = 0; warm < 500; warm++) await one();
  const before = process.cpuUsage();
  let left = BARE_REQUESTS;
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      while (left-- > 0) await one();
    }),
  );
  const { user, system } = process.cpuUsage(before);
  process.send!(BARE_REQUESTS / ((user + system) / 1e6));
  process.disconnect();
}

function start(name: "target" | "bare", ...args: string[]) {
  return fork(import.meta.filename, args, { env: { ...process.env, VIGIE_BENCH_ROLE: name } });
}

async function bench(): Promise<void> {
  const server = start("target");
  const [port] = (await once(server, "message")) as [number];
  const url = `http://127.0.0.1:${port}/`;
  const bareRate = async () => ((await once(start("bare", url), "message")) as [number])[0];
  const folder = mkdtempSync(join(tmpdir(), "vigie-bench-"));
  writeConfig(folder, url);
  const before = await bareRate();
  const exporter = fork(join(import.meta.dirname, "../../monitors/main.ts"), ["--config", folder], {
    silent: true,
    env: { ...process.env, ...imageEnvironment() },
  });
  try {
    const refused = once(exporter, "exit").then(() => {
      throw new Error("the exporter did not start: run it by hand with the bench's configuration");
    });
    refused.catch(() => {});
    const [log] = (await Promise.race([once(exporter.stdout!, "data"), refused])) as [Buffer];
    const at = `http://127.0.0.1:${(JSON.parse(String(log).split("\n")[0]!) as { port: number }).port}`;
    // Every check has been run once, and the machine code is warm.
    const warmUp = Math.min(EVERY, 5 + CHECKS * 0.005) + 3;
    await new Promise((resolve) => setTimeout(resolve, warmUp * 1000));
    const first = await scrape(at);
    const scrapes: number[] = [];
    const pages: number[] = [];
    for (const end = Date.now() + SECONDS * 1000; Date.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      // A Prometheus and a member, now and then.
      if (pages.length % 5 === 0) scrapes.push(await timed(() => request(`${at}/metrics`)));
      pages.push(await timed(() => request(`${at}/`)));
    }
    const last = await scrape(at);
    exporter.kill();
    const rival = await blackbox(folder, url, CHECKS, EVERY, SECONDS);
    const after = await bareRate();
    const runs = last.runs - first.runs;
    const rate = runs / (last.cpu - first.cpu);
    const bareMean = (before + after) / 2;
    console.table({
      "checks run": runs,
      "checks run once after the warm-up": `${first.checksRun} of ${CHECKS}`,
      failed: last.failed,
      "checks per CPU second": Math.round(rate),
      "bare loop, before and after": `${Math.round(before)}, ${Math.round(after)}`,
      "share of the bare loop (aim 0.6)": Number((rate / bareMean).toFixed(2)),
      "resident memory, MB": Math.round(last.rss / 1e6),
      ...(rival === undefined
        ? { blackbox_exporter: "not installed" }
        : {
            "blackbox_exporter, checks per CPU second": Math.round(rival.alone),
            "the same with its Prometheus": Math.round(rival.withPrometheus),
            "times blackbox_exporter alone (aim 8)": Number((rate / rival.alone).toFixed(1)),
            "blackbox_exporter and Prometheus, resident memory, MB": Math.round(rival.rss / 1e6),
          }),
      "lateness p99, ms": last.lateness99,
      "slowest scrape, ms": Math.round(Math.max(...scrapes)),
      "slowest page, ms": Math.round(Math.max(...pages)),
      "event loop lag p99, ms": Math.round(last.lag99 * 1000),
    });
  } finally {
    if (exporter.exitCode === null && exporter.signalCode === null) {
      exporter.kill();
      await once(exporter, "exit");
    }
    server.disconnect();
    rmSync(folder, { recursive: true });
  }
}

async function timed(ask: () => ReturnType<typeof request>): Promise<number> {
  const began = performance.now();
  const { body } = await ask();
  await body.dump({ limit: 1e9 });
  return performance.now() - began;
}

async function scrape(at: string) {
  const text = await (await request(`${at}/metrics`)).body.text();
  const values = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (.+)$`, "gm"))].map(([, labels = "", value]) => ({
      labels,
      value: Number(value),
    }));
  const sum = (name: string, having = "") =>
    values(name)
      .filter(({ labels }) => labels.includes(having))
      .reduce((total, { value }) => total + value, 0);
  const buckets = values("vigie_scheduler_lateness_seconds_bucket");
  const total = buckets.at(-1)?.value ?? 0;
  const bound = buckets.find(({ value }) => value >= total * 0.99)?.labels.match(/le="(.+?)"/)?.[1];
  return {
    runs: sum("vigie_check_runs_total"),
    failed: sum("vigie_check_runs_total", 'result="failure"'),
    checksRun: values("vigie_check_last_run_timestamp_seconds").length,
    cpu: sum("process_cpu_seconds_total"),
    rss: sum("process_resident_memory_bytes"),
    lag99: sum("nodejs_eventloop_lag_p99_seconds"),
    lateness99: `≤ ${Number(bound) * 1000}`,
  };
}

function writeConfig(folder: string, url: string): void {
  const perService = 10;
  const checks = Object.fromEntries(
    Array.from({ length: CHECKS }, (_, index): [string, Check] => {
      const service = `service-${Math.floor(index / perService)}`;
      const id = `${service}/http-${index % perService}`;
      return [
        id,
        {
          id,
          service,
          kind: "http",
          schedule: { everySeconds: EVERY },
          timeoutSeconds: 5,
          retries: 0,
          failAfter: 2,
          recoverAfter: 1,
          severity: "page",
          target: url,
          params: {
            url,
            method: "GET",
            headers: {},
            expect: { status: [200], body: "Tilleuls", header: { "content-type": "text/html" } },
            redirects: 5,
            otherHosts: false,
            readKb: 256,
          },
          origin: "declared",
        },
      ];
    }),
  );
  const services = Map.groupBy(Object.values(checks), ({ service }) => service);
  const inventory = {
    version: 1,
    association: {
      id: "bench",
      name: "Bench",
      languages: ["en", "fr"],
      timeZone: "Europe/Paris",
      mainDomain: "bench.example",
      contact: "it",
    },
    deployment: { prefix: "bench", portOffset: 0 },
    domains: {},
    teams: { it: { name: { fr: "Info", en: "IT" } } },
    roles: { it: { title: { fr: "Info", en: "IT" }, team: "it", holderCount: 1 } },
    suppliers: { some: { name: "Some", contact: {} } },
    hosts: {},
    services: Object.fromEntries(
      [...services].map(([id, own]) => [
        id,
        {
          id,
          name: { fr: id, en: id },
          purpose: { fr: "Essai", en: "Trial" },
          needs: [],
          owner: "it",
          team: "it",
          delivery: { by: "supplier", supplier: "some" },
          active: true,
          audience: "public",
          provides: [],
          ports: {},
          volumes: {},
          dependsOn: [],
          uses: [],
          checks: own.map((check) => check.id),
          backup: { none: "nothing to keep" },
          runbook: "external-service",
          privacy: { none: "nobody's data" },
        },
      ]),
    ),
    checks,
    lists: {},
    shares: {},
    maintenance: {},
    roleMailboxes: {},
  } as unknown as Inventory;
  const people = { version: 1, holders: {}, roles: { it: [] }, teams: { it: [] }, mailboxes: {} };
  const exporter = { listen: 0, address: "127.0.0.1", data: join(folder, "data"), host: "main" };
  for (const [name, content] of Object.entries({ inventory, people, exporter }))
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(content));
}

/** The environment that the exporter's image gives it: how much memory it takes depends on it. */
function imageEnvironment(): Record<string, string> {
  const dockerfile = join(import.meta.dirname, "../../stacks/services/exporter/image/Dockerfile");
  const [, lines = ""] = /^ENV ((?:.*\\\n)*.*)$/m.exec(readFileSync(dockerfile, "utf8")) ?? [];
  const pairs = lines.matchAll(/(MALLOC_ARENA_MAX|NODE_OPTIONS)=(?:"([^"]*)"|(\S+))/g);
  return Object.fromEntries([...pairs].map(([, name, quoted, bare]) => [name!, quoted ?? bare!]));
}
