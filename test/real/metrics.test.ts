import { execFileSync } from "node:child_process";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { describe, expect, it } from "vitest";
import { Engine } from "../../monitors/engine/engine.ts";
import { advance } from "../../monitors/engine/standing.ts";
import { CheckMetrics } from "../../monitors/metrics/checks.ts";
import { METRIC_NAMES, METRICS } from "../../monitors/metrics/names.ts";
import { escapeLabel, labelText } from "../../monitors/metrics/text.ts";
import { check, withChecks } from "../monitors/helpers/inventory.ts";
import { startLookout } from "../monitors/helpers/lookout.ts";
import { resources } from "../monitors/helpers/run.ts";
import { closedPort, tcp } from "../monitors/helpers/servers.ts";

/** What Prometheus' own tool has to say about an exposition: nothing, or it throws. */
const promtool = (text: string): string =>
  execFileSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8", stdio: "pipe" });

const HOSTILE = 'wiki", owner="evil\\ \n# HELP up evil <script>';
const tcpCheck = (id: string, address: string, more = {}) =>
  check({
    id,
    kind: "tcp",
    target: address,
    params: { address },
    schedule: { everySeconds: 1 },
    failAfter: 1,
    ...more,
  });

async function afterRuns(count: number, start: ReturnType<typeof startLookout>) {
  const started = await start;
  await expect.poll(() => started.lookout.runs, { timeout: 15_000 }).toBeGreaterThanOrEqual(count);
  return started;
}

describe("metrics", () => {
  it("please promtool before the first run and after, whatever the checks found", async () => {
    const before = await startLookout({ start: false });
    expect(promtool(await before.text("/metrics"))).toBe("");
    const { address } = await tcp(() => {});
    const started = await afterRuns(
      2,
      startLookout({
        checks: [
          tcpCheck("wiki/tcp", address),
          tcpCheck("till/tcp", `127.0.0.1:${await closedPort()}`, { target: HOSTILE }),
        ],
      }),
    );
    expect(promtool(await started.text("/metrics"))).toBe("");
  });

  it("tell how each check stands", async () => {
    const { address } = await tcp(() => {});
    const { text } = await afterRuns(
      2,
      startLookout({
        checks: [tcpCheck("wiki/tcp", address), tcpCheck("till/tcp", `127.0.0.1:${await closedPort()}`)],
      }),
    );
    const found = await text("/metrics");
    const value = (series: string) =>
      Number(new RegExp(`^${series.replace(/[{}]/g, "\\$&")} (.+)$`, "m").exec(found)?.[1]);
    const good = '{service="wiki",check="tcp",kind="tcp"}';
    const bad = '{service="till",check="tcp",kind="tcp"}';
    expect(value(`vigie_check_up${good}`)).toBe(1);
    expect(value(`vigie_check_up${bad}`)).toBe(0);
    expect(value(`vigie_check_success${bad}`)).toBe(0);
    expect(value(`vigie_check_interval_seconds${good}`)).toBe(1);
    expect(Date.now() / 1000 - value(`vigie_check_last_run_timestamp_seconds${good}`)).toBeLessThan(20);
    expect(value(`vigie_check_last_success_timestamp_seconds${bad}`)).toBeNaN();
    expect(value('vigie_check_runs_total{service="till",check="tcp",kind="tcp",result="failure"}')).toBeGreaterThan(0);
    expect(found).toContain('vigie_check_failure_info{service="till",check="tcp",kind="tcp",reason="refused"} 1');
    expect(found).toContain('severity="page",owner="it",team="it",target="127.0.0.1:');
    expect(value('vigie_role_holders{role="chair"}')).toBe(0);
    expect(found).toContain('vigie_check_run_duration_seconds_count{kind="tcp"}');
    expect(value("vigie_history_writable")).toBe(1);
  });

  it("leave `up` out while nothing is settled", async () => {
    const { text } = await startLookout({ start: false });
    const found = await text("/metrics");
    expect(found).not.toMatch(/^vigie_check_up\{/m);
    expect(found).toContain('vigie_check_info{service="wiki",check="http"');
  });

  it("hold only declared names, and all but those that need an event", async () => {
    const { address } = await tcp(() => {});
    const { text } = await afterRuns(1, startLookout({ checks: [tcpCheck("wiki/tcp", address)] }));
    const found = [...(await text("/metrics")).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [
      name!,
      type!,
    ]);
    const known = new Set(METRIC_NAMES.map((name) => name.replace(/_(bucket|sum|count)$/, "")));
    expect(found.filter(([name]) => !known.has(name!))).toEqual([]);
    // Those of kinds of checks that this lookout has none of, and of what it has no declaration of.
    const { loadChecks } = await import("../../monitors/checks.ts");
    const measured = new Set(
      Object.values(await loadChecks()).flatMap(({ measures = {} }) =>
        Object.values(measures).map(({ metric }) => metric),
      ),
    );
    for (const [name, { type }] of Object.entries(METRICS))
      if (!measured.has(name) && !/^vigie_(tls|backup|mail|network|service_slo)/.test(name))
        expect(found).toContainEqual([name, type]);
  });

  it("export what kinds of checks measure, a series for each labelled value", async () => {
    const at = 1_800_000_000;
    const measures = {
      "last_snapshot_timestamp_seconds/pages": at,
      'last_snapshot_timestamp_seconds/a"b': at + 1,
      "snapshot_size_bytes/pages": 42,
      oldest_age_seconds: 5,
    };
    const { lookout, text } = await startLookout({ start: false });
    const backup = lookout.watched.find((one) => one.check.kind === "backup")!;
    backup.standing = advance(backup.standing, { at, ok: true, seconds: 1, measures }, backup.check);
    const found = await text("/metrics");
    expect(found).toContain(
      `vigie_backup_last_snapshot_timestamp_seconds{service="wiki",check="backup",volume="pages"} ${at}`,
    );
    expect(found).toContain(`volume="a\\"b"} ${at + 1}`);
    expect(found).toContain('vigie_backup_snapshot_size_bytes{service="wiki",check="backup",volume="pages"} 42');
    expect(found).not.toContain("oldest_age");
    expect(promtool(found)).toBe("");
  });

  it("of every kind of check are among the declared names", async () => {
    const { loadChecks } = await import("../../monitors/checks.ts");
    for (const [kind, { measures = {} }] of Object.entries(await loadChecks()))
      for (const { metric } of Object.values(measures))
        if (metric !== undefined) expect(METRICS, kind).toHaveProperty(metric);
  });
});

describe("labels", () => {
  it("keep hostile values inside their quotes", () => {
    expect(escapeLabel('a"b\\c\nd')).toBe('a\\"b\\\\c\\nd');
    expect(labelText({ target: HOSTILE })).not.toContain("\n");
    expect(labelText({})).toBe("");
  });
});

describe("ten thousand checks", () => {
  it("are written in well under a second, without holding anything up for long", async () => {
    const checks = Array.from({ length: 10_000 }, (_, index) => check({ id: `service-${index % 500}/check-${index}` }));
    const inventory = withChecks(checks);
    const kind = {
      summary: "",
      params: undefined as never,
      target: () => "",
      run: async () => ({ ok: true as const }),
    };
    const engine = new Engine({
      checks,
      kinds: { fake: kind },
      resources: resources(),
      timeZone: "UTC",
      onFinished: () => {},
      onError: () => {},
    });
    for (const watched of engine.watched)
      watched.standing = advance(
        watched.standing,
        { at: Date.now(), ok: true, seconds: 0.1, measures: {} },
        watched.check,
      );
    const metrics = new CheckMetrics({ watched: engine.watched, states: engine.states, inventory });
    const read = async () => {
      let bytes = 0;
      for await (const piece of metrics.pieces()) bytes += piece.length;
      return bytes;
    };
    await read();
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const began = performance.now();
    const bytes = await read();
    const took = performance.now() - began;
    delay.disable();
    expect(bytes).toBeGreaterThan(5e6);
    // Bounds for a busy machine; the bench measures what a quiet one does.
    expect(took).toBeLessThan(1000);
    expect(delay.max / 1e6).toBeLessThan(200);
  });
});
