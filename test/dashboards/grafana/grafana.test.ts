import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as units from "@grafana/grafana-foundation-sdk/units";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeDashboards } from "../../../cli/grafana.ts";
import { Refusal } from "../../../cli/refusal.ts";
import { BUILT_IN, SCRAPE_LABELS } from "../../../dashboards/grafana/built-in.ts";
import { dashboard } from "../../../dashboards/grafana/frame.ts";
import { GRAFANA } from "../../../dashboards/grafana/index.ts";
import { figure, type Panel, table } from "../../../dashboards/grafana/panels.ts";
import { sloRecordings } from "../../../dashboards/prometheus/slo.ts";
import { METRIC_NAMES, METRICS, type MetricName } from "../../../monitors/metrics/names.ts";
import { demoInventory } from "../views.ts";
import { readQuery } from "./query.ts";

/** What the tests look at of the JSON that Grafana reads. */
interface Shown {
  uid?: string;
  title?: string;
  id?: number | null;
  tags: string[];
  panels: ShownPanel[];
  templating: { list: ShownVariable[] };
}
interface ShownPanel {
  id?: number;
  type: string;
  title?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  datasource?: { uid: string };
  fieldConfig?: { defaults: { unit?: string } };
  targets?: { refId: string; expr: string; legendFormat?: string; datasource: { uid: string } }[];
  transformations?: { options: { renameByName: Record<string, string> } }[];
}
interface ShownVariable {
  name: string;
  type: string;
  query: string;
  multi?: boolean;
}

const shown = (built: unknown): Shown => JSON.parse(JSON.stringify(built));
const all = Object.entries(GRAFANA).map(([name, build]) => [name, shown(build())] as const);

/** Labels by metric, of everything that may be asked for. */
let known: Map<string, ReadonlySet<string>>;
beforeAll(async () => {
  const labels = (name: string): readonly string[] => {
    const base = name.replace(/_(bucket|sum|count)$/, "");
    const own = (METRICS as Record<string, MetricName>)[name] ?? (METRICS as Record<string, MetricName>)[base];
    return [...(own?.labels ?? []), ...(name.endsWith("_bucket") ? ["le"] : []), ...SCRAPE_LABELS];
  };
  known = new Map(METRIC_NAMES.map((name) => [name, new Set(labels(name))]));
  for (const { record } of sloRecordings((await demoInventory()).inventory).flatMap(({ rules }) => rules))
    known.set(record, new Set(["service"]));
  for (const [name, own] of Object.entries(BUILT_IN)) known.set(name, new Set([...own, ...SCRAPE_LABELS]));
});

/** All that is wrong with a dashboard's queries, with their places. */
function wrongQueries({ panels, templating }: Shown): string[] {
  const wrong: string[] = [];
  const choices = new Map(templating.list.map((variable) => [variable.name, variable]));
  const verify = (where: string, expr: string, result: readonly string[]) => {
    const { selectors, groups, kept, faults } = readQuery(expr);
    const say = (what: string) => void wrong.push(`${where}: ${what}`);
    for (const fault of faults) say(fault);
    for (const { metric, labels } of selectors) {
      const has = known.get(metric);
      if (has === undefined) say(`no metric ${metric}`);
      else for (const label of labels) if (!has.has(label)) say(`${metric} has no label ${label}`);
    }
    for (const { labels, metrics } of groups)
      for (const metric of metrics)
        for (const label of labels)
          if (known.has(metric) && !known.get(metric)!.has(label)) say(`${metric} has no label ${label}`);
    const left = kept ?? selectors.flatMap(({ metric }) => [...(known.get(metric) ?? [])]);
    for (const label of result) if (!left.includes(label)) say(`shows ${label}, which the query does not keep`);
    for (const [, operator, name] of expr.matchAll(/(=~|!~|=|!=)\s*"\$(\w+)"/g)) {
      const several = choices.get(name!)?.multi;
      if (several !== undefined && several !== operator!.endsWith("~"))
        say(`compares $${name} by ${operator}, although ${several ? "several" : "only one"} may be chosen`);
    }
    for (const [, name] of expr.matchAll(/\$\{?(\w+)/g))
      if (!choices.has(name!) && name !== "__rate_interval") say(`no choice $${name}`);
  };
  for (const { title, targets = [], transformations = [] } of panels)
    for (const { refId, expr, legendFormat = "" } of targets) {
      const columns = transformations.flatMap(({ options }) => Object.keys(options.renameByName));
      const legend = [...legendFormat.matchAll(/\{\{\s*(.*?)\s*\}\}/g)].map(([, label]) => label!);
      verify(`${title} ${refId}`, expr, [...legend, ...columns.filter((column) => column !== "Value")]);
    }
  for (const { name, type, query } of templating.list) {
    if (type !== "query") continue;
    const [, of, values] = /^label_values\((.+), *(\w+)\)$/.exec(query) ?? [];
    if (of === undefined) wrong.push(`$${name}: cannot be read`);
    else verify(`$${name}`, of, [values!]);
  }
  return wrong;
}

const unitNames = new Set<unknown>(Object.values(units));

/** All that is wrong with how a dashboard is put together. */
function wrongFrame({ uid, title, id, panels, templating }: Shown): string[] {
  const wrong: string[] = [];
  if (!/^vigie-[a-z-]{1,34}$/.test(uid ?? "")) wrong.push(`uid ${uid}`);
  if (!title?.startsWith("Vigie: ")) wrong.push(`title ${title}`);
  if (typeof id === "number") wrong.push("an id of one Grafana");
  const [first] = templating.list;
  if (first?.type !== "datasource" || first.name !== "datasource" || first.query !== "prometheus")
    wrong.push("no choice of a data source");
  const ids = panels.map((panel) => panel.id);
  if (new Set(ids).size !== ids.length || ids.some((each) => !Number.isInteger(each) || each! < 1))
    wrong.push(`ids ${ids}`);
  const names = templating.list.map(({ name }) => name);
  if (new Set(names).size !== names.length) wrong.push(`choices ${names}`);
  const taken = new Set<string>();
  for (const panel of panels) {
    const { x, y, w, h } = panel.gridPos;
    if (!panel.title) wrong.push(`panel ${panel.id} has no title`);
    if (x + w > 24) wrong.push(`${panel.title} is too wide`);
    for (let column = x; column < x + w; column++)
      for (let row = y; row < y + h; row++) {
        const place = `${column},${row}`;
        if (taken.has(place)) wrong.push(`${panel.title} covers another at ${place}`);
        taken.add(place);
      }
    if (panel.type === "row") continue;
    if (!unitNames.has(panel.fieldConfig?.defaults.unit)) wrong.push(`${panel.title} has no unit`);
    const queries = panel.targets ?? [];
    if (queries.length === 0) wrong.push(`${panel.title} asks for nothing`);
    if (new Set(queries.map(({ refId }) => refId)).size !== queries.length)
      wrong.push(`${panel.title}: names of queries`);
    for (const { datasource } of [panel, ...queries])
      if (datasource?.uid !== `\${datasource}`) wrong.push(`${panel.title}: data source ${datasource?.uid}`);
  }
  return wrong;
}

describe("dashboards for Grafana", () => {
  it("are an overview, a service, mail, backups and the exporter, each in a file of its own", () => {
    expect(Object.keys(GRAFANA)).toEqual(["overview", "service", "mail", "backups", "exporter"]);
    expect(new Set(all.map(([, { uid }]) => uid)).size).toBe(all.length);
    expect(new Set(all.map(([, { title }]) => title)).size).toBe(all.length);
  });

  it.each(all)("ask only for metrics and labels that there are: %s", (_, built) => {
    expect(wrongQueries(built)).toEqual([]);
  });

  it.each(all)(
    "have uid, title, units, a choice of the data source, and ids and places of their own: %s",
    (_, built) => {
      expect(wrongFrame(built)).toEqual([]);
    },
  );

  it.each(all)("show what metrics say as text, and put none of it into an address as it is: %s", (_, built) => {
    const text = JSON.stringify(built);
    expect(text).not.toMatch(/"type":"(text|news|html|dashlist)"|"mode":"html"|"type":"markdown"|<[a-z]/i);
    for (const [, url] of text.matchAll(/"url":"([^"]*)"/g)) {
      expect(url).toMatch(/^\/d\/vigie-/);
      for (const [, format] of url!.matchAll(/\$\{[^}:]*(:[^}]*)?\}/g)) expect(format).toBe(":percentencode");
    }
  });

  it("are the same each time they are built, and name no association", () => {
    for (const [name, build] of Object.entries(GRAFANA)) expect(shown(build())).toEqual(shown(GRAFANA[name]!()));
    expect(JSON.stringify(all)).not.toMatch(/tilleuls|localhost/);
  });

  it("lead to the dashboard of a service wherever a table names one", () => {
    expect(all.some(([, { uid }]) => uid === "vigie-service")).toBe(true);
    expect(JSON.stringify(GRAFANA.overview!())).toContain(
      `/d/vigie-service?var-service=\${__value.text:percentencode}`,
    );
  });
});

describe("the test of dashboards", () => {
  const of = (...panels: Panel[]) =>
    shown(
      dashboard({
        uid: "vigie-trial",
        title: "Vigie: trial",
        description: "",
        since: "1h",
        choices: [
          { name: "one", label: "One", of: "vigie_service_info", values: "service" },
          { name: "many", label: "Many", of: "vigie_service_info", values: "service", several: true },
        ],
        rows: { Row: panels },
      }),
    );
  const asks = (expr: string, legend?: string) =>
    wrongQueries(of(figure({ title: "P", unit: units.Short, width: 4, expr, legend })));

  it.each([
    ["vigie_check_upp", "no metric vigie_check_upp"],
    ["node_load1", "no metric node_load1"],
    ["vigie_scheduler_lateness_seconds", "no metric vigie_scheduler_lateness_seconds"],
    ['vigie_check_up{servce="wiki"}', "vigie_check_up has no label servce"],
    ['vigie_check_up{service="a",le="b"}', "vigie_check_up has no label le"],
    ['vigie_check_up{service="}{,"} + vigie_lost', "no metric vigie_lost"],
    ["sum by (volume) (vigie_check_up)", "vigie_check_up has no label volume"],
    [
      "max by (volume) (vigie_backup_snapshots) / max by (volume) (vigie_check_up)",
      "vigie_check_up has no label volume",
    ],
    ["vigie_check_up * on (role) vigie_role_holders", "vigie_check_up has no label role"],
    ["service:vigie_slo_errors:ratio_rate9h", "no metric service:vigie_slo_errors:ratio_rate9h"],
    ['service:vigie_slo_errors:ratio_rate1h{check="x"}', "service:vigie_slo_errors:ratio_rate1h has no label check"],
    ['{__name__=~"vigie_.*"}', "a selector without a metric"],
    ["sum without (check) (vigie_check_up)", "`without`: say what is kept, not what is dropped"],
    ["label_replace(vigie_check_up)", "the function label_replace"],
    ["sum(vigie_check_up", "a parenthesis too few"],
    ["sum(vigie_check_up))", "a parenthesis too many"],
    ["vigie_check_up{service=$one}", "a choice outside quotes"],
    ['vigie_check_up{service="$two"}', "no choice $two"],
    ['vigie_check_up{service=~"$one"}', "compares $one by =~, although only one may be chosen"],
    ['vigie_check_up{service="$many"}', "compares $many by =, although several may be chosen"],
    ["vector(1)", "no metric"],
    ["", "no metric"],
  ])("finds what is wrong with %s", (expr, message) => {
    expect(asks(expr)).toContain(`P A: ${message}`);
  });

  it.each([
    'sum by (service, le) (rate(vigie_check_run_duration_seconds_bucket{job="vigie"}[5m]))',
    "rate(vigie_check_upx[5m])",
  ])("looks into functions and aggregations: %s", (expr) => {
    expect(asks(expr)).not.toEqual([]);
  });

  it.each([
    'vigie_check_up{service="$one"} == 1 or vector(0)',
    'min by (service) (vigie_check_up{service=~"$many"})',
    "histogram_quantile(0.5, sum by (kind, le) (rate(vigie_check_run_duration_seconds_bucket[$__rate_interval])))",
    'up{job="vigie"}',
    "service:vigie_slo_errors:ratio_rate1h",
  ])("finds nothing wrong with %s", (expr) => {
    expect(asks(expr)).toEqual([]);
  });

  it("finds a label in a legend or a column that the query drops", () => {
    expect(asks("max by (service) (vigie_check_up)", "{{check}}")).toEqual([
      "P A: shows check, which the query does not keep",
    ]);
    const expr = "max by (service) (vigie_check_failure_info)";
    const made = table({ title: "T", unit: units.NoUnit, width: 4, expr, columns: { reason: "Reason" } });
    expect(wrongQueries(of(made))).toEqual(["T A: shows reason, which the query does not keep"]);
  });

  it("finds a panel that lacks a title or a unit, and panels that share an id or a place", () => {
    const good = of(figure({ title: "P", unit: units.Short, width: 4, expr: "up" }));
    expect(wrongFrame(good)).toEqual([]);
    const change = (change: (panel: ShownPanel, whole: Shown) => void) => {
      const copy = structuredClone(good);
      change(copy.panels[1]!, copy);
      return wrongFrame(copy);
    };
    expect(change((panel) => Object.assign(panel, { title: "" }))).toEqual(["panel 2 has no title"]);
    expect(change((panel) => Object.assign(panel.fieldConfig!.defaults, { unit: "furlong" }))).toEqual([
      "P has no unit",
    ]);
    expect(change((panel) => Object.assign(panel, { id: 1 }))).toEqual(["ids 1,1"]);
    expect(change((panel) => Object.assign(panel.gridPos, { x: 22 }))).toEqual(["P is too wide"]);
    expect(change((panel) => Object.assign(panel.gridPos, { y: 0, h: 1, w: 1 }))).toEqual(["P covers another at 0,0"]);
    expect(change((_, whole) => void whole.templating.list.shift())).toEqual(["no choice of a data source"]);
    expect(change((_, whole) => Object.assign(whole, { uid: "../x" }))).toEqual(["uid ../x"]);
  });
});

describe("npm run grafana", () => {
  const folder = mkdtempSync(join(tmpdir(), "vigie-grafana-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("writes a file for each dashboard, over those of before, and nothing else", () => {
    const to = join(folder, "a", "b");
    const files = writeDashboards(to);
    expect(files).toEqual(Object.keys(GRAFANA).map((name) => join(to, `${name}.json`)));
    writeFileSync(files[0]!, "old");
    writeDashboards(to);
    expect(readdirSync(to).sort()).toEqual(
      Object.keys(GRAFANA)
        .map((name) => `${name}.json`)
        .sort(),
    );
    for (const [name, built] of all) expect(JSON.parse(readFileSync(join(to, `${name}.json`), "utf8"))).toEqual(built);
  });

  it("refuses a folder that it cannot write to, and says what to do", () => {
    const file = join(folder, "file");
    writeFileSync(file, "mine");
    for (const to of [file, join(file, "below")]) {
      expect(() => writeDashboards(to)).toThrow(Refusal);
      expect(() => writeDashboards(to)).toThrow(/file.* cannot be written to[\s\S]*--to FOLDER/);
    }
    expect(readFileSync(file, "utf8")).toBe("mine");
  });
});
