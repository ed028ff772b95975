import { beforeAll, describe, expect, it } from "vitest";
import type { Inventory } from "../../association/index.ts";
import { ALERTS, alertOf } from "../../dashboards/alerts.ts";
import { prometheusConfig } from "../../dashboards/prometheus/config.ts";
import { JOBS } from "../../dashboards/prometheus/rule.ts";
import { alertRules, type Rule, ruleFile } from "../../dashboards/prometheus/rules.ts";
import { sloRecordings } from "../../dashboards/prometheus/slo.ts";
import { METRIC_NAMES, METRICS } from "../../monitors/metrics/names.ts";
import { REASONS } from "../../monitors/reasons.ts";
import { runbookNames } from "../../runbooks/render.ts";
import { ALL_HOSTILE, withTexts } from "../dashboards/hostile.ts";
import { demoInventory } from "../dashboards/views.ts";
import { onFiles, type Scenario, testRules } from "./promtool.ts";

let inventory: Inventory;
let rules: Rule[];
beforeAll(async () => {
  ({ inventory } = await demoInventory());
  rules = alertRules(inventory).groups.flatMap((group) => group.rules);
});

const named = (alert: string, service?: string): Rule[] =>
  rules.filter((rule) => rule.alert === alert && (service === undefined || rule.labels.service === service));

describe("Prometheus's configuration", () => {
  it("is accepted by promtool, with the rules", async () => {
    const said = await onFiles("promtool", ["check", "config", "prometheus.yml"], {
      "prometheus.yml": prometheusConfig(inventory, { ruleFiles: ["rules.yml"] }),
      "rules.yml": ruleFile(inventory),
    });
    expect(said).toContain("is valid prometheus config file syntax");
  });
});

describe("the alert rules", () => {
  it("are accepted by promtool, warnings included", async () => {
    const said = await onFiles("promtool", ["check", "rules", "--lint=all", "--lint-fatal", "rules.yml"], {
      "rules.yml": ruleFile(inventory),
    });
    expect(said).toContain(
      `SUCCESS: ${ruleFile(inventory).groups.flatMap((group) => [...group.rules]).length} rules found`,
    );
  });

  it("are accepted whatever the association calls its services", async () => {
    const hostile = alertRules(withTexts(inventory, ALL_HOSTILE));
    await onFiles("promtool", ["check", "rules", "--lint=all", "--lint-fatal", "rules.yml"], { "rules.yml": hostile });
    const said = JSON.stringify(hostile);
    // Prometheus would take these for its own templates.
    expect(said.replaceAll('{{ \\"{{\\" }}', "")).not.toMatch(/\{\{(?! ?(\$|with|end|\.))/);
  });

  /** The demo's hosts report no disks of their own. */
  const NOT_IN_DEMO = ["DiskFailing"];

  it("raise every alert there is, and no other", () => {
    expect(new Set([...rules.map(({ alert }) => alert), ...NOT_IN_DEMO])).toEqual(new Set(ALERTS));
  });

  it("have a runbook each, and no runbook is without its alert", () => {
    expect([...new Set([...rules.map(({ alert }) => alert), ...NOT_IN_DEMO])].sort()).toEqual(
      runbookNames("alerts").sort(),
    );
  });

  it("ask only for metrics that exist, with labels that they have", () => {
    const builtIn = [
      "up",
      "prometheus_rule_evaluation_failures_total",
      "prometheus_notifications_errors_total",
      "alertmanager_notifications_failed_total",
    ];
    const recorded = new Set(sloRecordings(inventory).flatMap((group) => group.rules.map(({ record }) => record)));
    for (const { expr } of [...rules, ...sloRecordings(inventory).flatMap((group) => group.rules)]) {
      const bare = expr
        .replace(/"[^"]*"/g, '""')
        .replace(/service:\w+:\w+/g, (name) => (recorded.has(name) ? "" : name));
      for (const [, name, matchers] of bare.matchAll(/\b([a-z]\w*_\w+|up)\b(?:\{([^}]*)\})?(?!\s*\()/g)) {
        expect([...METRIC_NAMES, ...builtIn], `${name} in ${expr}`).toContain(name);
        const labels = METRICS[name as keyof typeof METRICS]?.labels as readonly string[] | undefined;
        for (const [, label] of (matchers ?? "").matchAll(/(\w+)=~?/g)) {
          if (labels) expect(labels, `${label} of ${name}`).toContain(label);
        }
      }
    }
  });

  it("ask only for reasons that checks give", () => {
    for (const { expr } of rules) {
      for (const [, reasons] of expr.matchAll(/reason=~"([^"]*)"/g)) {
        for (const reason of reasons!.split("|")) expect(Object.keys(REASONS)).toContain(reason);
      }
    }
  });

  it("say who answers, how urgent it is, and where the runbook is", () => {
    for (const { labels, annotations, alert } of rules) {
      expect(["page", "ticket", "none"]).toContain(labels.severity);
      expect(Object.keys(inventory.roles)).toContain(labels.owner);
      expect(labels.team).toBe(inventory.roles[labels.owner!]!.team);
      expect(["1", "2"]).toContain(labels.level);
      expect(annotations.summary.length).toBeGreaterThan(5);
      expect(annotations.description).toMatch(/[.]$/);
      const query = labels.service ? `?service=${labels.service}` : "";
      expect(annotations.runbook_url).toBe(`https://etat.tilleuls.localhost:8443/runbooks/${alert}${query}`);
    }
  });

  it("point to runbooks where the pages really are", () => {
    const [rule] = alertRules(inventory, { publicUrl: "https://status.example" }).groups[0]!.rules;
    expect(rule!.annotations.runbook_url).toMatch(/^https:\/\/status\.example\/runbooks\//);
  });

  /** A certificate that runs out, a message taken for spam: failures with an alert of their own, all others have the usual one. */
  const TOLD_APART = new Set(["tls", "mail-round-trip"]);

  it("watch every check of the inventory by exactly one alert of its own", () => {
    for (const check of Object.values(inventory.checks)) {
      const id = check.id.slice(check.service.length + 1);
      const own = rules.filter(
        ({ labels, expr }) =>
          labels.service === check.service &&
          labels.level === "1" &&
          new RegExp(`vigie_check_up\\{[^}]*check=~?"(?:[^"]*\\|)?${id}(?:\\|[^"]*)?"`).test(expr),
      );
      const alerts = new Set(own.map(({ alert }) => alert));
      expect(alerts, check.id).toContain(alertOf(check));
      expect(alerts.size, check.id).toBe(TOLD_APART.has(check.kind) ? 2 : 1);
    }
  });

  it("escalate to the role above, and only where there is one", () => {
    const [first, second] = named("ContainerUnhealthy", "wiki");
    expect(first!.labels).toMatchObject({ owner: "it-on-call", level: "1", severity: "page", host: "main" });
    expect(first!.for).toBeUndefined();
    expect(second!.labels).toMatchObject({ owner: "it-lead", level: "2", team: "it" });
    expect(second!.for).toBe("1800s");
    for (const rule of rules.filter(({ labels }) => labels.level === "2")) {
      expect(Object.values(inventory.roles).map(({ escalatesTo }) => escalatesTo)).toContain(rule.labels.owner);
    }
    const treasurer = structuredClone(inventory) as unknown as { services: Record<string, { owner: string }> };
    treasurer.services.wiki!.owner = "treasurer";
    const alone = alertRules(treasurer as unknown as Inventory).groups.flatMap((group) => group.rules);
    const wikiLevels = alone.filter(({ labels }) => labels.service === "wiki").map(({ labels }) => labels.level);
    expect(new Set(wikiLevels)).toEqual(new Set(["1"]));
  });

  it("escalate after the delay that the alert router declares", () => {
    const slow = structuredClone(inventory) as unknown as Record<string, never> & {
      services: { alertmanager: { delivery: { settings: object } } };
    };
    slow.services.alertmanager.delivery.settings = { escalateAfter: 3600 };
    const changed = alertRules(slow as unknown as Inventory).groups.flatMap((group) => group.rules);
    expect(changed.find(({ alert, labels }) => alert === "CheckFailing" && labels.level === "2")?.for).toBe("3600s");
  });

  it("change for one service only when one service changes", () => {
    const other = structuredClone(inventory) as unknown as { services: Record<string, { owner: string }> };
    other.services.wiki!.owner = "it-lead";
    const before = alertRules(inventory).groups;
    const after = alertRules(other as unknown as Inventory).groups;
    const changed = before.filter((group, index) => JSON.stringify(group) !== JSON.stringify(after[index]));
    expect(changed.map(({ name }) => name)).toEqual(["service wiki"]);
  });

  it("do without an alert router or a lookout, and then never mistake their absence for a failure", () => {
    const { alertmanager: _, lookout: __, ...services } = inventory.services;
    const alone = alertRules({ ...inventory, services }).groups.flatMap((group) => group.rules);
    const failing = alone.find(({ alert }) => alert === "NotificationsFailing");
    expect(failing!.expr).not.toContain(`job="${JOBS.alerts}"`);
  });
});

const up = (service: string, check: string, kind: string): string =>
  `vigie_check_up{service="${service}",check="${check}",kind="${kind}",instance="lookout:9464",job="vigie"}`;
const tls = `service="wiki",check="tls",kind="tls",instance="lookout:9464",job="vigie"`;
const BY = ["service", "check", "owner", "level", "severity"];

const ofService = (metric: string) => (service: string) =>
  `${metric}{service="${service}",instance="lookout:9464",job="vigie"}`;
const slo = (result: string) =>
  `vigie_service_slo_runs_total{service="wiki",result="${result}",instance="lookout:9464",job="vigie"}`;
/** All runs fail for some minutes from the tenth on, and none before nor after. */
const outage = (minutes: number) => ({
  [slo("good")]: `0+2x10 20x${minutes} 22+2x300`,
  [slo("bad")]: `0x10 2+2x${minutes} ${2 * minutes + 2}x300`,
});
const maintained = ofService("vigie_service_maintenance");
const held = ofService("vigie_service_held");
/** promtool's clock begins at 0: a certificate that ends in 10 days ends at 864000. */
const days = (count: number): string => `${count * 86_400}x400`;
const steady = (value: string | number, minutes = 400): string => `${value}x${minutes}`;

const scenarios: Scenario[] = [
  {
    name: "level 1 hears at once of a failing check",
    series: { [up("wiki", "http", "http")]: "1 1 0x100" },
    at: "3m",
    alert: "CheckFailing",
    by: BY,
    firing: [["wiki", "http", "it-on-call", "1", "page"]],
  },
  {
    name: "level 2 hears half an hour later",
    series: { [up("wiki", "http", "http")]: "1 1 0x100" },
    at: "34m",
    alert: "CheckFailing",
    by: BY,
    firing: [
      ["wiki", "http", "it-on-call", "1", "page"],
      ["wiki", "http", "it-lead", "2", "page"],
    ],
  },
  {
    name: "an alert is not said to be over because the lookout is silent, and level 2 hears of it in its time",
    series: {
      [up("wiki", "http", "http")]: "1 1 0x8 stale _x100",
      'up{job="vigie",instance="lookout:9464"}': "1x10 0x100",
    },
    at: "40m",
    alert: "CheckFailing",
    by: BY,
    firing: [
      ["wiki", "http", "it-on-call", "1", "page"],
      ["wiki", "http", "it-lead", "2", "page"],
    ],
  },
  {
    name: "an alert is the same one before, while and after the lookout is silent",
    series: {
      [up("wiki", "tls", "tls")]: "1 1 0x8 stale _x9 0x100",
      'up{job="vigie",instance="lookout:9464"}': "1x10 0x10 1x100",
    },
    at: ["5m", "15m", "25m"],
    alert: "CheckFailing",
    by: ["service", "check", "kind", "owner", "team", "level", "severity", "host"],
    firing: [["wiki", "tls", "tls", "it-on-call", "it", "1", "page", "main"]],
  },
  {
    name: "an alert is over once the lookout is back and says so",
    series: {
      [up("wiki", "http", "http")]: "1 1 0x8 stale _x9 1x100",
      'up{job="vigie",instance="lookout:9464"}': "1x10 0x10 1x100",
    },
    at: "25m",
    alert: "CheckFailing",
    by: BY,
    firing: [],
  },
  {
    name: "the silence of the lookout makes no alert of a check that was well",
    series: {
      [up("wiki", "http", "http")]: "1x10 stale _x100",
      'up{job="vigie",instance="lookout:9464"}': "1x10 0x100",
    },
    at: "40m",
    alert: "CheckFailing",
    by: BY,
    firing: [],
  },
  {
    name: "nobody hears of a check that fails while work is announced",
    series: { [up("wiki", "http", "http")]: "1 1 0x100", [maintained("wiki")]: "1x100" },
    at: "50m",
    alert: "CheckFailing",
    by: BY,
    firing: [],
  },
  {
    name: "both levels hear in turn of what still fails when announced work is over",
    series: { [up("wiki", "http", "http")]: "1 1 0x100", [maintained("wiki")]: "1x40 0x60" },
    at: "45m",
    alert: "CheckFailing",
    by: BY,
    firing: [["wiki", "http", "it-on-call", "1", "page"]],
  },
  {
    name: "an alert is not said to be over because work begins",
    series: { [up("wiki", "http", "http")]: "1 1 0x100", [maintained("wiki")]: "0x10 1x90" },
    at: "60m",
    alert: "CheckFailing",
    by: BY,
    firing: [["wiki", "http", "it-on-call", "1", "page"]],
  },
  {
    name: "an alert that was there before work began ends when the check recovers",
    series: { [up("wiki", "http", "http")]: "1 1 0x20 1x80", [maintained("wiki")]: "0x10 1x90" },
    at: "30m",
    alert: "CheckFailing",
    by: BY,
    firing: [],
  },
  {
    name: "nobody hears of a service whose proxy is down",
    series: { [up("wiki", "http", "http")]: "1 1 0x100", [held("wiki")]: "1x100" },
    at: "50m",
    alert: "CheckFailing",
    by: BY,
    firing: [],
  },
  {
    name: "a container that stops is told, whatever its service depends on",
    series: { [up("wiki", "container", "container")]: "1 1 0x100", [held("wiki")]: "1x100" },
    at: "3m",
    alert: "ContainerUnhealthy",
    by: BY,
    firing: [["wiki", "container", "it-on-call", "1", "page"]],
  },
  {
    name: "a container that stops is not told while work is announced",
    series: { [up("wiki", "container", "container")]: "1 1 0x100", [maintained("wiki")]: "1x100" },
    at: "3m",
    alert: "ContainerUnhealthy",
    by: BY,
    firing: [],
  },
  {
    name: "a service that loses one run in ten pages within minutes",
    series: { [slo("good")]: "0+9x100", [slo("bad")]: "0+1x100" },
    at: "70m",
    alert: "ErrorBudgetBurning",
    by: ["service", "burn", "owner", "level", "severity"],
    firing: [
      ["wiki", "14.4x", "it-on-call", "1", "page"],
      ["wiki", "14.4x", "it-lead", "2", "page"],
      ["wiki", "6x", "it-on-call", "1", "page"],
      ["wiki", "6x", "it-lead", "2", "page"],
      ["wiki", "3x", "it-on-call", "1", "ticket"],
      ["wiki", "1x", "it-on-call", "1", "ticket"],
    ],
  },
  {
    name: "one lost run of two a minute pages nobody, and is a ticket at most while little else is known",
    series: { [slo("good")]: "0+2x60 121+2x60", [slo("bad")]: "0x60 1x60" },
    at: "67m",
    alert: "ErrorBudgetBurning",
    by: ["service", "severity"],
    firing: [["wiki", "ticket"]],
  },
  {
    name: "an objective that was missed for a while no longer counts as badly missed minutes after that is over",
    series: { [slo("good")]: "0+8x30 240+10x200", [slo("bad")]: "0+2x30 60x200" },
    at: "40m",
    alert: "ErrorBudgetBurning",
    by: ["service", "burn", "severity", "level"],
    firing: [
      ["wiki", "6x", "page", "1"],
      ["wiki", "6x", "page", "2"],
      ["wiki", "3x", "ticket", "1"],
      ["wiki", "1x", "ticket", "1"],
    ],
  },
  {
    name: "an error budget that is used up slowly is a ticket",
    series: { [slo("good")]: "0+982x2000", [slo("bad")]: "0+18x2000" },
    at: "1800m",
    every: "5m",
    alert: "ErrorBudgetBurning",
    by: ["service", "burn", "severity", "level"],
    firing: [
      ["wiki", "3x", "ticket", "1"],
      ["wiki", "1x", "ticket", "1"],
    ],
  },
  {
    name: "a service that keeps its objective is left in peace",
    series: { [slo("good")]: "0+9970x200", [slo("bad")]: "0+30x200" },
    at: "180m",
    alert: "ErrorBudgetBurning",
    by: ["service"],
    firing: [],
  },
  {
    name: "an outage that was told is not told again by the budget that it used up, neither while it lasts nor for hours after it",
    series: { [up("wiki", "http", "http")]: "1x10 0x40 1x300", ...outage(40) },
    at: ["13m", "40m", "52m", "54m", "57m", "60m", "80m", "85m", "110m", "171m", "175m", "300m"],
    every: "1m",
    alert: "ErrorBudgetBurning",
    by: ["service", "burn", "level"],
    firing: [],
  },
  {
    name: "a container's outage is as well known as a failing check's",
    series: { [up("wiki", "container", "container")]: "1x10 0x40 1x300", ...outage(40) },
    at: ["53m", "60m", "120m"],
    every: "1m",
    alert: "ErrorBudgetBurning",
    by: ["service", "burn", "level"],
    firing: [],
  },
  {
    name: "the outage of what a service depends on was told there",
    series: { [held("wiki")]: "0x10 1x40 0x300", ...outage(40) },
    at: ["53m", "60m", "120m"],
    every: "1m",
    alert: "ErrorBudgetBurning",
    by: ["service", "burn", "level"],
    firing: [],
  },
  {
    name: "what goes on failing after an outage that was told pages once it is more than an echo",
    series: {
      [up("wiki", "http", "http")]: "1x10 0x20 1x300",
      [slo("good")]: "0+10x10 110+0x20 110+9x300",
      [slo("bad")]: "0x10 0+10x20 210+1x300",
    },
    at: "45m",
    every: "1m",
    alert: "ErrorBudgetBurning",
    by: ["service", "burn", "level", "severity"],
    firing: [["wiki", "14.4x", "1", "page"]],
  },
  {
    name: "a budget that burnt before an outage is not said to be saved because of it",
    series: {
      [up("wiki", "http", "http")]: "1x30 0x300",
      [slo("good")]: "0+8x30 240x300",
      [slo("bad")]: "0+2x30 60+10x300",
    },
    at: "40m",
    every: "1m",
    alert: "ErrorBudgetBurning",
    by: ["service", "burn", "level"],
    firing: [
      ["wiki", "14.4x", "1"],
      ["wiki", "6x", "1"],
      ["wiki", "3x", "1"],
      ["wiki", "1x", "1"],
    ],
  },
  {
    name: "an alert that calls nobody at night holds no budget back",
    series: {
      [up("wiki", "backup", "backup")]: steady(0),
      [slo("good")]: "0+9x100",
      [slo("bad")]: "0+1x100",
    },
    at: "70m",
    every: "1m",
    alert: "ErrorBudgetBurning",
    by: ["burn", "level", "severity"],
    firing: [
      ["14.4x", "1", "page"],
      ["14.4x", "2", "page"],
      ["6x", "1", "page"],
      ["6x", "2", "page"],
      ["3x", "1", "ticket"],
      ["1x", "1", "ticket"],
    ],
  },
  {
    name: "a mailbox that is almost full is a ticket for the mail's owner, with a runbook of its own",
    series: { [up("mail", "mail-boxes", "mail-boxes")]: "1 1 0x100" },
    at: "10m",
    alert: "MailboxFull",
    by: BY,
    firing: [["mail", "mail-boxes", "it-lead", "1", "ticket"]],
  },
  {
    name: "nobody hears of a check that recovered",
    series: { [up("wiki", "http", "http")]: "0x20 1x100" },
    at: "34m",
    alert: "CheckFailing",
    by: BY,
    firing: [],
  },
  {
    name: "the delay to level 2 begins again after a recovery",
    series: { [up("wiki", "http", "http")]: "0x20 1 1 0x100" },
    at: "40m",
    alert: "CheckFailing",
    by: ["level"],
    firing: [["1"]],
  },
  {
    name: "a ticket stays a ticket",
    series: { [up("newsletter", "http", "http")]: steady(0) },
    at: "60m",
    alert: "CheckFailing",
    by: BY,
    firing: [["newsletter", "http", "editor", "1", "ticket"]],
  },
  {
    name: "a container that is down is not a failing check",
    series: { [up("wiki", "container", "container")]: steady(0) },
    at: "1m",
    alert: "CheckFailing",
    by: ["service"],
    firing: [],
  },
  {
    name: "a service whose container is down is told once, not again by its checks, nor when the container is back before they are",
    series: {
      [up("wiki", "container", "container")]: "1x5 0x15 1x100",
      [up("wiki", "http", "http")]: "1x5 0x16 1x100",
    },
    at: ["6m", "7m", "15m", "21m", "22m", "22m30s", "30m"],
    alert: "CheckFailing",
    by: ["service"],
    firing: [],
  },
  {
    name: "a service that does not come back with its container is told",
    series: { [up("wiki", "container", "container")]: "1x5 0x15 1x100", [up("wiki", "http", "http")]: "1x5 0x100" },
    at: "25m",
    alert: "CheckFailing",
    by: BY,
    firing: [["wiki", "http", "it-on-call", "1", "page"]],
  },
  {
    name: "nobody hears of a service whose proxy was down until the service itself has been looked at again",
    series: { [up("wiki", "http", "http")]: "1x5 0x16 1x100", [held("wiki")]: "0x4 1x16 0x100" },
    at: ["6m", "15m", "21m", "22m", "22m30s", "30m"],
    alert: "CheckFailing",
    by: ["service"],
    firing: [],
  },
  {
    name: "an alert that was told goes on and ends by itself while what its service depends on goes down and comes back, again and again",
    series: { [up("wiki", "http", "http")]: "1x5 0x40 1x100", [held("wiki")]: "0x10 1x5 0x5 1x5 0x5 1x100" },
    at: ["6m", "12m", "17m", "22m", "27m", "40m"],
    alert: "CheckFailing",
    by: ["service"],
    firing: [["wiki"]],
  },
  {
    name: "it ends while that is still down",
    series: { [up("wiki", "http", "http")]: "1x5 0x40 1x100", [held("wiki")]: "0x10 1x5 0x5 1x5 0x5 1x100" },
    at: ["48m", "90m"],
    alert: "CheckFailing",
    by: ["service"],
    firing: [],
  },
  {
    name: "what goes down and comes back with what it depends on is never told, however often",
    series: {
      [up("wiki", "http", "http")]: "1x5 0x4 1x5 0x4 1x5 0x4 1x100",
      [held("wiki")]: "0x4 1x5 0x4 1x5 0x4 1x5 0x100",
    },
    at: ["6m", "9m", "10m", "11m", "15m", "19m", "20m", "24m", "29m", "30m", "60m"],
    alert: "CheckFailing",
    by: ["service"],
    firing: [],
  },
  {
    name: "nobody hears of the containers of a host that nobody can see, nor when the gate is back",
    series: {
      [up("wiki", "container", "container")]: "1x5 0x15 1x100",
      'vigie_check_failure_info{service="wiki",check="container",kind="container",reason="gate-unreachable",instance="lookout:9464",job="vigie"}':
        "_x5 1x16 stale _x100",
    },
    at: ["6m", "15m", "20m", "21m", "21m30s", "30m"],
    alert: "ContainerUnhealthy",
    by: ["service"],
    firing: [],
  },
  {
    name: "a container that is down is told though its gate fails now and then",
    series: {
      [up("wiki", "container", "container")]: "1x5 0x100",
      'vigie_check_failure_info{service="wiki",check="container",kind="container",reason="gate-unreachable",instance="lookout:9464",job="vigie"}':
        "_x5 1 stale 1 stale 1 stale _x100",
    },
    at: ["8m", "30m"],
    alert: "ContainerUnhealthy",
    by: ["service", "level"],
    firing: [["wiki", "1"]],
  },
  {
    name: "the gate itself is told when it cannot be asked",
    series: {
      [up("gate", "container", "container")]: "1x5 0x100",
      'vigie_check_failure_info{service="gate",check="container",kind="container",reason="gate-unreachable",instance="lookout:9464",job="vigie"}':
        "_x4 1x100",
    },
    at: "6m",
    alert: "ContainerUnhealthy",
    by: ["service", "level"],
    firing: [["gate", "1"]],
  },
  {
    name: "a container that was told to be down is not said to be well because the gate cannot be asked",
    series: {
      [up("wiki", "container", "container")]: "1x5 0x100",
      'vigie_check_failure_info{service="wiki",check="container",kind="container",reason="gate-unreachable",instance="lookout:9464",job="vigie"}':
        "_x9 1x100",
    },
    at: ["7m", "15m", "25m"],
    alert: "ContainerUnhealthy",
    by: ["service", "level"],
    firing: [["wiki", "1"]],
  },
  {
    name: "a container that is down has its own alert",
    series: { [up("wiki", "container", "container")]: steady(0) },
    at: "1m",
    alert: "ContainerUnhealthy",
    by: BY,
    firing: [["wiki", "container", "it-on-call", "1", "page"]],
  },
  {
    name: "a certificate with ten days left is a ticket",
    series: {
      [`vigie_check_up{${tls}}`]: steady(0),
      [`vigie_check_failure_info{${tls},reason="expires-soon"}`]: steady(1),
      'vigie_tls_certificate_expiry_timestamp_seconds{service="wiki",check="tls",instance="lookout:9464",job="vigie"}':
        days(10),
    },
    at: "5m",
    alert: "CertificateExpiring",
    by: BY,
    firing: [["wiki", "tls", "it-on-call", "1", "ticket"]],
  },
  {
    name: "a certificate with two days left calls somebody",
    series: {
      [`vigie_check_up{${tls}}`]: steady(0),
      [`vigie_check_failure_info{${tls},reason="expires-soon"}`]: steady(1),
      'vigie_tls_certificate_expiry_timestamp_seconds{service="wiki",check="tls",instance="lookout:9464",job="vigie"}':
        days(2),
    },
    at: "5m",
    alert: "CertificateExpiring",
    by: BY,
    firing: [["wiki", "tls", "it-on-call", "1", "page"]],
  },
  {
    name: "a certificate that runs out is not also a failing check",
    series: {
      [`vigie_check_up{${tls}}`]: steady(0),
      [`vigie_check_failure_info{${tls},reason="expired"}`]: steady(1),
    },
    at: "5m",
    alert: "CheckFailing",
    by: ["service"],
    firing: [],
  },
  {
    name: "a certificate of the wrong name is a failing check",
    series: {
      [`vigie_check_up{${tls}}`]: steady(0),
      [`vigie_check_failure_info{${tls},reason="wrong-name"}`]: steady(1),
      'vigie_tls_certificate_expiry_timestamp_seconds{service="wiki",check="tls",instance="lookout:9464",job="vigie"}':
        days(60),
    },
    at: "5m",
    alert: "CheckFailing",
    by: BY,
    firing: [["wiki", "tls", "it-on-call", "1", "page"]],
  },
  {
    name: "a short-lived certificate that is renewed in time alerts nobody",
    series: {
      [`vigie_check_up{${tls}}`]: steady(1),
      'vigie_tls_certificate_expiry_timestamp_seconds{service="wiki",check="tls",instance="lookout:9464",job="vigie"}':
        steady(43_200),
    },
    at: "5m",
    alert: "CertificateExpiring",
    by: ["service"],
    firing: [],
  },
  {
    name: "the volume whose snapshot is too old is named",
    series: {
      'vigie_backup_last_snapshot_timestamp_seconds{service="nas",check="backup",volume="shares",instance="a",job="vigie"}':
        "0x1000",
      'vigie_backup_last_snapshot_timestamp_seconds{service="nas",check="backup",volume="audit",instance="a",job="vigie"}':
        "40000x1000",
      [up("nas", "backup", "backup")]: steady(1, 1000),
    },
    at: "730m",
    every: "5m",
    alert: "BackupStale",
    by: ["service", "volume", "owner"],
    firing: [["nas", "shares", "it-on-call"]],
  },
  {
    name: "a repository that cannot be read is a backup alert too",
    series: { [up("nas", "backup", "backup")]: steady(0) },
    at: "5m",
    alert: "BackupStale",
    by: ["service", "severity"],
    firing: [["nas", "ticket"]],
  },
  {
    name: "an agent whose last run failed is told at once, to whom the service belongs",
    series: {
      [up("mail", "backup-job", "backup-job")]: "1 1 0x100",
      [up("nas", "backup-job", "backup-job")]: steady(1),
    },
    at: "3m",
    alert: "BackupFailing",
    by: BY,
    firing: [["mail", "backup-job", "it-lead", "1", "ticket"]],
  },
  {
    name: "a run that failed and then went well alerts nobody any more",
    series: { [up("mail", "backup-job", "backup-job")]: "1 0 0 1x100" },
    at: "30m",
    alert: "BackupFailing",
    by: ["service"],
    firing: [],
  },
  {
    name: "a snapshot that shrank or vanished is told apart from a backup that does not run",
    series: { [up("wiki", "backup-content", "backup-content")]: "1 0x100" },
    at: "3m",
    alert: "BackupContentLost",
    by: BY,
    firing: [["wiki", "backup-content", "it-on-call", "1", "ticket"]],
  },
  {
    name: "a repository with a fault, or that nobody verifies, is told",
    series: { [up("backup", "backup-integrity", "backup-integrity")]: "1 0x100" },
    at: "3m",
    alert: "BackupDamaged",
    by: BY,
    firing: [["backup", "backup-integrity", "it-on-call", "1", "ticket"]],
  },
  {
    name: "a restore that fails, or that nobody has tried for too long, is told",
    series: { [up("wiki", "restore-proof", "restore-proof")]: "1 0x100" },
    at: "3m",
    alert: "RestoreUnproven",
    by: BY,
    firing: [["wiki", "restore-proof", "it-on-call", "1", "ticket"]],
  },
  {
    name: "truths about backups are no failing checks besides",
    series: Object.fromEntries(
      ["backup", "backup-job", "backup-content", "restore-proof"].map((kind) => [up("wiki", kind, kind), steady(0)]),
    ),
    at: "10m",
    alert: "CheckFailing",
    by: ["service"],
    firing: [],
  },
  {
    name: "a drill is overdue after the declared time, and not before a day was left to do it",
    series: { 'vigie_drill_last_success_timestamp_seconds{instance="lookout:9464",job="vigie"}': "0x80000" },
    at: "1110h",
    every: "1h",
    alert: "DrillOverdue",
    by: ["severity", "owner"],
    firing: [["ticket", "it-on-call"]],
  },
  {
    name: "a drill that is due today alerts nobody yet",
    series: { 'vigie_drill_last_success_timestamp_seconds{instance="lookout:9464",job="vigie"}': "0x80000" },
    at: "1090h",
    every: "1h",
    alert: "DrillOverdue",
    by: ["severity"],
    firing: [],
  },
  {
    name: "checks that are no longer run are one alert, however many they are",
    series: {
      'vigie_check_last_run_timestamp_seconds{service="a",check="x",kind="http"}': "0x100",
      'vigie_check_interval_seconds{service="a",check="x",kind="http"}': "30x100",
      'vigie_check_last_run_timestamp_seconds{service="b",check="x",kind="http"}': "0x100",
      'vigie_check_interval_seconds{service="b",check="x",kind="http"}': "30x100",
    },
    at: "10m",
    alert: "CheckStalled",
    by: ["service", "level"],
    firing: [["lookout", "1"]],
  },
  {
    name: "a check that runs on time is not stalled",
    series: {
      'vigie_check_last_run_timestamp_seconds{service="a",check="x",kind="http"}': "0+60x100",
      'vigie_check_interval_seconds{service="a",check="x",kind="http"}': "30x100",
    },
    at: "10m",
    alert: "CheckStalled",
    by: ["service"],
    firing: [],
  },
  {
    name: "a lookout that does not answer calls somebody",
    series: { 'up{job="vigie",instance="a"}': "1 1 0x100" },
    at: "6m",
    alert: "LookoutDown",
    by: ["service", "severity", "level"],
    firing: [["lookout", "page", "1"]],
  },
  {
    name: "so does one that was never there",
    series: { 'up{job="prometheus",instance="a"}': steady(1) },
    at: "6m",
    alert: "LookoutDown",
    by: ["level"],
    firing: [["1"]],
  },
  {
    name: "a lookout that answers does not",
    series: { 'up{job="vigie",instance="a"}': steady(1) },
    at: "6m",
    alert: "LookoutDown",
    by: ["level"],
    firing: [],
  },
  {
    name: "checks that the lookout does not know are missed",
    series: { 'vigie_check_interval_seconds{service="wiki",check="http",kind="http"}': steady(30) },
    at: "15m",
    alert: "MetricMissing",
    by: ["service", "level"],
    firing: [["lookout", "1"]],
  },
  {
    name: "a vacant role is told to the role above it",
    series: { 'vigie_role_holders{role="editor"}': steady(0), 'vigie_role_holders{role="it-lead"}': steady(1) },
    at: "70m",
    alert: "RoleVacant",
    by: ["role", "owner", "level"],
    firing: [["editor", "it-on-call", "1"]],
  },
  {
    name: "history in memory only is a ticket",
    series: { vigie_history_writable: "1 1 0x100" },
    at: "10m",
    alert: "HistoryDegraded",
    by: ["severity", "level"],
    firing: [["ticket", "1"]],
  },
  {
    name: "a program that restarts over and over is named",
    series: { 'process_start_time_seconds{job="vigie",instance="a"}': "1 2 3 4 5 6x50" },
    at: "10m",
    alert: "MonitoringRestarting",
    by: ["job", "level"],
    firing: [["vigie", "1"]],
  },
  {
    name: "one restart is nothing",
    series: { 'process_start_time_seconds{job="vigie",instance="a"}': "1 1 2x50" },
    at: "10m",
    alert: "MonitoringRestarting",
    by: ["job"],
    firing: [],
  },
  {
    name: "rules that fail are told",
    series: { 'prometheus_rule_evaluation_failures_total{rule_group="x"}': "0 0 5 9x50" },
    at: "6m",
    alert: "RulesFailing",
    by: ["service", "level"],
    firing: [["prometheus", "1"]],
  },
  {
    name: "alerts that cannot be sent are told",
    series: {
      'alertmanager_notifications_failed_total{integration="email"}': "0+1x100",
      'up{job="alertmanager",instance="a"}': steady(1),
    },
    at: "12m",
    alert: "NotificationsFailing",
    by: ["service", "level"],
    firing: [["alertmanager", "1"]],
  },
  {
    name: "the sign of life is always there, once",
    series: {},
    at: "1m",
    alert: "Watchdog",
    by: ["severity", "level"],
    firing: [["none", "1"]],
  },
  {
    name: "renewals far ahead alert nobody",
    series: {},
    at: "1m",
    alert: "RenewalDue",
    by: ["subject"],
    firing: [],
  },
];

/** Objectives are recorded, and ask about alerts of the same service. */
const asksAbout = (alert: string, rule: ReturnType<typeof ruleFile>["groups"][number]["rules"][number]): boolean =>
  "record" in rule
    ? alert === "ErrorBudgetBurning"
    : rule.labels.service === "wiki" && (alert === "ErrorBudgetBurning" || rule.alert === "ContainerUnhealthy");

/** The rules of one alert, and what they are made from: promtool evaluates all that it is given, every fifteen seconds of hours. */
const only = (alert: string, { groups }: ReturnType<typeof ruleFile>) => ({
  groups: groups
    .map((group) => ({
      ...group,
      rules: group.rules.filter((rule) => ("alert" in rule && rule.alert === alert) || asksAbout(alert, rule)),
    }))
    .filter((group) => group.rules.length > 0),
});

describe("the alert rules, evaluated by Prometheus", () => {
  it.each(scenarios)("$name", async (scenario) => {
    expect(await testRules(only(scenario.alert, ruleFile(inventory)), [scenario])).toContain("SUCCESS");
  });

  it("call for a renewal in time, more urgently in the last week", async () => {
    const soon = (date: string) => {
      const { "tilleuls.localhost": domain, ...others } = inventory.domains;
      return alertRules({
        ...inventory,
        suppliers: {},
        domains: { ...others, "tilleuls.localhost": { ...domain, renews: date } },
      });
    };
    const base = { name: "renewal", series: {}, at: "1m", alert: "RenewalDue", by: ["subject", "severity", "owner"] };
    const domain = "tilleuls.localhost";
    const expectations: [string, Scenario["firing"]][] = [
      ["1970-03-10", []],
      ["1970-02-10", [[domain, "ticket", "secretary"]]],
      ["1970-01-05", [[domain, "page", "secretary"]]],
      ["1969-12-01", [[domain, "page", "secretary"]]],
    ];
    for (const [date, firing] of expectations) {
      expect(await testRules(soon(date), [{ ...base, firing }]), date).toContain("SUCCESS");
    }
  });

  it("would be found out by these scenarios if they were wrong", async () => {
    const quiet = { groups: alertRules(inventory).groups.filter(({ name }) => name !== "service wiki") };
    await expect(testRules(quiet, [scenarios[0]!])).rejects.toThrow(/FAILED/);
  });
});
