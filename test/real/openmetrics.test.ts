import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { check } from "../monitors/helpers/inventory.ts";
import { startLookout } from "../monitors/helpers/lookout.ts";
import { closedPort, tcp, web } from "../monitors/helpers/servers.ts";

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
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, "exit");
    },
  };
}

interface Series {
  metric: Record<string, string>;
}

interface WithExemplars {
  seriesLabels: Record<string, string>;
  exemplars: { labels: Record<string, string>; value: string }[];
}

const HOSTILE = 'wiki", owner="evil\\ \n# EOF\n<script>';
const tcpCheck = (id: string, address: string, more = {}) =>
  check({ id, kind: "tcp", target: address, params: { address }, schedule: { everySeconds: 1 }, ...more });

it("is read by a real Prometheus: the same series as in the text format whatever machines are called, of their kinds, with exemplars", async () => {
  const { address } = await tcp(() => {});
  const { url } = await startLookout({
    checks: [
      tcpCheck("wiki/tcp", address),
      tcpCheck("till/tcp", `127.0.0.1:${await closedPort()}`, { target: HOSTILE }),
    ],
  });
  // What somebody sees who does not ask for OpenMetrics, as Prometheus always does.
  const text = await web((_, response) =>
    fetch(`${url}/metrics`).then(async (answer) => {
      response.setHeader("content-type", answer.headers.get("content-type")!).end(await answer.text());
    }),
  );
  const { ask, stop } = await prometheus(
    Object.entries({ open: url, text: text.url }).map(([name, at]) => ({
      job_name: name,
      static_configs: [{ targets: [new URL(at).host] }],
      relabel_configs: [{ target_label: "instance", replacement: "lookout" }],
    })),
  );
  onTestFinished(stop);
  const patience = { timeout: 60_000 };

  /** Names and labels of all series that came by a job. */
  const seriesOf = async (job: string): Promise<string[]> => {
    const query = `{__name__=~"vigie_.+|process_.+", job="${job}"}`;
    const { result } = await ask<{ result: Series[] }>("query", { query });
    return result.map(({ metric: { job: _, ...own } }) => JSON.stringify(Object.entries(own).sort())).sort();
  };
  // Both checks have been run, and both jobs have seen it.
  await expect
    .poll(
      async () => (await ask<{ result: Series[] }>("query", { query: "vigie_check_success" }))?.result.length,
      patience,
    )
    .toBe(4);
  await expect
    .poll(async () => [await seriesOf("open"), await seriesOf("text")], patience)
    .toSatisfy(([open, text]: string[][]) => open!.length > 80 && isDeepStrictEqual(open, text));
  expect((await seriesOf("open")).some((one) => one.includes("# EOF"))).toBe(true);

  const range = { start: String(Date.now() / 1000 - 600), end: String(Date.now() / 1000 + 600) };
  let exemplars: WithExemplars[] = [];
  await expect
    .poll(async () => {
      exemplars = await ask("query_exemplars", { query: "vigie_check_run_duration_seconds_bucket", ...range });
      return exemplars.length;
    }, patience)
    .toBeGreaterThan(0);
  for (const { seriesLabels, exemplars: own } of exemplars)
    for (const { labels, value } of own) {
      expect(["wiki", "till"]).toContain(labels.service);
      expect(labels.check).toBe("tcp");
      expect(Number(value)).toBeLessThanOrEqual(Number(seriesLabels.le!.replace("+Inf", "Infinity")));
    }

  const types = await ask<Record<string, { type: string }[]>>("metadata", {});
  expect((types.vigie_check_runs ?? types.vigie_check_runs_total)?.[0]?.type).toBe("counter");
  expect(types.vigie_check_run_duration_seconds?.[0]?.type).toBe("histogram");
  expect(types.vigie_check_up?.[0]?.type).toBe("gauge");
});
