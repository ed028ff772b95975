import { mkdtempSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Registry } from "prom-client";
import { describe, expect, it, onTestFinished } from "vitest";
import { reportMetrics } from "../../../monitors/metrics/reports.ts";
import { ReportFiles } from "../../../monitors/sources/reports.ts";
import { drills, goodDrill, versions } from "../reports-fixture.ts";

function files() {
  const folder = mkdtempSync(join(tmpdir(), "vigie-reports-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const problems = new Map<string, string | undefined>();
  let changes = 0;
  const reports = new ReportFiles(
    folder,
    () => changes++,
    (name, problem) => problems.set(name, problem),
  );
  let now = 0;
  return {
    problems,
    changes: () => changes,
    look: () => {
      now += 10_000;
      return reports.read(now);
    },
    soon: () => reports.read(now + 1),
    at: (name: string) => join(folder, name),
    put: (name: string, content: string) => {
      writeFileSync(join(folder, "new"), content);
      renameSync(join(folder, "new"), join(folder, name));
    },
  };
}

describe("reports that commands leave", () => {
  it("are none at first, and there once they are written", () => {
    const { look, put, changes } = files();
    expect(look()).toEqual({});
    put("report-versions.json", JSON.stringify(versions));
    put("report-drills.json", JSON.stringify(drills(goodDrill)));
    expect(look().versions?.services.wiki?.updates).toHaveLength(2);
    expect(look().drills?.drills[0]?.report.rtoSeconds).toBe(330);
    expect(changes()).toBe(1);
  });

  it("are looked at every few seconds at most", () => {
    const { look, soon, put } = files();
    look();
    put("report-versions.json", JSON.stringify(versions));
    expect(soon().versions).toBeUndefined();
    expect(look().versions).toBeDefined();
  });

  it("stay what they were where a file is damaged, hostile or too long, and that is told until it is good again", () => {
    const { look, put, problems, at } = files();
    put("report-versions.json", JSON.stringify(versions));
    const before = look().versions;
    for (const bad of [
      "{",
      "null",
      JSON.stringify({ ...versions, services: { wiki: { updates: "x" } } }),
      '{"version":2}',
    ]) {
      put("report-versions.json", bad);
      expect(look().versions).toBe(before);
      expect(problems.get("report-versions")).toContain("report-versions.json");
    }
    put("report-versions.json", "");
    truncateSync(at("report-versions.json"), 9 * 1024 * 1024);
    expect(look().versions).toBe(before);
    expect(problems.get("report-versions")).toContain("is longer than");
    put("report-versions.json", JSON.stringify(versions));
    look();
    expect(problems.get("report-versions")).toBeUndefined();
  });

  it("are files: a folder or a dangling link of that name is none", () => {
    const { look, at } = files();
    symlinkSync("/nowhere", at("report-drills.json"));
    expect(look()).toEqual({});
  });
});

describe("the metrics of reports", () => {
  const metrics = async (reports: Parameters<typeof reportMetrics>[1]) => {
    const registry = new Registry();
    reportMetrics(registry, reports);
    return registry.metrics();
  };

  it("tell what is pending, since when, and what is held", async () => {
    const text = await metrics(() => ({ versions }));
    expect(text).toContain('vigie_service_updates_pending{service="wiki",urgency="security"} 1');
    expect(text).toContain(
      `vigie_service_update_waiting_since_timestamp_seconds{service="wiki"} ${Date.parse("2026-11-01T00:00:00Z") / 1000}`,
    );
    expect(text).toContain('vigie_service_image_held{service="nas"} 1');
    expect(text).toContain('package="dokuwiki",version="0.0.20240206b-1"');
    expect(text).not.toMatch(/waiting_since_timestamp_seconds\{service="nas"/);
  });

  it("count the last good drill, not a later one that failed", async () => {
    const failed = { ...goodDrill, passed: false, rtoSeconds: null, ended: "2026-11-23T00:00:00Z" };
    const text = await metrics(() => ({ drills: drills(failed, goodDrill) }));
    expect(text).toContain(`vigie_drill_last_success_timestamp_seconds ${Date.parse(goodDrill.ended) / 1000}`);
    expect(text).toContain(`vigie_drill_last_run_timestamp_seconds ${Date.parse(failed.ended) / 1000}`);
    expect(text).toContain('vigie_drill_recovery_seconds{service="wiki"} 300');
    expect(text).toContain('vigie_drill_data_loss_seconds{service="wiki",volume="data"} 7200');
  });

  it("say 1970 where no drill ever was, so that it is overdue", async () => {
    expect(await metrics(() => ({}))).toContain("vigie_drill_last_success_timestamp_seconds 0");
  });
});
