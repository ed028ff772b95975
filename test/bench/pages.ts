/**
 * What pages and scrapes cost at the size that is promised: 10 000 checks once a minute, of 1 000 services with ninety days of history
 * each. One check changes its mind every second, so that pages have to be made anew. `node test/bench/pages.ts [checks] [seconds]`
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { History } from "../../monitors/history/history.ts";
import { buildExporter, percentile, scrape, startExporter, timed, writeConfig } from "./lookout.ts";

const CHECKS = Number(process.argv[2] ?? 10_000);
const SECONDS = Number(process.argv[3] ?? 120);
const DAY = 86_400_000;
const GOALS = { metrics: 100, page: 50, blocked: 50 };

const folder = mkdtempSync(join(tmpdir(), "vigie-bench-"));
let asked = 0;
const target = createServer((request, response) => {
  if (request.url === "/flips" && asked++ % 2 === 0) response.statusCode = 503;
  response.setHeader("content-type", "text/html").end("<title>Tilleuls</title>");
}).listen(0, "127.0.0.1");
await new Promise((resolve) => target.once("listening", resolve));
const url = `http://127.0.0.1:${(target.address() as { port: number }).port}`;

/** Ninety days of every service, a few of them bad. */
function fill(): void {
  mkdirSync(join(folder, "data"));
  const history = new History({
    folder: join(folder, "data"),
    timeZone: "Europe/Paris",
    retention: { rawDays: 7, dayDays: 400, maxBytes: 1e9 },
    onEvent: (event) => console.error(event),
  });
  const now = Date.now();
  for (let service = 0; service < CHECKS / 10; service++)
    for (let day = 90; day > 0; day--) {
      const at = now - day * DAY;
      const bad = (service * 31 + day * 17) % 97 === 0;
      for (let run = 0; run < 10; run++) history.days.count(`service-${service}`, at, !(bad && run === 0));
      if (!bad) continue;
      history.days.setDown(`service-${service}`, at, at);
      history.days.setDown(`service-${service}`, undefined, at + 600_000);
    }
  history.close();
}

try {
  fill();
  writeConfig(folder, {
    checks: CHECKS,
    everySeconds: 60,
    urlOf: (index) => (index === 0 ? `${url}/flips` : url),
    differently: (index) => (index === 0 ? { schedule: { everySeconds: 1 }, failAfter: 1 } : {}),
  });
  const { at, blocked: blockedFor, stop } = await startExporter(buildExporter(folder), folder, { loop: true });
  try {
    await new Promise((resolve) => setTimeout(resolve, 15_000));
    const paths = [
      "/?lang=fr",
      "/?lang=en",
      "/status/service-7",
      "/services/service-7",
      "/oncall",
      "/feeds/status.atom",
    ];
    // Scrapes by themselves first: what blocks the event loop then is their doing, and the checks'.
    const scrapes: number[] = [];
    const blocked: number[] = [];
    await blockedFor();
    for (const end = Date.now() + (SECONDS / 2) * 1000; Date.now() < end; ) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      const { milliseconds } = await scrape(at);
      scrapes.push(milliseconds);
      blocked.push(await blockedFor());
    }
    const times = new Map<string, number[]>(paths.map((path) => [path, []]));
    const blockedByPages: number[] = [];
    for (const end = Date.now() + (SECONDS / 2) * 1000; Date.now() < end; ) {
      for (const path of paths) times.get(path)!.push(await timed(at + path));
      blockedByPages.push(await blockedFor());
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    const told = (values: readonly number[]) =>
      `${percentile(values, 0.5).toFixed(0)}, ${percentile(values, 0.99).toFixed(0)}`;
    const { rss } = await scrape(at);
    console.table({
      [`/metrics of ${CHECKS} checks, p50 and p99, ms (goal < ${GOALS.metrics})`]: told(scrapes),
      [`event loop blocked from one scrape to the next, longest, p50 and p99, ms (goal < ${GOALS.blocked})`]:
        told(blocked),
      ...Object.fromEntries(
        [...times].map(([path, all]) => [`${path}, p50 and p99, ms (goal < ${GOALS.page})`, told(all)]),
      ),
      "event loop blocked from one round of pages to the next, longest, p50 and p99, ms": told(blockedByPages),
      "of so many rounds": blockedByPages.length,
      "resident memory, MB (goal < 250)": Math.round(rss / 1e6),
    });
  } finally {
    await stop();
  }
} finally {
  target.close();
  rmSync(folder, { recursive: true });
}
