import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { importBlackbox } from "../../../cli/import/blackbox.ts";
import { type Fields, Losses } from "../../../cli/import/draft.ts";
import { targetsOf } from "../../../cli/import/prometheus-targets.ts";
import http from "../../../monitors/checks/http.ts";
import { runCheck } from "../../monitors/helpers/run.ts";
import { web } from "../../monitors/helpers/servers.ts";
import { declared } from "./declared.ts";

const PATHS: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  "/ok": (_, response) => response.end("hello"),
  "/json": (_, response) => response.setHeader("content-type", "application/json").end("{}"),
  "/broken": (_, response) => response.writeHead(500).end(),
  "/to-ok": (_, response) => response.writeHead(302, { location: "/ok" }).end("moved"),
  "/to-broken": (_, response) => response.writeHead(301, { location: "/broken" }).end(),
  "/elsewhere": ({ socket }, response) =>
    response.writeHead(301, { location: `http://localhost:${socket.localPort}/ok` }).end(),
  "/page": (_, response) => response.end("<title>Shop</title>\n12 items"),
  "/big": (_, response) => response.end(`${"x".repeat(400_000)}the end`),
};

/** The one check that a module and its target become. */
async function only(prober: string, settings: Fields, target: string) {
  const modules = { own: { prober, timeout: "5s", [prober]: settings } };
  const { services, lost } = await declared(
    importBlackbox(JSON.stringify({ modules }), "blackbox.yml", {
      name: "targets.json",
      text: JSON.stringify([{ targets: [target], labels: { module: "own" } }]),
    }),
  );
  return { check: Object.values(services)[0]?.checks[0] ?? {}, lost };
}

const own = ({ check: _, every, timeout, ...fields }: Record<string, unknown>) => fields;
const header = (regexp: string, more: Fields = {}) => [{ header: "Content-Type", regexp, ...more }];

/** What blackbox_exporter 0.23 itself said of the same paths. */
const VERDICTS: readonly [path: string, settings: Fields, good: boolean][] = [
  ["/to-ok", {}, true],
  ["/to-ok", { valid_status_codes: [200, 302] }, true],
  ["/to-ok", { follow_redirects: false }, false],
  ["/to-ok", { follow_redirects: false, valid_status_codes: [200, 302] }, true],
  ["/to-broken", { valid_status_codes: [200, 301] }, false],
  ["/elsewhere", {}, true],
  ["/page", { fail_if_body_not_matches_regexp: ["Shop", "\\d+ items"] }, true],
  ["/page", { fail_if_body_not_matches_regexp: ["Shop", "pages"] }, false],
  ["/page", { fail_if_body_matches_regexp: ["pages|items"] }, false],
  ["/page", { fail_if_body_matches_regexp: ["pages|hello"] }, true],
  ["/page", { fail_if_body_not_matches_regexp: ["(?i)shop"], fail_if_body_matches_regexp: ["[0-9]{3}"] }, true],
  ["/big", { fail_if_body_not_matches_regexp: ["the end"] }, true],
  ["/big", { fail_if_body_matches_regexp: ["the end"] }, false],
  ["/json", { fail_if_header_matches: header("j.on") }, false],
  ["/ok", { fail_if_header_matches: header("json") }, false],
  ["/ok", { fail_if_header_matches: header("json", { allow_missing: true }) }, true],
  ["/ok", { valid_http_versions: ["HTTP/1.1", "HTTP/2.0"] }, true],
  ["/ok", { valid_http_versions: ["HTTP/2.0"] }, false],
];

describe("a module of blackbox_exporter means the same once it is imported:", () => {
  it.each(VERDICTS)("%s with %j is good: %s", async (path, settings, good) => {
    const { url } = await web((request, response) => PATHS[request.url!]!(request, response));
    const { check, lost } = await only("http", settings, url + path);
    expect(lost).toBe("");
    expect(await runCheck(http, own(check))).toMatchObject({ ok: good });
  });

  it("a name without records is good, as only the response code is looked at", async () => {
    const { check } = await only("dns", { query_name: "lilas.example", query_type: "MX" }, "192.0.2.53");
    expect(check).toMatchObject({ type: "MX", conditions: ["[DNS_RCODE] == NOERROR"] });
  });

  it("a certificate need not be good for two weeks more", async () => {
    expect((await only("tcp", { tls: true }, "lilas.example:993")).check).toMatchObject({ minRemaining: "1s" });
    const starttls = { query_response: [{ starttls: true }] };
    for (const [port, protocol] of [
      [110, "pop3"],
      [143, "imap"],
      [587, "smtp"],
      [5432, "postgres"],
    ])
      expect((await only("tcp", starttls, `lilas.example:${port}`)).check).toMatchObject({ starttls: protocol });
  });
});

describe("what a module of blackbox_exporter says to a server", () => {
  it.each(["AUTH hunter2", "PASS hunter2\r", "a1 LOGIN lea hunter2", "USER lea\nPASS hunter2"])(
    "is not written where it signs in: %j",
    async (send) => {
      const { check, lost } = await only("tcp", { query_response: [{ send }, { expect: "OK" }] }, "lilas.example:6379");
      expect(check).not.toHaveProperty("send");
      expect(lost).toContain("what it sends – it signs in");
      expect(`${JSON.stringify(check)}${lost}`).not.toContain("hunter2");
    },
  );

  it("is written where it does not", async () => {
    const { check } = await only(
      "tcp",
      { query_response: [{ send: "PING" }, { expect: "PONG" }] },
      "lilas.example:6379",
    );
    expect(check).toMatchObject({ send: "PING\n", expect: { regex: "PONG" } });
  });

  it.each<[Fields, string]>([
    [{ basic_auth: { username_file: "/run/user", password_file: "/run/password" } }, "basic_auth – its user name"],
    [{ fail_if_ssl: true }, "fail_if_ssl – an address with http may still lead to https"],
  ])("and cannot be carried over is told: %j", async (settings, words) => {
    expect((await only("http", settings, "https://lilas.example/")).lost).toContain(words);
  });
});

describe("files of targets that a Prometheus configuration names", () => {
  const modules = JSON.stringify({ modules: { http_2xx: { prober: "http" }, icmp: { prober: "icmp" } } });
  const prometheus = {
    global: { scrape_timeout: "20s", scrape_interval: "2m" },
    scrape_configs: [
      {
        job_name: "web",
        metrics_path: "/probe",
        scrape_timeout: "8s",
        file_sd_configs: [{ files: ["targets/*.yml", "/srv/elsewhere.json"] }],
        http_sd_configs: [{ url: "http://inventory.example/" }],
        relabel_configs: [
          { source_labels: ["module"], target_label: "__param_module" },
          { source_labels: ["__address__"], target_label: "__param_target" },
        ],
      },
    ],
  };
  const files = [
    { name: "targets/hosts.yml", text: '- {targets: ["192.0.2.1"], labels: {module: icmp}}' },
    { name: "targets/web.yml", text: '- targets: ["https://lilas.example/"]\n  labels: {module: http_2xx}' },
  ];

  it("are read beside it, and relabelled as it says", async () => {
    const { services, lost } = await declared(
      importBlackbox(modules, "blackbox.yml", {
        name: "prometheus.yml",
        text: JSON.stringify(prometheus),
        beside: (pattern) => (pattern === "targets/*.yml" ? files : []),
      }),
    );
    expect(Object.values(services).map(({ checks }) => checks[0])).toMatchObject([
      { check: "icmp", host: "192.0.2.1", every: "120s", timeout: "8s" },
      { check: "http", url: "https://lilas.example/", every: "120s", timeout: "8s" },
    ]);
    expect(lost).toContain('"web": file_sd_configs /srv/elsewhere.json – no such file beside prometheus.yml');
    expect(lost).toContain('"web": http_sd_configs – its targets are found as it runs');
  });
});

/** What Prometheus 2.42 itself asks the exporter: the module and the target of each scrape. */
const RELABELLED: readonly [job: Fields, targets: readonly string[]][] = [
  [
    {
      static_configs: [{ targets: ["a;icmp"] }],
      relabel_configs: [
        { source_labels: ["__address__"], regex: "(.*);(.*)", target_label: "__param_target", replacement: "$1" },
        { source_labels: ["__address__"], regex: "(.*);(.*)", target_label: "__param_module", replacement: `$\{2}` },
      ],
    },
    ["icmp a"],
  ],
  [
    {
      static_configs: [{ targets: ["b.example"] }],
      relabel_configs: [
        {
          source_labels: ["__address__"],
          regex: "(?P<host>[^.]+)\\.example",
          target_label: "__param_target",
          replacement: `$\{host}.org`,
        },
      ],
    },
    ["icmp b.org"],
  ],
  [
    {
      static_configs: [{ targets: ["c"] }],
      relabel_configs: [
        { source_labels: ["__address__"], target_label: "__param_target", replacement: "$1/$$x$name$3" },
      ],
    },
    ["icmp c/$x"],
  ],
  [
    {
      metrics_path: undefined,
      static_configs: [{ targets: ["d"] }],
      relabel_configs: [
        { target_label: "__metrics_path__", replacement: "/probe" },
        { source_labels: ["__address__"], target_label: "__param_target" },
      ],
    },
    ["icmp d"],
  ],
  [
    {
      static_configs: [{ targets: ["e"] }],
      relabel_configs: [
        { source_labels: ["job"], regex: "j(.*)", target_label: "__param_module", replacement: "m$1" },
        { source_labels: ["__address__"], target_label: "__param_target" },
      ],
    },
    ["mob e"],
  ],
  [
    {
      static_configs: [{ targets: ["f:7"] }],
      relabel_configs: [
        {
          source_labels: ["__scheme__", "__address__", "__metrics_path__"],
          separator: "|",
          regex: "(.*)\\|(.*)\\|(.*)",
          target_label: "__param_target",
          replacement: "$1://$2$3",
        },
      ],
    },
    ["icmp http://f:7/probe"],
  ],
  [
    {
      static_configs: [{ targets: ["g"], labels: { module: "other" } }],
      relabel_configs: [
        { source_labels: ["module"], target_label: "__param_module" },
        { regex: "__param_module", action: "labeldrop" },
        { source_labels: ["__address__"], target_label: "__param_target" },
      ],
    },
    ["icmp g"],
  ],
  [
    {
      static_configs: [{ targets: ["h"] }],
      relabel_configs: [{ source_labels: ["__address__"], regex: "zzz", target_label: "__param_target" }],
    },
    [],
  ],
];

it.each(RELABELLED)(
  "what Prometheus relabels is looked at as Prometheus has it looked at: %j gives %j",
  (job, targets) => {
    const config = {
      scrape_configs: [{ job_name: "job", metrics_path: "/probe", params: { module: ["icmp"] }, ...job }],
    };
    const found = targetsOf(config, { name: "p.yml", text: "" }, new Losses());
    expect(found.map(({ module, address }) => `${module} ${address}`)).toEqual(targets);
  },
);
