/**
 * How large history grows and how fast charts are read: some checks once a minute for ninety days, with failures and varying times, through
 * the code that the lookout runs, roll-ups and retention included. What 1 000 checks take is that many times as much: rows of different
 * checks share nothing but their table. `node test/bench/history.ts [checks] [days]`
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Run } from "../../dashboards/view.ts";
import { advance, type Standing, unknown } from "../../monitors/engine/standing.ts";
import { History } from "../../monitors/history/history.ts";
import { percentile } from "./lookout.ts";

const CHECKS = Number(process.argv[2] ?? 10);
const DAYS = Number(process.argv[3] ?? 90);
const MEANT = 1000;
const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const GOAL_GB = 1;

const folder = mkdtempSync(join(tmpdir(), "vigie-bench-"));
let now = Math.floor(Date.now() / DAY) * DAY - DAYS * DAY;
const history = new History({
  folder,
  timeZone: "Europe/Paris",
  // As the stack declares it when nothing else is said; the bound on the file is what is asked about here.
  retention: { rawDays: 7, fiveMinuteDays: 8, hourDays: 100, dayDays: 400, maxBytes: 100e9 },
  now: () => now,
  steady: () => now,
  onEvent: (event) => console.error(event),
});

/** Numbers that look random and are the same in every run (xorshift). */
let seed = 42;
function random(): number {
  seed ^= seed << 13;
  seed ^= seed >>> 17;
  seed ^= seed << 5;
  return (seed >>> 0) / 2 ** 32;
}

/** One run in two hundred fails; times are spread as those of real sites are, about a tenth of a second. */
function runAt(at: number): Run {
  const ok = random() > 0.005;
  const seconds = 0.1 * Math.exp(random() + random() + random() - 1.5);
  return {
    at,
    ok,
    seconds,
    measures: {},
    ...(ok ? {} : { reason: "timeout", message: "not done within 10 s, while connecting" }),
  };
}

try {
  const standings = new Map<string, Standing>();
  const began = performance.now();
  let recorded = 0;
  for (const end = now + DAYS * DAY; now < end; now += MINUTE) {
    for (let index = 0; index < CHECKS; index++) {
      const check = `service-${index}/http`;
      const run = runAt(now + index);
      const standing = advance(standings.get(check) ?? unknown(check, now), run, { failAfter: 2, recoverAfter: 1 });
      standings.set(check, standing);
      history.days.count(`service-${index}`, now, run.ok);
      history.record({ check, run }, standing);
      recorded++;
    }
    if (now % HOUR === 0) {
      history.flush();
      await history.rollUp(now);
    }
    if (now % DAY === 0) await history.forget(now);
  }
  history.flush();
  const filled = performance.now() - began;
  const times = Object.fromEntries(
    [1, 7, DAYS].map((days) => [
      `a chart of ${days} d, p50 and p99, ms`,
      [...standings.keys()].flatMap((check) =>
        Array.from({ length: 5 }, () => {
          const from = performance.now();
          if (!history.chart(check, now - days * DAY, now)?.points.length) throw new Error("nothing to draw");
          return performance.now() - from;
        }),
      ),
    ]),
  );
  const { bytes, lost } = history.stats;
  if (lost > 0) throw new Error(`${lost} results were given up: the figures are of no account`);
  console.table({
    [`bytes of ${CHECKS} checks once a minute for ${DAYS} d, MB`]: Number((bytes / 1e6).toFixed(1)),
    [`the same of ${MEANT} checks, GB (goal < ${GOAL_GB})`]: Number(((bytes / CHECKS / 1e9) * MEANT).toFixed(2)),
    "results written, roll-ups and retention included, a second": Math.round(recorded / (filled / 1000)),
    ...Object.fromEntries(
      Object.entries(times).map(([name, all]) => [
        name,
        `${percentile(all, 0.5).toFixed(1)}, ${percentile(all, 0.99).toFixed(1)}`,
      ]),
    ),
  });
} finally {
  history.close();
  rmSync(folder, { recursive: true });
}
