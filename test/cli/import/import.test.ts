import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { importBlackbox } from "../../../cli/import/blackbox.ts";
import { gathered, goSeconds, ImportError, type Imported } from "../../../cli/import/draft.ts";
import { importGatus } from "../../../cli/import/gatus.ts";
import { jsRegex } from "../../../cli/import/regex.ts";
import { importUptimeKuma } from "../../../cli/import/uptime-kuma.ts";
import { writeServices } from "../../../cli/import/write.ts";
import { declared, load, owned, vocabulary } from "./declared.ts";

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
describe("a configuration of Gatus", () => {
  it("becomes services that the inventory takes, each endpoint with its conditions and pace", async () => {
    const { services } = await declared(importGatus(fixture("gatus.yaml"), "gatus.yaml"));
    expect(services["core-website"]).toMatchObject({
      name: { fr: "core / website" },
      delivery: { by: "supplier", supplier: "webhost", url: "https://tilleuls.example/health" },
      checks: [
        {
          check: "http",
          url: "https://tilleuls.example/health",
          every: "300s",
          timeout: "10s",
          failAfter: 5,
          recoverAfter: 2,
          conditions: [
            "[STATUS] == 200",
            "[BODY].status == UP",
            "[RESPONSE_TIME] < 300",
            "[CERTIFICATE_EXPIRATION] > 48h",
            "len([BODY].users) > 0",
          ],
        },
      ],
    });
    expect(services["core-search"]?.checks[0]).toMatchObject({
      method: "POST",
      url: "https://search.example/graphql",
      body: '{"query":"{ users { id } }"}',
      auth: { bearer: { secret: "core-search" } },
      headers: { "x-trace": "vigie", "content-type": "application/json" },
      every: "90s",
      failAfter: 3,
      conditions: ["[STATUS] == any(200, 204)", "[BODY] == pat(*data*)", "has([HEADERS].etag) == true"],
    });
    expect(services["database-port"]?.checks).toMatchObject([{ check: "tcp", address: "10.0.0.5:5432", every: "1s" }]);
    expect(services.resolver?.checks).toMatchObject([
      { check: "dns", name: "tilleuls.example", type: "MX", resolvers: ["192.0.2.53"] },
    ]);
    expect(services["mail-tls"]?.checks).toMatchObject([
      { check: "tls", address: "mail.example:587", starttls: "smtp" },
    ]);
    expect(services.tls?.checks).toMatchObject([{ check: "tls", conditions: ["[CERTIFICATE_EXPIRATION] > 240h"] }]);
  });

  it("tells once what is lost at many endpoints alike, before and after what is lost at one", async () => {
    const endpoints = Array.from({ length: 9 }, (_, index) => ({
      name: `site ${index}`,
      url: `https://site-${index}.example`,
      conditions: ["[STATUS] == 200"],
      alerts: [{ type: "discord" }],
      ...(index === 4 ? { client: { "proxy-url": "http://proxy.example:3128" } } : {}),
    }));
    const written = writeServices(
      importGatus(JSON.stringify({ endpoints }), "gatus.yaml"),
      "elsewhere",
      owned,
      vocabulary,
    );
    expect(written.losses).toHaveLength(10);
    expect(gathered(written.losses).map(({ where, what }) => `${where}: ${what}`)).toEqual([
      'endpoints[0] "site 0", endpoints[1] "site 1", endpoints[2] "site 2" and 6 more: alerts (discord)',
      'endpoints[4] "site 4": client.proxy-url',
    ]);
    expect(written.source.match(/^ \* - .*alerts \(discord\)/gm)).toHaveLength(1);
  });

  it("tells everything that could not be carried over, and why", async () => {
    const { lost, services } = await declared(importGatus(fixture("gatus.yaml"), "gatus.yaml"));
    for (const words of [
      "alerting: the whole section",
      'suites[0] "sign in": the suite – it has no endpoints',
      "x-defaults: the whole section – nothing here is called so",
      'endpoints[0] "website": alerts (mattermost) – alerts go to the role that owns the service',
      '"search": the secret core-search – its value is not written anywhere',
      "condition [NONSENSE] == 1",
      'endpoints[7] "bastion": ssh.username, ssh.password',
      '"websocket": the endpoint – wss is not something the lookout speaks',
      '"datagram": the endpoint – udp is not',
      '"sctp": the endpoint – sctp is not',
      '"grpc": the endpoint – grpc is not',
      '"paused": the endpoint – it is not enabled',
      '"variable": the endpoint – its url has a variable of the environment',
      '"nowhere": the endpoint – it has no url',
      "the endpoint – it is no set of fields",
      'external-endpoints[0] "nightly job": token',
    ])
      expect(lost).toContain(words);
    for (const secret of ["hunter2", "abc123", "secret@"]) {
      expect(JSON.stringify(services)).not.toContain(secret);
      expect(lost).not.toContain(secret);
    }
  });

  it("carries over every kind of check", async () => {
    const { services, lost } = await declared(importGatus(fixture("gatus.yaml"), "gatus.yaml"));
    const kinds = new Set(Object.values(services).flatMap(({ checks }) => checks.map(({ check }) => check)));
    for (const kind of ["http", "tcp", "tls", "dns", "icmp", "ssh", "heartbeat", "domain-expiry"])
      expect(kinds).toContain(kind);
    expect(lost).not.toContain("this version of the lookout has no such check");
  });

  it("asks the registry about the domain, not about a host in it", async () => {
    const endpoint = (url: string) => ({ name: url, url, conditions: ["[DOMAIN_EXPIRATION] > 720h"] });
    const urls = ["https://www.lilas.example/", "https://wiki.lilas.example/"];
    const { services, lost } = await declared(
      importGatus(JSON.stringify({ endpoints: urls.map(endpoint) }), "gatus.yaml"),
    );
    const checks = Object.values(services).map((service) => service.checks[1]);
    expect(checks).toMatchObject([
      { check: "domain-expiry", domain: "lilas.example", conditions: ["[DOMAIN_EXPIRATION] > 720h"] },
      { check: "domain-expiry", domain: "wiki.lilas.example" },
    ]);
    expect(lost).toContain("write the domain as it is registered, where that is not wiki.lilas.example");
    expect(lost).not.toContain("not lilas.example");
  });
});

describe("a backup of Uptime Kuma", () => {
  it("becomes services that the inventory takes", async () => {
    const { services } = await declared(importUptimeKuma(fixture("uptime-kuma.json"), "backup.json"));
    expect(services["ecole-site"]).toMatchObject({
      name: { fr: "École / Site" },
      checks: [
        {
          check: "http",
          url: "https://ecole.example/",
          every: "60s",
          timeout: "48s",
          failAfter: 3,
          redirects: 10,
          headers: { accept: "text/html" },
          expect: { status: ["2xx", 401] },
        },
        { check: "tls", address: "ecole.example:443", every: "6h" },
      ],
    });
    expect(services["mot-cle"]?.checks).toMatchObject([
      { check: "http", expect: { status: [200, 201, 202, 203, 204], body: "Bienvenue" } },
    ]);
    expect(services["sans-erreur"]?.checks).toMatchObject([{ expect: { body: { not: "Fatal error" } } }]);
    expect(services.api?.checks).toMatchObject([{ conditions: ["[BODY].status == ok"] }]);
    expect(services.base?.checks).toMatchObject([{ check: "tcp", address: "db.example:5432" }]);
    expect(services.mx?.checks).toMatchObject([{ check: "dns", type: "MX", resolvers: ["192.0.2.53"] }]);
    expect(services.site?.checks).toMatchObject([{ url: "http://autre.example/" }]);
  });

  it("tells everything that could not be carried over, and no password", async () => {
    const { lost, services } = await declared(importUptimeKuma(fixture("uptime-kuma.json"), "backup.json"));
    for (const words of [
      "notificationList: the whole section",
      '"Site": ignoreTls – certificates are always verified',
      '"Site": the header that signs in – one secret is carried over for each check',
      '"Site": the secret ecole-site – its value is not written anywhere',
      '"Sauvegarde": pushToken',
      '"Conteneur": the monitor – docker: the lookout sees the containers',
      '"MariaDB": the secret mariadb – its value is not written anywhere',
      '"Jeu": the monitor – steam: the lookout does not watch games',
      '"Envers": the monitor – upside down',
      '"En pause": the monitor – it is paused',
      '"Cassé": its url – it is no http(s) address',
      '"Inconnu": the monitor – constructor: the lookout has no such check',
      "the monitor – it is no set of fields",
    ])
      expect(lost).toContain(words);
    expect(`${lost}${JSON.stringify(services)}`).not.toMatch(/hunter2|abcdef/);
  });

  it("may be a bare list of monitors, or monitors by id", async () => {
    const monitor = { id: 1, name: "a", type: "http", url: "https://a.example/" };
    for (const backup of [[monitor], { monitorList: { 1: monitor } }, { 1: monitor }]) {
      const { services } = await declared(importUptimeKuma(JSON.stringify(backup), "x"));
      expect(Object.keys(services)).toEqual(["a"]);
    }
  });
});

describe("a blackbox.yml with its targets", () => {
  const imported = () =>
    importBlackbox(fixture("blackbox.yml"), "blackbox.yml", {
      text: fixture("prometheus.yml"),
      name: "prometheus.yml",
    });

  it("becomes services that the inventory takes", async () => {
    const { services } = await declared(imported());
    expect(services["tilleuls-example-accueil"]).toMatchObject({
      delivery: { url: "https://tilleuls.example/accueil" },
      checks: [{ check: "http", every: "60s", timeout: "5s", expect: { body: { regex: "Tilleuls" } } }],
    });
    expect(services["wiki-example"]?.checks).toMatchObject([
      { url: "http://wiki.example/", auth: { login: "lea", password: { secret: "wiki-example" } } },
    ]);
    expect(services["api-example-jobs"]?.checks).toMatchObject([
      {
        method: "POST",
        body: "{}",
        redirects: 0,
        expect: { status: [201, 202] },
        headers: { "content-type": "application/json" },
      },
    ]);
    expect(services["bastion-example-22"]?.checks).toMatchObject([
      { check: "tcp", expect: { regex: "^SSH-2.0-" }, every: "15s" },
    ]);
    expect(services["mail-example-995"]?.checks).toMatchObject([{ check: "tls" }]);
    expect(services["mail-example-587"]?.checks).toMatchObject([{ check: "tls", starttls: "smtp" }]);
  });

  it("tells everything that could not be carried over, and no password", async () => {
    const { lost, services } = await declared(imported());
    for (const words of [
      'scrape_configs[0] "node": the job – it does not probe',
      '"wiki.example": the secret wiki-example – its value is not written anywhere',
      "tls_config – certificates are always verified",
      "ttl",
      "validate_answer_rrs",
      'the lookout has no prober "grpc"',
      'its module "constructor" is not in blackbox.yml',
      "file_sd_configs /etc/targets/*.json – no such file beside prometheus.yml: give it as --targets",
    ])
      expect(lost).toContain(words);
    expect(`${lost}${JSON.stringify(services)}`).not.toContain("hunter2");
  });

  it("takes a file of targets as well", () => {
    const { drafts } = importBlackbox(fixture("blackbox.yml"), "b.yml", {
      text: '[{"targets":["https://a.example"]}]',
      name: "t.json",
    });
    expect(drafts).toMatchObject([{ name: "a.example", checks: [{ check: "http" }] }]);
  });

  it("says that it needs targets", () => {
    expect(() => importBlackbox(fixture("blackbox.yml"), "b.yml", undefined)).toThrow(/add --targets/);
  });
});

describe("a hostile configuration", () => {
  const readers: Record<string, (text: string) => Imported> = {
    gatus: (text) => importGatus(text, "g.yaml"),
    kuma: (text) => importUptimeKuma(text, "k.json"),
    blackbox: (text) => importBlackbox(text, "b.yml", { text: "[]", name: "t" }),
    targets: (text) => importBlackbox("modules: {}", "b.yml", { text, name: "t" }),
  };

  it.each(Object.keys(readers))("of %s never does more than be refused with words", (name) => {
    const read = readers[name]!;
    const bombs = [
      "",
      "null",
      "[]",
      "{}",
      "a: &a [*a]",
      `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghi"
        .split("")
        .map((key, index) => `${key}: &${key} [${`*${"abcdefghi"[index]},`.repeat(9)}]`)
        .join("\n")}\nendpoints: *i`,
      "endpoints: {a: 1}",
      "endpoints: [[[[]]]]",
      "__proto__: {polluted: true}\nconstructor: {prototype: {polluted: true}}\nendpoints: []",
      '{"monitorList": [{"__proto__": {"polluted": true}, "type": "http", "name": {}, "url": []}]}',
      "modules: [1]",
      "scrape_configs: 7",
      `endpoints:\n${"  - {name: x, url: 'https://x.example', conditions: ['[STATUS] == 200']}\n".repeat(2000)}`,
    ];
    for (const bomb of bombs) {
      try {
        writeServices(read(bomb), "x", owned, vocabulary);
      } catch (error) {
        expect(error, bomb.slice(0, 60)).toBeInstanceOf(ImportError);
      }
    }
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it("cannot end the comment or a string of what is written", async () => {
    const { services, written } = await declared(importGatus(fixture("gatus.yaml"), "*/ process.exit(1) /*"));
    expect(written.source.split("\nexport const imported")[0]!.match(/\*\//g)).toHaveLength(1);
    expect(Object.keys(services).some((id) => id.startsWith("export-const-evil"))).toBe(true);
    expect(written.source).not.toContain("\u202e");
  });

  it("whatever its texts are, becomes a module that loads", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: "binary", maxLength: 60 }),
        fc.string({ maxLength: 60 }),
        async (name, path) => {
          const config = {
            endpoints: [{ name, group: path, url: `https://a.example/${path}`, conditions: [`[BODY] == ${name}`] }],
          };
          const written = writeServices(importGatus(JSON.stringify(config), "g"), name, owned, vocabulary);
          await load(written);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe("a length of time as Go writes it", () => {
  it.each([
    ["1m30s", 90],
    ["500ms", 0.5],
    ["1h", 3600],
    ["1d", 86_400],
    ["1.5h", 5400],
    [30, 30],
    ["30", undefined],
    ["", undefined],
    ["1x", undefined],
    ["m", undefined],
    [null, undefined],
  ])("%j is %j seconds", (text, seconds) => {
    expect(goSeconds(text)).toBe(seconds);
  });
});

it("a job that tells Uptime Kuma how it went is waited for as long", async () => {
  const monitor = {
    id: 1,
    name: "Copie",
    type: "push",
    pushToken: "abc",
    interval: 3600,
    maxretries: 2,
    retryInterval: 300,
  };
  const { services } = await declared(importUptimeKuma(JSON.stringify({ monitorList: [monitor] }), "kuma.json"));
  const [check] = services.copie!.checks;
  expect(check).toMatchObject({ check: "heartbeat", job: "report", expect: "3600s", grace: "600s" });
  expect(check).not.toHaveProperty("every");
});

it("what blackbox_exporter looks for in headers, and for in vain, is looked for", async () => {
  const http = {
    accept_any_response: true,
    fail_if_body_matches_regexp: ["Could not connect to database", "^Err(or)?$"],
    fail_if_header_not_matches: [{ header: "Content-Type", regexp: "text/html" }],
    fail_if_header_matches: [
      { header: "Set-Cookie", regexp: ".*", allow_missing: true },
      { header: "Server", regexp: "Apache", allow_missing: true },
    ],
    tls_config: { insecure_skip_verify: true },
  };
  const { services, lost } = await declared(
    importBlackbox(JSON.stringify({ modules: { page: { prober: "http", http } } }), "blackbox.yml", {
      text: JSON.stringify([{ targets: ["https://lilas.example/"], labels: { module: "page" } }]),
      name: "targets.json",
    }),
  );
  expect(Object.values(services)[0]!.checks).toMatchObject([
    {
      conditions: ["[BODY] != pat(*Could not connect to database*)"],
      expect: {
        status: ["1xx", "2xx", "3xx", "4xx", "5xx"],
        body: { regex: "(?<![\\s\\S])(?![\\s\\S]*(?:^Err(or)?$))" },
        header: { "content-type": { regex: "text/html" }, server: { not: "Apache" } },
      },
    },
  ]);
  expect(lost).toContain("fail_if_header_matches – set-cookie: only a plain text");
  expect(lost).toContain("tls_config – certificates are always verified");
});

describe("secrets", () => {
  const kuma = (monitor: Record<string, unknown>) =>
    importUptimeKuma(JSON.stringify([{ id: 1, name: "Api", url: "https://api.example/", ...monitor }]), "kuma.json");
  const gatus = (endpoint: Record<string, unknown>) =>
    importGatus(JSON.stringify({ endpoints: [{ name: "Api", url: "https://api.example/", ...endpoint }] }), "g.yaml");
  const secret = { secret: "api" };

  it.each<[string, () => Imported, Record<string, unknown>]>([
    [
      "a password of HTTP",
      () => kuma({ type: "http", authMethod: "basic", basic_auth_user: "robot", basic_auth_pass: "hunter2" }),
      { auth: { login: "robot", password: secret } },
    ],
    [
      "a password in the address",
      () => gatus({ url: "https://robot:hunter2@api.example/" }),
      { url: "https://api.example/", auth: { login: "robot", password: secret } },
    ],
    [
      "a login and password in a header",
      () => gatus({ headers: { Authorization: `Basic ${btoa("robot:hunter2")}` } }),
      { auth: { login: "robot", password: secret } },
    ],
    ["a token", () => gatus({ headers: { authorization: "Bearer hunter2" } }), { auth: { bearer: secret } }],
    [
      "a header of their own",
      () => kuma({ type: "http", headers: '{"X-Api-Key":"hunter2"}' }),
      { auth: { header: "x-api-key", value: secret } },
    ],
    [
      "a parameter of the address",
      () => gatus({ url: "https://api.example/?access_token=hunter2&page=2" }),
      { url: "https://api.example/?page=2" },
    ],
    ["a form", () => kuma({ type: "http", method: "POST", body: "user=robot&password=hunter2" }), { method: "POST" }],
    ["JSON", () => gatus({ method: "POST", body: '{"clientSecret": "hunter2"}' }), { method: "POST" }],
    [
      "a connection string",
      () =>
        kuma({
          type: "postgres",
          databaseConnectionString: "postgres://robot:hunter2@db.example/galette",
          databaseQuery: "SELECT 2",
        }),
      {
        check: "postgres",
        address: "db.example:5432",
        database: "galette",
        login: "robot",
        password: secret,
        query: "SELECT 2",
      },
    ],
    [
      "a MariaDB",
      () => kuma({ type: "mysql", databaseConnectionString: "mysql://robot:hunter2@db.example:3307/wp" }),
      { check: "mysql", address: "db.example:3307", database: "wp", login: "robot", password: secret },
    ],
  ])("are named, and never written: in %s", async (_, imported, expected) => {
    const { written, services, lost } = await declared(imported());
    expect(services.api?.checks[0]).toMatchObject(expected);
    expect(`${written.source}${lost}`).not.toMatch(/hunter2|cm9ib3Q6/);
    // Whoever reads what was lost knows what to do about it.
    expect(lost).toMatch(/vigie:secrets\.api$|looks like a secret/m);
  });

  it("are not suspected where there are none", async () => {
    const body = '{"author": "Léa", "compass": 3, "monkey": 1}';
    const { services, lost } = await declared(
      gatus({ method: "POST", body, headers: { "X-Trace": "a", Accept: "*/*" } }),
    );
    expect(services.api?.checks[0]).toMatchObject({ body, headers: { "x-trace": "a", accept: "*/*" } });
    expect(lost).toBe("");
  });

  it("are not shown by what is said of an address that cannot be asked", async () => {
    const { lost } = await declared(gatus({ url: "mongodb://robot:hunter2@db.example/?authSource=hunter2" }));
    expect(lost).toContain("mongodb is not something the lookout speaks: mongodb://db.example/?…");
  });
});

/** As configurations write it; a plain text with it would look like a template that lost its ticks. */
const variable = (name: string): string => `\${${name}}`;

describe("a variable of the environment in a configuration of Gatus", () => {
  const config = JSON.stringify({
    endpoints: [
      {
        name: `Site of ${variable("WHO")}`,
        url: `https://${variable("HOST")}:$PORT/$$`,
        conditions: [`[STATUS] == ${variable("STATUS")}`, `[BODY] == ${variable("UNKNOWN")}`],
        method: "POST",
        body: `${variable("PAYLOAD")}`,
        headers: { "X-From": `${variable("WHO")}` },
      },
    ],
  });

  it("has its value where a file gives it, but in what may be secret", async () => {
    const variables = { HOST: "lilas.example", PORT: "8443", WHO: "Lilas", STATUS: "200", PAYLOAD: "hunter2" };
    const { services, lost } = await declared(importGatus(config, "g.yaml", variables));
    const check = services["site-of-lilas"]!.checks[0]!;
    expect(check).toMatchObject({ url: "https://lilas.example:8443/$", conditions: ["[STATUS] == 200"] });
    expect(Object.keys(check)).not.toEqual(expect.arrayContaining(["body"]));
    for (const words of [
      `condition [BODY] == ${variable("UNKNOWN")} – it has a variable`,
      "body – it has a variable",
      "header X-From",
    ])
      expect(lost).toContain(words);
  });

  it("is told where nothing gives it", async () => {
    const { services, lost } = await declared(importGatus(config, "g.yaml"));
    expect(services).toEqual({});
    expect(lost).toContain("give its value by --env FILE");
  });
});

describe("an endpoint of Gatus", () => {
  const only = async (config: Record<string, unknown>) =>
    Object.values((await declared(importGatus(JSON.stringify(config), "g.yaml"))).services)[0]!.checks[0]!;
  const endpoint = { name: "a", url: "https://a.example/" };

  it("is up whatever its status where no condition is about it, as Gatus has it", async () => {
    const conditions = ["[CERTIFICATE_EXPIRATION] > 48h"];
    expect(await only({ endpoints: [{ ...endpoint, conditions }] })).toMatchObject({
      expect: { status: ["2xx", 304, "4xx", "5xx"] },
    });
    expect(await only({ endpoints: [{ ...endpoint, conditions: ["[STATUS] == 200"] }] })).not.toHaveProperty("expect");
  });

  it("has the thresholds of its provider's usual alert where it has none, and none of an alert that is off", async () => {
    const alerting = { ntfy: { topic: "x", "default-alert": { "failure-threshold": 7, "success-threshold": 4 } } };
    const alerts = [{ type: "ntfy" }, { type: "email", enabled: false, "failure-threshold": 1 }];
    expect(await only({ alerting, endpoints: [{ ...endpoint, alerts }] })).toMatchObject({
      failAfter: 7,
      recoverAfter: 4,
    });
  });

  it("speaks before TLS what its port speaks", async () => {
    expect(await only({ endpoints: [{ name: "a", url: "starttls://db.example:5432" }] })).toMatchObject({
      starttls: "postgres",
    });
  });
});

it("a configuration is found where Kubernetes wraps it", async () => {
  const inner = "endpoints:\n  - {name: a, url: 'https://a.example/', conditions: ['[STATUS] == 200']}\n";
  const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "gatus" }, data: { "config.yaml": inner } };
  const deployed = `${JSON.stringify({ kind: "Service" })}\n---\n${JSON.stringify(map)}\n`;
  const { services, lost } = await declared(importGatus(deployed, "gatus.yaml"));
  expect(Object.keys(services)).toEqual(["a"]);
  expect(lost).toBe("");
  const chart = { config: { modules: { page: { prober: "http" } } } };
  const targets = { text: JSON.stringify([{ targets: ["a.example"], labels: { module: "page" } }]), name: "t" };
  expect(importBlackbox(JSON.stringify(chart), "values.yaml", targets).drafts).toHaveLength(1);
});

describe("what Prometheus relabels", () => {
  const modules = { page: { prober: "http" }, ping: { prober: "icmp" } };
  const exporter = { target_label: "__address__", replacement: "blackbox:9115" };
  const probe = [{ source_labels: ["__address__"], target_label: "__param_target" }, exporter];
  const imported = (job: Record<string, unknown>) =>
    importBlackbox(JSON.stringify({ modules }), "b.yml", {
      text: JSON.stringify({ scrape_configs: [{ job_name: "j", metrics_path: "/probe", ...job }] }),
      name: "p.yml",
    });
  const kinds = ({ drafts }: Imported) => drafts.map(({ name, checks }) => [name, checks[0]!.check]);

  it("is looked at under the address, and by the module, that come of it", () => {
    const rules = [
      { source_labels: ["__address__"], regex: "(.+);(.+)", target_label: "__param_module", replacement: "$2" },
      {
        source_labels: ["__address__"],
        regex: "(.+);(.+)",
        target_label: "__param_target",
        replacement: `https://${variable("1")}/up`,
      },
      exporter,
    ];
    expect(kinds(imported({ relabel_configs: rules, static_configs: [{ targets: ["a.example;page"] }] }))).toEqual([
      ["a.example/up", "http"],
    ]);
  });

  it("takes its module from a label, and leaves out what is dropped", () => {
    const rules = [
      ...probe,
      { source_labels: ["kind"], target_label: "__param_module" },
      { source_labels: ["stage"], regex: "prod(uction)?", action: "keep" },
    ];
    const groups = [
      { targets: ["192.0.2.1"], labels: { kind: "ping", stage: "prod" } },
      { targets: ["192.0.2.2"], labels: { kind: "ping", stage: "test" } },
    ];
    const found = imported({ relabel_configs: rules, static_configs: groups });
    expect(kinds(found)).toEqual([["192.0.2.1", "icmp"]]);
    expect(found.losses).toMatchObject([{ what: "the target", why: "its relabelling drops it" }]);
  });

  it("is asked of the exporter by a parameter as well", () => {
    const params = { module: ["page"], target: ["https://a.example/"] };
    expect(kinds(imported({ params, static_configs: [{ targets: ["blackbox:9115"] }] }))).toEqual([
      ["a.example", "http"],
    ]);
  });

  it("does not wait for an expression that takes years", () => {
    const rules = [{ source_labels: ["__address__"], regex: "(a+)+b", action: "drop" }, ...probe];
    const began = performance.now();
    const targets = Array.from({ length: 40 }, (_, at) => "a".repeat(60 + at));
    imported({ params: { module: ["ping"] }, relabel_configs: rules, static_configs: [{ targets }] });
    // Years for each; two seconds for the first of them.
    expect(performance.now() - began).toBeLessThan(30_000);
  });
});

it.each([
  ["(?i)welcome", "(?i:welcome)", "WELCOME"],
  ["^\\+OK", "^\\+OK", "+OK ready"],
  ['it\\\'s \\"up\\"', 'it\'s "up"', 'it\'s "up"'],
  ["(?P<code>\\d+)", "(?<code>\\d+)", "250"],
])("the expression %j of Go is %j of JavaScript", (go, js, text) => {
  expect(jsRegex(go)).toBe(js);
  expect(new RegExp(js, "mu").test(text)).toBe(true);
});

describe("what is set and has nothing like it here", () => {
  const targets = (relabel: object[], labels = {}) => ({
    text: JSON.stringify({
      scrape_configs: [
        {
          job_name: "j",
          metrics_path: "/probe",
          params: { module: ["m"] },
          static_configs: [{ targets: ["mail.example:993"], labels }],
          relabel_configs: [{ source_labels: ["__address__"], target_label: "__param_target" }, ...relabel],
        },
      ],
    }),
    name: "prometheus.yml",
  });
  const blackbox = (module: object, relabel: object[] = [], labels = {}) =>
    declared(importBlackbox(JSON.stringify({ modules: { m: module } }), "b.yml", targets(relabel, labels)));
  const checkOf = async (module: object) => Object.values((await blackbox(module)).services)[0]!.checks[0];

  it("is carried over by a TLS module as far as it can be, and told where not", async () => {
    const tls_config = { server_name: "imap.example", min_version: "TLS13", ca_file: "/ca.pem" };
    const { services, lost } = await blackbox({
      prober: "tcp",
      tcp: { tls: true, tls_config, source_ip_address: "192.0.2.1" },
    });
    expect(services["mail-example-993"]?.checks).toMatchObject([
      { check: "tls", serverName: "imap.example", minVersion: "TLSv1.3" },
    ]);
    expect(lost).toContain("tls_config – certificates are always verified");
    expect(lost).toContain("source_ip_address – the lookout has no such setting");
  });

  it("is told of a DNS module, without a word for what changes nothing", async () => {
    const dns = { query_name: "a.example", query_class: "IN", recursion_desired: true, dns_over_tls: true };
    const { lost } = await blackbox({ prober: "dns", dns });
    expect(lost).toContain("dns_over_tls – the lookout has no such setting");
    expect(lost).not.toMatch(/query_class|recursion_desired/);
  });

  it("takes every response code that a DNS module takes", async () => {
    const dns = { query_name: "a.example", valid_rcodes: ["NOERROR", "NXDOMAIN"] };
    expect(await checkOf({ prober: "dns", dns })).toMatchObject({
      conditions: ["[DNS_RCODE] == any(NOERROR, NXDOMAIN)"],
    });
  });

  it("sends what a TCP module sends, with the end of line that it has", async () => {
    const query_response = [{ send: "EHLO prober\r" }, { expect: "^250" }];
    expect(await checkOf({ prober: "tcp", tcp: { query_response } })).toMatchObject({ send: "EHLO prober\r\n" });
  });

  it("keeps the share of the targets that a Prometheus among several takes, and tells labels that nothing reads", async () => {
    // The last eight bytes of md5("mail.example:993"), modulo 4.
    const shard = createHash("md5").update("mail.example:993").digest().readBigUInt64BE(8) % 4n;
    const sharing = (kept: bigint) => [
      { source_labels: ["__address__"], action: "hashmod", modulus: 4, target_label: "__tmp" },
      { source_labels: ["__tmp"], action: "keep", regex: String(kept) },
    ];
    const kept = await blackbox({ prober: "tcp" }, sharing(shard), { team: "mail" });
    expect(Object.keys(kept.services)).toEqual(["mail-example-993"]);
    expect(kept.lost).toContain("labels team – labels come from the declaration");
    expect((await blackbox({ prober: "tcp" }, sharing((shard + 1n) % 4n))).lost).toContain("its relabelling drops it");
  });

  it("is sent by a TCP endpoint of Gatus, and told where nothing can be sent", async () => {
    const endpoints = [
      { name: "cache", url: "tcp://cache.example:6379", body: "PING\r\n", conditions: ["[BODY] == +PONG"] },
      { name: "shell", url: "ssh://shell.example", body: '{"command":"uptime"}', conditions: ["[CONNECTED] == true"] },
    ];
    const { services, lost } = await declared(importGatus(JSON.stringify({ endpoints }), "g.yaml"));
    expect(services.cache?.checks).toMatchObject([{ send: "PING\r\n", conditions: ["[BODY] == +PONG"] }]);
    expect(lost).toContain("body – the lookout sends nothing by ssh");
  });
});

it.each([
  [{ name: "1.2.3.4" }, "host-1-2-3-4"],
  [{ name: "官网", url: "https://lilas.example/" }, "lilas-example"],
  [{ name: "🎉" }, "imported"],
  [{ name: "3CX phone" }, "cx-phone"],
  [{ name: "École", group: "web" }, "web-ecole"],
])("a service is called by letters: %j", (draft, id) => {
  const checks = [{ check: "icmp", fields: { host: "lilas.example" } }];
  const { source } = writeServices({ drafts: [{ ...draft, checks }], losses: [] }, "x", owned, vocabulary);
  expect(source).toMatch(new RegExp(`^ {2}"?${id}"?: \\{$`, "m"));
});
