/**
 * What checks cost: http checks with three conditions each, history and metrics on, beside a bare undici loop that opens a new
 * connection for each request, and beside Debian's blackbox_exporter, on the same server in the same run.
 *
 *     node test/bench/engine.ts [checks] [seconds] [--hanging share] [--alone]
 *
 * `--hanging 0.2` has one target in five accept connections and never answer; `--alone` leaves blackbox_exporter out.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { request } from "undici";
import { blackbox } from "./blackbox.ts";
import { buildExporter, percentile, scrape, startExporter, timed, writeConfig } from "./lookout.ts";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { hanging: { type: "string", default: "0" }, alone: { type: "boolean", default: false } },
});
const CHECKS = Number(positionals[0] ?? 1000);
const SECONDS = Number(positionals[1] ?? 30);
const HANGING = Number(options.hanging);
const EVERY = CHECKS > 5000 ? 60 : 10;
const BARE_REQUESTS = 5000;
const role = process.env.VIGIE_BENCH_ROLE;

if (role === "target") target();
else if (role === "bare") await bare(positionals[0]!);
else await bench();

/** The server that is checked, in a process of its own so that its work is not counted. */
function target(): void {
  const body = `<!doctype html><title>Tilleuls</title><p>${"All is well. ".repeat(60)}`;
  let counted = 0;
  const server = createServer(({ url }, response) => {
    if (url === "/hangs") return;
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
  const hangs = (index: number) => Math.floor((index + 1) * HANGING) > Math.floor(index * HANGING);
  writeConfig(folder, {
    checks: CHECKS,
    everySeconds: EVERY,
    urlOf: (index) => (hangs(index) ? `${url}hangs` : url),
  });
  try {
    const before = await bareRate();
    const seen = await observe(folder);
    const rival = options.alone ? undefined : await blackbox(folder, url, CHECKS, EVERY, SECONDS);
    const after = await bareRate();
    const { rate, ...told } = seen;
    console.table({
      ...told,
      "checks per CPU second": Math.round(rate),
      "bare loop, before and after": `${Math.round(before)}, ${Math.round(after)}`,
      "share of the bare loop (aim 0.6)": Number((rate / ((before + after) / 2)).toFixed(2)),
      ...(rival === undefined
        ? { blackbox_exporter: options.alone ? "left out" : "not installed" }
        : {
            "blackbox_exporter, checks per CPU second": Math.round(rival.alone),
            "the same with its Prometheus": Math.round(rival.withPrometheus),
            "times blackbox_exporter alone (aim 8)": Number((rate / rival.alone).toFixed(1)),
            "blackbox_exporter and Prometheus, resident memory, MB": Math.round(rival.rss / 1e6),
          }),
    });
  } finally {
    server.disconnect();
    rmSync(folder, { recursive: true });
  }
}

/** Lets the exporter run, with a Prometheus and a member who ask for something now and then. */
async function observe(folder: string) {
  const { at, stop } = await startExporter(buildExporter(folder), folder);
  try {
    // Every check has been run once, and the machine code is warm.
    const warmUp = Math.min(EVERY, 5 + CHECKS * 0.005) + (HANGING > 0 ? 8 : 3);
    await new Promise((resolve) => setTimeout(resolve, warmUp * 1000));
    // Templates are compiled for the first page: no check costs that.
    await timed(`${at}/`);
    const first = await scrape(at);
    const [scrapes, pages, lags]: [number[], number[], number[]] = [[], [], []];
    for (const end = Date.now() + SECONDS * 1000; Date.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
      if (pages.length % 5 === 0) {
        const { milliseconds, lagMax } = await scrape(at);
        scrapes.push(milliseconds);
        // Since the scrape before, itself included.
        lags.push(lagMax * 1000);
      }
      pages.push(await timed(`${at}/`));
    }
    const last = await scrape(at);
    const late = last.lateness.map(({ within, runs }, index) => ({
      within,
      runs: runs - (first.lateness[index]?.runs ?? 0),
    }));
    const runs = last.runs - first.runs;
    return {
      rate: runs / (last.cpu - first.cpu),
      "checks run": runs,
      "checks run once within the first interval": `${first.checksRun} of ${CHECKS}`,
      failed: last.failed - first.failed,
      "results given up": last.lost,
      "resident memory, MB": Math.round(last.rss / 1e6),
      "lateness p99, ms": `≤ ${(late.find((one) => one.runs >= runs * 0.99)?.within ?? Number.POSITIVE_INFINITY) * 1000}`,
      "runs more than 1 s late": runs - (late.find(({ within }) => within === 1)?.runs ?? 0),
      "scrape p50 and longest, ms": `${Math.round(percentile(scrapes, 0.5))}, ${Math.round(Math.max(...scrapes))}`,
      "page p50 and longest, ms": `${Math.round(percentile(pages, 0.5))}, ${Math.round(Math.max(...pages))}`,
      "event loop, longest between two looks 100 ms apart: median of each 5 s, and longest, ms": `${Math.round(percentile(lags, 0.5))}, ${Math.round(Math.max(...lags))}`,
    };
  } finally {
    await stop();
  }
}
