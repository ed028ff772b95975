import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, it } from "vitest";
import type { Inventory } from "../../association/index.ts";
import { ALERTS } from "../../dashboards/alerts.ts";
import { GRAFANA } from "../../dashboards/grafana/index.ts";
import { site } from "../../dashboards/site.ts";
import { attemptInside, eventually, fetchEachFrom, fetchFrom, inside, localId, readDemo } from "./demo.ts";
import { lookoutPage, metric } from "./web.ts";

const PROMETHEUS = "http://localhost:9090";

/** What Prometheus answers to an instant query, as its own tool prints it: `{labels} => value @[time]`. */
const query = (expression: string): { labels: string; value: number }[] =>
  inside("prometheus", "promtool", "query", "instant", PROMETHEUS, expression)
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [, labels, value] = /^(.*) => (\S+) @/.exec(line)!;
      return { labels: labels!, value: Number(value) };
    });

const api = <T>(path: string): T =>
  (JSON.parse(fetchFrom("lookout", `http://prometheus:9090/api/v1${path}`).text) as { data: T }).data;

let inventory: Inventory;
beforeAll(async () => {
  inventory = await readDemo();
});

describe("Prometheus", () => {
  it("scrapes the lookout, itself and Alertmanager", async () => {
    await eventually(() => {
      const up = query("up");
      for (const job of ["vigie", "prometheus", "alertmanager"])
        expect(up.find(({ labels }) => labels.includes(`job="${job}"`))?.value, job).toBe(1);
    }, 90);
  });

  it("has a verdict on every check of the declaration, and each is good", async () => {
    // Backups are looked at every five minutes, and the first look may come before the first snapshot.
    await eventually(() => {
      const up = query("vigie_check_up");
      const known = new Map(
        up.map(({ labels, value }) => [
          `${/service="([^"]+)"/.exec(labels)![1]}/${/check="([^"]+)"/.exec(labels)![1]}`,
          value,
        ]),
      );
      expect(Object.fromEntries(known)).toEqual(Object.fromEntries(Object.keys(inventory.checks).map((id) => [id, 1])));
    }, 330);
    expect(Object.keys(inventory.checks).length).toBeGreaterThan(30);
  }, 360_000);

  it("has the labels that route an alert: who answers for each check, and what it looks at", () => {
    const info = query("vigie_check_info");
    for (const check of Object.values(inventory.checks)) {
      const own = info.find(
        ({ labels }) => labels.includes(`service="${check.service}"`) && labels.includes(`check="${localId(check)}"`),
      );
      expect(own?.labels, check.id).toContain(`owner="${inventory.services[check.service]!.owner}"`);
    }
  });

  interface Rule {
    type: "alerting" | "recording";
    name: string;
    health: string;
    state: string;
    labels: Record<string, string>;
    annotations: Record<string, string>;
  }
  const rules = (): Rule[] => api<{ groups: { rules: Rule[] }[] }>("/rules").groups.flatMap((group) => group.rules);

  const alerting = () => rules().filter(({ type }) => type === "alerting");

  it("has loaded the rules, and can evaluate each of them", async () => {
    // The slowest group has its first turn within the five minutes of its interval.
    await eventually(() => expect(new Set(rules().map(({ health }) => health))).toEqual(new Set(["ok"])), 330);
    expect(ALERTS).toEqual(expect.arrayContaining([...new Set(alerting().map(({ name }) => name))]));
    for (const { id, active, checks } of Object.values(inventory.services))
      if (active && checks.length > 0)
        expect(
          alerting().map(({ labels }) => labels.service),
          id,
        ).toContain(id);
  }, 360_000);

  it("sends whoever is called to a runbook that exists", async () => {
    const addresses = new Set(alerting().map(({ annotations }) => annotations.runbook_url!));
    expect(addresses.size).toBeGreaterThan(20);
    for (const address of addresses) {
      const { pathname, search } = new URL(address);
      expect(await lookoutPage(pathname + search, "lea-martin"), address).toMatch(/<h1[\s>]/);
    }
  });

  it("finds no fault with its configuration and its rules", () => {
    expect(inside("prometheus", "promtool", "check", "config", "/etc/vigie/prometheus.yml")).toMatch(/SUCCESS/);
    expect(inside("prometheus", "promtool", "check", "rules", "/etc/vigie/rules/vigie.yml")).toMatch(
      /SUCCESS: \d{2,} rules found/,
    );
  });
});

describe("the dashboards for Grafana", () => {
  /** Panels that may have nothing to show in a new demo, by what is still to happen. */
  const MAY_BE_EMPTY: Readonly<Record<string, readonly string[]>> = {
    "a failure": ["Failing checks", "Why checks fail", "Alerts"],
    "an incident, and its end": ["Time to detect, acknowledge and resolve incidents (mean)"],
    "a message to somebody": ["Messages to people, by channel and result"],
    "history of an objective": [
      ...["What is left of the error budgets", "Error budget left", "Runs that failed within the hour"],
      "Runs that failed, over several times",
    ],
    "several snapshots": ["Files, beside what is usual"],
    "a proof": ["Since a restore was proven", "What the last proof found"],
    "a drill": [
      ...["Since the last good drill", "Time to be back, in the last good drill (RTO)"],
      "Age of the restored data (RPO)",
    ],
    "a look at versions": ["Versions", "Pending updates", "Kept on an earlier image"],
    "something that the demo does not declare": [
      ...["The lookout's own network", "Domains", "How far copies lag behind", "Where the time goes"],
    ],
  };

  interface Series {
    metric: Record<string, string>;
  }
  /** Every query with its choices made, and what it says each series is called by. */
  const queries = Object.entries(GRAFANA).flatMap(([dashboard, build]) =>
    build().panels!.flatMap((panel) => {
      const {
        title,
        targets = [],
        transformations = [],
      } = panel as {
        title: string;
        targets?: { expr: string; legendFormat?: string }[];
        transformations?: { options: { renameByName: Record<string, string> } }[];
      };
      return targets.map(({ expr, legendFormat = "" }) => ({
        panel: `${dashboard}, ${title}`,
        title,
        expr: expr.replaceAll("$__rate_interval", "5m").replaceAll("$service", "wiki").replaceAll("$check", ".*"),
        names: [
          ...[...legendFormat.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, label]) => label!),
          ...transformations
            .flatMap(({ options }) => Object.keys(options.renameByName))
            .filter((name) => name !== "Value"),
        ],
      }));
    }),
  );
  const answers = () =>
    fetchEachFrom(
      "lookout",
      queries.map(({ expr }) => ({ url: `http://prometheus:9090/api/v1/query?query=${encodeURIComponent(expr)}` })),
    ).map(({ text }, index) => ({
      ...queries[index]!,
      ...(JSON.parse(text) as { status: string; error?: string; data?: { result: Series[] } }),
    }));

  it("are answered by Prometheus: every query, with the labels that its lines and rows are called by", async () => {
    expect(queries.length).toBeGreaterThan(80);
    const may = new Set(Object.values(MAY_BE_EMPTY).flat());
    await eventually(() => {
      const all = answers();
      expect(all.flatMap(({ panel, error }) => (error === undefined ? [] : [`${panel}: ${error}`]))).toEqual([]);
      const empty = all.filter(({ title, data }) => data!.result.length === 0 && !may.has(title));
      expect(empty.map(({ panel, expr }) => `${panel}: ${expr}`)).toEqual([]);
      // What may be empty may hold a part only: an alert about a role is about no service.
      const nameless = all
        .filter(({ title }) => !may.has(title))
        .flatMap(({ panel, names, data }) =>
          names
            .filter((name) => data!.result.every(({ metric }) => metric[name] === undefined))
            .map((name) => `${panel}: no series has ${name}`),
        );
      expect(nameless).toEqual([]);
    }, 330);
  }, 360_000);

  it("offer the services and checks that there are", () => {
    const offered = (label: string, match: string): string[] =>
      api<string[]>(`/label/${label}/values?match[]=${encodeURIComponent(match)}`);
    expect(offered("service", "vigie_service_info")).toEqual(expect.arrayContaining(["wiki", "mail", "till"]));
    expect(offered("check", 'vigie_check_interval_seconds{service="wiki"}')).toContain("http");
    expect(offered("service", "vigie_backup_last_snapshot_timestamp_seconds")).toContain("wiki");
  });
});

describe("Alertmanager", () => {
  const alerts = (...matchers: string[]): { labels: Record<string, string>; receivers: { name: string }[] }[] =>
    JSON.parse(
      inside(
        "alertmanager",
        "amtool",
        "alert",
        "query",
        "--alertmanager.url=http://localhost:9093",
        "-o",
        "json",
        ...matchers,
      ),
    );

  it("has the sign of life from Prometheus, and passes it on to the lookout", async () => {
    await eventually(() => expect(alerts("alertname=Watchdog")).toHaveLength(1), 120);
    await eventually(async () => {
      const received = await metric("vigie_alert_notifications_received_total");
      expect(received.find(({ labels }) => labels.status === "firing")?.value).toBeGreaterThan(0);
    }, 120);
  });

  it.each([
    ["it-on-call", "wiki"],
    ["shop-manager", "till"],
  ])("routes an alert to the role that owns the service: %s for the %s", (role, service) => {
    expect(inventory.services[service]!.owner).toBe(role);
    const route = inside(
      ...["alertmanager", "amtool", "config", "routes", "test", "--config.file=/etc/vigie/alertmanager.yml"],
      ...["alertname=CheckFailing", `owner=${role}`, `service=${service}`, "severity=page", "level=1"],
    );
    expect(route.trim()).toBe(`role ${role}`);
  });

  it("writes the mail that the lookout cannot in the association's main language", () => {
    const { receivers } = JSON.parse(inside("alertmanager", "cat", "/etc/vigie/alertmanager.yml")) as {
      receivers: { email_configs?: { text: string; headers: { Subject: string } }[] }[];
    };
    const { text, headers } = receivers.flatMap(({ email_configs = [] }) => email_configs)[0]!;
    const alert = {
      status: "firing",
      labels: { alertname: "LookoutDown", level: "2" },
      annotations: { summary: "{{ not English }}", runbook_url: "https://etat.example/runbooks/LookoutDown" },
      startsAt: "2027-03-12T15:05:00+01:00",
    };
    const written = (template: string): string => {
      const { code, stdout, stderr } = attemptInside(
        "alertmanager",
        [
          ...["amtool", "template", "render", "--template.glob=/etc/hostname", "--template.type=text"],
          ...[`--template.text=${template}`, "--template.data=/dev/stdin"],
        ],
        JSON.stringify({ receiver: "mail", status: "firing", alerts: [alert] }),
      );
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return stdout.replaceAll("\u00a0", " ").trim();
    };
    expect(written(headers.Subject)).toBe("ALERTE : La vigie ne répond plus");
    expect(written(text).split("\n")).toEqual([
      "● La vigie ne répond plus",
      "Personne n'a réglé cela au niveau 1 : à vous.",
      expect.stringContaining("Plus rien n'est surveillé"),
      "depuis 2027-03-12 14:05 UTC",
      "Que faire : https://etat.example/runbooks/LookoutDown",
    ]);
  });
});

describe("the lookout's metrics", () => {
  it("are what promtool finds nothing to say about", async () => {
    const text = await lookoutPage("/metrics", "lea-martin");
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
    expect(stdout + stderr).toBe("");
    expect(status).toBe(0);
  });

  it("ask for a volunteer's password at the proxy", async () => {
    const internal = Object.values(site).flatMap(({ audience, path }) =>
      audience === "internal" ? [path.replace(/:\w+/, "wiki")] : [],
    );
    for (const path of ["/metrics", "/runbooks/Watchdog", "/probe?target=wiki&check=http", ...internal]) {
      await expect(lookoutPage(path)).rejects.toThrow(/answers 401/);
      // A password that is good for the wiki, of somebody who is not of the team.
      await expect(lookoutPage(path, "paul-faure")).rejects.toThrow(/answers 401/);
    }
  });
});
