import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildInventory, loadVocabulary, type Vocabulary } from "../../../association/index.ts";
import demo from "../../../associations/tilleuls/index.ts";
import { importBlackbox } from "../../../cli/import/blackbox.ts";
import { goSeconds, ImportError, type Imported } from "../../../cli/import/draft.ts";
import { importGatus } from "../../../cli/import/gatus.ts";
import { importUptimeKuma } from "../../../cli/import/uptime-kuma.ts";
import { type Written, writeServices } from "../../../cli/import/write.ts";
import { ROOT } from "../../../cli/places.ts";

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
const owned = { owner: "it-on-call", supplier: "webhost" };

let vocabulary: Vocabulary;
/** Beside the demo's: what is written imports the model by a path from there. */
const folder = mkdtempSync(join(ROOT, "associations", "test-import-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(async () => {
  vocabulary = await loadVocabulary();
});

type Services = Record<
  string,
  { checks: Record<string, unknown>[]; delivery: Record<string, unknown>; name: { fr: string } }
>;
let files = 0;

/** What was written, loaded as a module and put into the demo: what the inventory makes of it. */
async function load({ source }: Written): Promise<Services> {
  const file = join(folder, `part-${files++}.ts`);
  writeFileSync(file, source);
  const { imported } = (await import(pathToFileURL(file).href)) as { imported: Services };
  return imported;
}

async function declared(imported: Imported): Promise<{ written: Written; services: Services; lost: string }> {
  const written = writeServices(imported, "elsewhere", owned, vocabulary);
  const services = await load(written);
  const { inventory } = buildInventory({ ...demo, services: { ...demo.services, ...services } }, vocabulary);
  expect(Object.keys(inventory.services)).toEqual(expect.arrayContaining(Object.keys(services)));
  return {
    written,
    services,
    lost: written.losses.map(({ where, what, why }) => `${where}: ${what} – ${why}`).join("\n"),
  };
}

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
      headers: { "x-trace": "vigie", "content-type": "application/json" },
      every: "90s",
      failAfter: 3,
      conditions: ["[STATUS] == any(200, 204)", "[BODY] == pat(*data*)"],
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

  it("tells everything that could not be carried over, and why", async () => {
    const { lost, services } = await declared(importGatus(fixture("gatus.yaml"), "gatus.yaml"));
    for (const words of [
      "alerting: the whole section",
      "suites: the whole section",
      "x-defaults: the whole section – nothing here is called so",
      'endpoints[0] "website": alerts (mattermost) – alerts go to the role that owns the service',
      'endpoints[1] "search": header Authorization – it looks like a secret',
      'endpoints[1] "search": the password in its url',
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
      '"Site": header Authorization',
      '"Site": its password – name it as `auth` by hand',
      '"Sauvegarde": pushToken',
      '"Conteneur": the monitor – docker: the lookout sees the containers',
      '"MariaDB": the monitor – mysql: its password is in the connection string',
      '"Jeu": the monitor – steam: the lookout does not watch games',
      '"Envers": the monitor – upside down',
      '"En pause": the monitor – it is paused',
      '"Cassé": the monitor – its url is no http(s) address',
      '"Inconnu": the monitor – constructor: the lookout has no such check',
      "the monitor – it is no set of fields",
    ])
      expect(lost).toContain(words);
    expect(`${lost}${JSON.stringify(services)}`).not.toMatch(/hunter2|abcdef/);
  });

  it("may be a bare list of monitors, or monitors by id", async () => {
    const monitor = { id: 1, name: "a", type: "http", url: "https://a.example/" };
    for (const backup of [[monitor], { monitorList: { 1: monitor } }]) {
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
    expect(services["wiki-example"]?.checks).toMatchObject([{ url: "http://wiki.example" }]);
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
      "basic_auth – name the secret as `auth` by hand",
      "tls_config – certificates are always verified",
      "header Authorization",
      "ttl",
      "validate_answer_rrs",
      'the lookout has no prober "grpc"',
      'its module "constructor" is not in blackbox.yml',
      "file_sd_configs – its targets are elsewhere",
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
        header: { "content-type": { regex: "text/html" }, server: { not: "Apache" } },
      },
    },
  ]);
  expect(lost).toContain("fail_if_body_matches_regexp – only a plain text can be looked for in vain");
  expect(lost).toContain("fail_if_header_matches – set-cookie: only a plain text");
  expect(lost).toContain("tls_config – certificates are always verified");
});
