import { describe, expect, it } from "vitest";
import type { Watched } from "../../../monitors/engine/engine.ts";
import { Exemplars } from "../../../monitors/metrics/exemplars.ts";
import { METRICS, type OwnMetric } from "../../../monitors/metrics/names.ts";
import { openMetrics } from "../../../monitors/metrics/open.ts";
import { head } from "../../../monitors/metrics/text.ts";
import { check } from "../helpers/inventory.ts";
import { startLookout } from "../helpers/lookout.ts";

const watched = (id: string) => ({ check: check({ id }) }) as Watched;
const bucket = (le: number | string, value: number) => ({
  metricName: "x_seconds_bucket",
  labels: { kind: "http", le },
  value,
});

describe("OpenMetrics", () => {
  it("names a counter without its _total, its samples with it", () => {
    expect(openMetrics([{ name: "x_total", help: "All.", type: "counter", values: [{ value: 3, labels: {} }] }])).toBe(
      "# TYPE x counter\n# HELP x All.\nx_total 3\n",
    );
    expect(head("vigie_check_runs_total", "openmetrics")).toMatch(/^# TYPE vigie_check_runs counter\n/);
  });

  it("has every HELP in the characters that it allows", () => {
    for (const name of Object.keys(METRICS) as OwnMetric[])
      expect(head(name, "openmetrics")).toMatch(/^# TYPE \w+ \w+\n# HELP \w+ (?:[^\\"\n]|\\[n"\\])*\n$/);
  });

  it("writes infinite and missing numbers as it wants them", () => {
    const values = [Infinity, -Infinity, Number.NaN, 0.5].map((value) => ({ value }));
    expect(openMetrics([{ name: "x", help: "", type: "gauge", values }])).toContain("x +Inf\nx -Inf\nx NaN\nx 0.5\n");
  });

  it("tells with a bucket the last run that fell into it", () => {
    const exemplars = new Exemplars([0.25, 0.5]);
    exemplars.note("http", 0.2, watched("wiki/http"), 1_000);
    exemplars.note("http", 0.25, watched("till/http"), 2_000);
    exemplars.note("http", 7, watched("list/web/front"), 3_500);
    const values = [bucket(0.25, 2), bucket(0.5, 2), bucket("+Inf", 3)];
    const text = openMetrics([{ name: "x_seconds", help: "", type: "histogram", values }], { x_seconds: exemplars });
    expect(text.split("\n").slice(2, 5)).toEqual([
      'x_seconds_bucket{kind="http",le="0.25"} 2 # {service="till",check="http"} 0.25 2',
      'x_seconds_bucket{kind="http",le="0.5"} 2',
      'x_seconds_bucket{kind="http",le="+Inf"} 3 # {service="list",check="web/front"} 7 3.5',
    ]);
  });

  it("leaves out an exemplar whose labels are longer than allowed", () => {
    const exemplars = new Exemplars([1]);
    exemplars.note("", 0.5, watched(`wiki/${"long".repeat(40)}`), 1_000);
    expect(exemplars.text("", 1)).toBe("");
  });
});

describe("/metrics", () => {
  const PROMETHEUS =
    "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

  it.each([
    [PROMETHEUS, "application/openmetrics-text; version=1.0.0; charset=utf-8"],
    ["application/openmetrics-text; version=1.0.0", "application/openmetrics-text; version=1.0.0; charset=utf-8"],
    [
      "text/plain;version=0.0.4;q=0.9,application/openmetrics-text;version=1.0.0;q=0.5",
      "text/plain; version=0.0.4; charset=utf-8",
    ],
    ["application/openmetrics-text;version=2.0.0", "text/plain; version=0.0.4; charset=utf-8"],
    ["*/*", "text/plain; version=0.0.4; charset=utf-8"],
    ["text/html,*/*;q=0.8", "text/plain; version=0.0.4; charset=utf-8"],
  ])("answers %s with %s", async (accept, type) => {
    const { url } = await startLookout({ start: false });
    const answer = await fetch(`${url}/metrics`, { headers: { accept } });
    expect(answer.headers.get("content-type")).toBe(type);
    expect((await answer.text()).endsWith("# EOF\n")).toBe(type.startsWith("application/"));
  });
});
