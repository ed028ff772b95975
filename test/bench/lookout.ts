import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { request } from "undici";
import type { Check, Inventory } from "../../association/index.ts";

/** An association of which nothing is known but its checks, ten to a service. */
export interface Watching {
  checks: number;
  everySeconds: number;
  /** What a check looks at, by its number. */
  urlOf(index: number): string;
  /** What differs from the others, by number. */
  differently?(index: number): Partial<Check>;
}

const PER_SERVICE = 10;

/** Writes what the stack would give the exporter. */
export function writeConfig(folder: string, watching: Watching): void {
  const inventory = inventoryOf(watching);
  const people = { version: 1, holders: {}, roles: { it: [] }, teams: { it: [] }, mailboxes: {} };
  const exporter = { listen: 0, address: "127.0.0.1", data: join(folder, "data"), host: "main" };
  for (const [name, content] of Object.entries({ inventory, people, exporter }))
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(content));
}

export function inventoryOf({ checks: count, everySeconds, urlOf, differently }: Watching): Inventory {
  const checks = Object.fromEntries(
    Array.from({ length: count }, (_, index): [string, Check] => {
      const service = `service-${Math.floor(index / PER_SERVICE)}`;
      const url = urlOf(index);
      const id = `${service}/http-${index % PER_SERVICE}`;
      return [
        id,
        {
          id,
          service,
          kind: "http",
          schedule: { everySeconds },
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
          ...differently?.(index),
        },
      ];
    }),
  );
  const services = Map.groupBy(Object.values(checks), ({ service }) => service);
  return {
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
}

const ROOT = join(import.meta.dirname, "../..");
const IMAGE = join(ROOT, "stacks/services/exporter/image");

/** Code as the image has it: stripped of types once. Gives the program. */
export function buildExporter(folder: string): string {
  const code = join(folder, "code");
  mkdirSync(code);
  for (const part of ["package.json", "association", "dashboards", "runbooks", "monitors"])
    cpSync(join(ROOT, part), join(code, part), { recursive: true });
  // The image changes one package, and so does the bench: its copy.
  mkdirSync(join(code, "node_modules"));
  for (const name of readdirSync(join(ROOT, "node_modules")).filter((name) => name !== "zod"))
    symlinkSync(join(ROOT, "node_modules", name), join(code, "node_modules", name));
  cpSync(join(ROOT, "node_modules/zod"), join(code, "node_modules/zod"), { recursive: true });
  cpSync(join(IMAGE, "zod-locales.js"), join(code, "node_modules/zod/v4/locales/index.js"));
  const strip = ["--disable-warning=ExperimentalWarning", join(IMAGE, "strip.mjs")];
  execFileSync(process.execPath, strip, { cwd: code });
  return join(code, "monitors/main.js");
}

/** Starts the exporter as its image does; gives its process and its address once it watches. */
export async function startExporter(program: string, folder: string, { loop = false } = {}) {
  const child = fork(program, ["--config", folder], {
    silent: true,
    // `VIGIE_BENCH_NODE="--cpu-prof --cpu-prof-dir=/tmp/profile"` looks closer; other flags are tried in the same way.
    execArgv: [...(process.env.VIGIE_BENCH_NODE?.split(" ") ?? []), ...(loop ? ["--import", LOOP] : [])],
    env: { ...process.env, ...imageEnvironment() },
  });
  const ended = once(child, "exit");
  const refused = ended.then(() => {
    throw new Error("the exporter did not start: run it by hand with the bench's configuration");
  });
  refused.catch(() => {});
  const [log] = (await Promise.race([once(child.stdout!, "data"), refused])) as [Buffer];
  child.stdout!.resume();
  child.stderr!.resume();
  const { port } = JSON.parse(String(log).split("\n")[0]!) as { port: number };
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill();
    await ended;
  };
  /** For how long the event loop was blocked at most since last asked, in milliseconds; only where `loop` is looked at. */
  const blocked = async () => {
    child.send("blocked");
    return ((await once(child, "message")) as [number])[0];
  };
  return { child, at: `http://127.0.0.1:${port}`, blocked, stop };
}

const LOOP = join(import.meta.dirname, "loop.mjs");

/** Milliseconds until all of an answer is there. */
export async function timed(url: string): Promise<number> {
  const began = performance.now();
  const { body } = await request(url);
  await body.dump({ limit: 1e9 });
  return performance.now() - began;
}

/** The value that a share of all stays within. */
export const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN;

/** What the bench reads of `/metrics`. */
export async function scrape(at: string) {
  const began = performance.now();
  const text = await (await request(`${at}/metrics`)).body.text();
  const milliseconds = performance.now() - began;
  const values = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (.+)$`, "gm"))].map(([, labels = "", value]) => ({
      labels,
      value: Number(value),
    }));
  const sum = (name: string, having = "") =>
    values(name)
      .filter(({ labels }) => labels.includes(having))
      .reduce((total, { value }) => total + value, 0);
  return {
    milliseconds,
    runs: sum("vigie_check_runs_total"),
    failed: sum("vigie_check_runs_total", 'result="failure"'),
    checksRun: values("vigie_check_last_run_timestamp_seconds").length,
    cpu: sum("process_cpu_seconds_total"),
    rss: sum("process_resident_memory_bytes"),
    lagMax: sum("nodejs_eventloop_lag_max_seconds"),
    lag99: sum("nodejs_eventloop_lag_p99_seconds"),
    written: sum("vigie_history_results_written_total"),
    lost: sum("vigie_history_results_lost_total"),
    /** Runs by how late they began at most, in seconds. */
    lateness: values("vigie_scheduler_lateness_seconds_bucket").map(({ labels, value }) => ({
      within: Number(/le="(.+?)"/.exec(labels)![1]!.replace("+Inf", "Infinity")),
      runs: value,
    })),
  };
}

/** The environment that the exporter's image gives it: how much memory it takes depends on it. */
function imageEnvironment(): Record<string, string> {
  const [, lines = ""] = /^ENV ((?:.*\\\n)*.*)$/m.exec(readFileSync(join(IMAGE, "Dockerfile"), "utf8")) ?? [];
  const pairs = lines.matchAll(/(LD_PRELOAD|MALLOC_CONF|NODE_OPTIONS)=(?:"([^"]*)"|(\S+))/g);
  return Object.fromEntries([...pairs].map(([, name, quoted, bare]) => [name!, quoted ?? bare!]));
}
