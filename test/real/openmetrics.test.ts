import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { check } from "../monitors/helpers/inventory.ts";
import { startLookout } from "../monitors/helpers/lookout.ts";
import { closedPort, tcp } from "../monitors/helpers/servers.ts";

/** A Prometheus of Debian that keeps exemplars and scrapes these jobs once a second; gives what asks its API. */
async function prometheus(jobs: readonly object[]) {
  const folder = mkdtempSync(join(tmpdir(), "vigie-openmetrics-"));
  const port = await closedPort();
  writeFileSync(
    join(folder, "prometheus.yml"),
    JSON.stringify({ global: { scrape_interval: "1s" }, scrape_configs: jobs }),
  );
  const child = spawn(
    "prometheus",
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--enable-feature=exemplar-storage",
    ],
    { stdio: "ignore" },
  );
  return {
    ask: async <T>(path: string, query: Record<string, string>): Promise<T> => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/${path}?${new URLSearchParams(query)}`);
      return ((await answer.json()) as { data: T }).data;
    },
    stop: async () => {
      child.kill();
      await once(child, "exit");
    },
  };
}

interface Series {
  metric: Record<string, string>;
  value: [number, string];
}

const HOSTILE = 'wiki", owner="evil\\ \n# EOF\n<script>';
const tcpCheck = (id: string, address: string, more = {}) =>
  check({ id, kind: "tcp", target: address, params: { address }, schedule: { everySeconds: 1 }, ...more });

describe("a Prometheus that prefers OpenMetrics", () => {
  let series: Map<string, Set<string>>;
  let exemplars: {
    seriesLabels: Record<string, string>;
    exemplars: { labels: Record<string, string>; value: string }[];
  }[];
  let types: Record<string, { type: string }[]>;

  beforeAll(async () => {
    const { address } = await tcp(() => {});
    const { url, stop } = await startLookout({
      checks: [
        tcpCheck("wiki/tcp", address),
        tcpCheck("till/tcp", `127.0.0.1:${await closedPort()}`, { target: HOSTILE }),
      ],
    });
    const targets = { static_configs: [{ targets: [new URL(url).host] }], metrics_path: "/metrics" };
    const { ask, stop: end } = await prometheus([
      { job_name: "open", ...targets },
      { job_name: "text", scrape_protocols: ["PrometheusText0.0.4"], ...targets },
    ]);
    try {
      const range = { start: String(Date.now() / 1000 - 600), end: String(Date.now() / 1000 + 600) };
      // Both have seen both checks run, and Prometheus has had the time to note an exemplar.
      await expect
        .poll(
          async () => {
            const { result } = await ask<{ result: Series[] }>("query", { query: "vigie_check_success" });
            exemplars = await ask("query_exemplars", { query: "vigie_check_run_duration_seconds_bucket", ...range });
            return [result.length, exemplars.length > 0];
          },
          { timeout: 60_000 },
        )
        .toEqual([4, true]);
      await expect
        .poll(
          async () => {
            const { result } = await ask<{ result: Series[] }>("query", { query: '{__name__=~"vigie_.+|process_.+"}' });
            series = new Map(
              ["open", "text"].map((job) => [
                job,
                new Set(
                  result
                    .filter(({ metric }) => metric.job === job)
                    .map(({ metric: { job: _, ...metric } }) => JSON.stringify(Object.entries(metric).sort())),
                ),
              ]),
            );
            return series.get("open")!.size - series.get("text")!.size;
          },
          { timeout: 60_000 },
        )
        .toBe(0);
      types = await ask("metadata", {});
    } finally {
      await Promise.all([end(), stop()]);
    }
  });

  it("reads the very same series as from the text format, whatever checked machines are called", () => {
    expect([...series.get("open")!].sort()).toEqual([...series.get("text")!].sort());
    expect(series.get("open")!.size).toBeGreaterThan(80);
    expect([...series.get("open")!].some((one) => one.includes("# EOF"))).toBe(true);
  });

  it("is told which check it was that took so long", () => {
    const found = exemplars.flatMap((one) => one.exemplars);
    expect(found.length).toBeGreaterThan(0);
    for (const { labels } of found) {
      expect(["wiki", "till"]).toContain(labels.service);
      expect(labels.check).toBe("tcp");
    }
    for (const { seriesLabels, exemplars: own } of exemplars)
      for (const { value } of own) expect(Number(value)).toBeLessThanOrEqual(Number(seriesLabels.le));
  });

  it("knows what kind each metric is of", () => {
    expect(types.vigie_check_runs?.[0]?.type ?? types.vigie_check_runs_total?.[0]?.type).toBe("counter");
    expect(types.vigie_check_run_duration_seconds?.[0]?.type).toBe("histogram");
    expect(types.vigie_check_up?.[0]?.type).toBe("gauge");
  });
});
