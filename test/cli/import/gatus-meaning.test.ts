import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import type { Fields } from "../../../cli/import/draft.ts";
import { importGatus, importGatusFiles } from "../../../cli/import/gatus.ts";
import dns from "../../../monitors/checks/dns.ts";
import http from "../../../monitors/checks/http.ts";
import { nameServer, reply } from "../../monitors/helpers/name-server.ts";
import { runCheck } from "../../monitors/helpers/run.ts";
import { web } from "../../monitors/helpers/servers.ts";
import { declared } from "./declared.ts";

const BIG = `${"x".repeat(400_000)}the end`;

/** What each path answers. */
const PATHS: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  "/ok": (_, response) => response.end("hello"),
  "/broken": (_, response) => response.writeHead(500).end("hello"),
  "/to-ok": (_, response) => response.writeHead(302, { location: "/ok" }).end(),
  "/to-broken": (_, response) => response.writeHead(301, { location: "/broken" }).end(),
  "/elsewhere": ({ socket }, response) =>
    response.writeHead(301, { location: `http://localhost:${socket.localPort}/ok` }).end(),
  "/7": (_, response) => response.writeHead(302, { location: "/6" }).end(),
  "/json": (_, response) => response.end('{"status": "UP", "code": "a1", "errors": null}'),
  "/text": (_, response) => response.end('"pong"'),
  "/page": (_, response) => response.end("<title>Shop</title>\n12 items [UP]"),
  "/big": (_, response) => response.end(BIG),
};
for (const hop of [6, 5, 4, 3, 2, 1])
  Object.assign(PATHS, {
    [`/${hop}`]: (_: IncomingMessage, response: ServerResponse) =>
      response.writeHead(302, { location: hop === 1 ? "/ok" : `/${hop - 1}` }).end(),
  });

/** The one check that an endpoint becomes. */
async function only(endpoint: Fields): Promise<{ check: Record<string, unknown>; lost: string }> {
  const { services, lost } = await declared(importGatus(JSON.stringify({ endpoints: [endpoint] }), "g.yaml"));
  return { check: Object.values(services)[0]!.checks[0]!, lost };
}

/** Its own fields, without when and how often it runs. */
const own = ({ check: _, every, timeout, failAfter, recoverAfter, ...fields }: Record<string, unknown>) => fields;

/** As it stands in a configuration. */
const variable = (name: string) => `$\{${name}}`;

const ignoring = { "ignore-redirect": true };

/** What Gatus 5 itself said of the same paths. */
const VERDICTS: readonly [path: string, condition: string, good: boolean, client?: Fields][] = [
  ["/to-ok", "[STATUS] < 400", true],
  ["/to-ok", "[BODY] == hello", true],
  ["/to-ok", "[STATUS] == 302", false],
  ["/to-ok", "[STATUS] == 302", true, ignoring],
  ["/to-broken", "[STATUS] < 400", false],
  ["/to-broken", "[STATUS] < 400", true, ignoring],
  ["/to-broken", "[CONNECTED] == true", true],
  ["/to-broken", "[CONNECTED] == true", true, ignoring],
  ["/elsewhere", "[STATUS] == 200", true],
  ["/7", "[STATUS] == 200", true],
  ["/broken", "[RESPONSE_TIME] < 9s", true],
  ["/json", '[BODY].status == "UP"', false],
  ["/json", '[BODY].status == any("UP", DOWN)', false],
  ["/json", "[BODY].status == any(UP, DOWN)", true],
  ["/json", "[BODY].status == pat(U?)", true],
  ["/json", "[BODY].code == pat([a-c][0-9])", true],
  ["/json", "[BODY].code == pat([^a-c][0-9])", false],
  ["/json", "has([BODY].errors) == false", true],
  ["/text", '[BODY] == "pong"', true],
  ["/text", "[BODY] == pong", false],
  ["/page", "[BODY] == pat(*[0-9][0-9] items*)", true],
  ["/page", "[BODY] == pat(*[0-9] pages*)", false],
  ["/page", "[BODY] == pat(*</title>*)", true],
  ["/page", "[BODY] == pat(*Shop?)", false],
  ["/big", "[BODY] == pat(*the end*)", true],
  ["/big", "[BODY] != pat(*the end*)", false],
];

describe("an endpoint of Gatus means the same once it is imported:", () => {
  it.each(VERDICTS)("%s with %s is good: %s", async (path, condition, good, client) => {
    const { url } = await web((request, response) => PATHS[request.url!]!(request, response));
    const { check, lost } = await only({ name: "x", url: `${url}${path}`, conditions: [condition], client });
    expect(lost).toBe("");
    expect(await runCheck(http, own(check))).toMatchObject({ ok: good });
  });
});

describe("an endpoint of Gatus about a name", () => {
  const endpoint = (query: string, type: string, condition: string) => ({
    name: "x",
    url: "192.0.2.53",
    dns: { "query-name": query, "query-type": type },
    conditions: [condition],
  });

  it.each([
    ["A", "[BODY] == 192.0.2.1", { expect: { includes: ["192.0.2.1"] } }],
    ["A", "[BODY] == pat(192.0.2.*)", { conditions: ["[BODY] == pat(*192.0.2.*)"] }],
    ["A", "[BODY] == any(192.0.2.1, 192.0.2.2)", { conditions: ["[BODY] == any(pat(*192.0.2.1*), pat(*192.0.2.2*))"] }],
    ["MX", "[BODY] == mx.lilas.example.", { conditions: ["[BODY] == pat(*mx.lilas.example*)"] }],
    ["TXT", "[BODY] == v=spf1 -all", { conditions: ["[BODY] == pat(*v=spf1 -all*)"] }],
    ["NS", "[BODY] == ns1.lilas.example.", { expect: { includes: ["ns1.lilas.example."] } }],
    ["A", "[CONNECTED] == true", { conditions: ["has([DNS_RCODE])"] }],
    ["A", "[DNS_RCODE] == NOERROR", { conditions: ["[DNS_RCODE] == NOERROR"] }],
  ])("of type %s with %s asks for the same", async (type, condition, expected) => {
    const { check, lost } = await only(endpoint("lilas.example", type, condition));
    expect(lost).toBe("");
    expect(check).toMatchObject({ name: "lilas.example", type, resolvers: ["192.0.2.53"], ...expected });
  });

  it("is content with whatever a server says where no condition is about it", async () => {
    const url = await nameServer((question) => reply(question, { code: 3 }));
    const { check } = await only({ ...endpoint("nowhere.example", "A", "[CONNECTED] == true"), url });
    expect(await runCheck(dns, own(check))).toMatchObject({ ok: true });
  });

  it("asks backwards for an address", async () => {
    const { check } = await only(endpoint("192.0.2.5", "PTR", "[BODY] == host.lilas.example."));
    expect(check).toMatchObject({ name: "5.2.0.192.in-addr.arpa", type: "PTR" });
  });
});

describe("an endpoint of Gatus", () => {
  const endpoint = { name: "x", url: "https://lilas.example/", conditions: ["[STATUS] == 200"] };

  it("is told what its client does that the lookout does not, whatever it speaks", async () => {
    const client = { insecure: true, "dns-resolver": "tcp://192.0.2.53:53" };
    const conditions = ["[CONNECTED] == true"];
    for (const url of ["tls://lilas.example:993", "starttls://lilas.example:587", "https://lilas.example/"]) {
      const { lost } = await only({ ...endpoint, url, conditions, client });
      expect(lost).toContain("client.insecure – certificates are always verified");
      expect(lost).toContain("client.dns-resolver");
    }
    const { check, lost } = await only({
      ...endpoint,
      url: "icmp://[2001:db8::1]",
      conditions,
      client: { network: "ip6" },
    });
    expect(check).toMatchObject({ check: "icmp", host: "2001:db8::1", ip: 6 });
    expect(lost).toBe("");
    const body = "[RANDOM_STRING_9] of [ENDPOINT_NAME]";
    expect((await only({ ...endpoint, method: "POST", body })).lost).toContain("body – what stands in brackets");
  });

  it("of a suite is led on by redirects to other hosts too, or by none", async () => {
    const journey = async (client?: Fields) => {
      const suites = [{ name: "s", endpoints: [{ ...endpoint, client }] }];
      const { services } = await declared(importGatus(JSON.stringify({ suites }), "g.yaml"));
      return services.s!.checks[0];
    };
    expect(await journey()).toMatchObject({ check: "journey", redirects: 10, otherHosts: true });
    expect(await journey(ignoring)).toMatchObject({ check: "journey", redirects: 0 });
  });

  it("keeps as many conditions as a check has, and tells the others", async () => {
    const conditions = Array.from({ length: 25 }, (_, at) => `[STATUS] != ${500 + at}`);
    const { check, lost } = await only({ ...endpoint, conditions });
    expect(check.conditions).toHaveLength(20);
    expect(lost).toContain("condition [STATUS] != 524 – a check has no more conditions");
  });

  it("without a place to look at is left out, with what is lacking", async () => {
    const { services, lost } = await declared(
      importGatus(JSON.stringify({ endpoints: [{ ...endpoint, url: "tcp://{{ .IP }}:{{ .PORT }}" }] }), "g.yaml"),
    );
    expect(services).toEqual({});
    expect(lost).toContain("expected an address `host:port`");
  });

  it("may be one of hundreds that share what is anchored once", async () => {
    const text = `x: &d {interval: 2m, conditions: ["[STATUS] == 200"]}\nendpoints:\n${Array.from(
      { length: 150 },
      (_, at) => `- {<<: *d, name: n${at}, url: "https://n${at}.example/"}\n`,
    ).join("")}`;
    expect(importGatus(text, "g.yaml").drafts).toHaveLength(150);
  });

  it("takes its threshold from a provider that another file of the folder sets up", () => {
    const files = [
      { name: "alerts.yaml", text: "alerting: {email: {default-alert: {failure-threshold: 7}}}" },
      { name: "compose.yaml", text: "services: {gatus: {image: gatus}}" },
      { name: "empty.yaml", text: "# nothing yet" },
      { name: "web.yaml", text: JSON.stringify({ endpoints: [{ ...endpoint, alerts: [{ type: "email" }] }] }) },
    ];
    const { drafts, losses } = importGatusFiles(files);
    expect(drafts).toMatchObject([{ checks: [{ fields: { failAfter: 7, recoverAfter: 2 } }] }]);
    expect(losses.map(({ where }) => where)).toEqual(
      expect.arrayContaining(["alerts.yaml: alerting", "compose.yaml: services", 'web.yaml: endpoints[0] "x"']),
    );
  });

  it("is found in the values of a chart, however deep", async () => {
    const text = JSON.stringify({
      kind: "HelmRelease",
      spec: {
        values: {
          serviceMonitor: { endpoints: [{ port: "http" }] },
          configMaps: { config: { data: { "config.yaml": JSON.stringify({ endpoints: [endpoint] }) } } },
        },
      },
    });
    expect(importGatus(text, "release.yaml").drafts).toHaveLength(1);
    expect(() => importGatus(JSON.stringify({ kind: "HelmRelease", spec: {} }), "release.yaml")).toThrow(
      "expected a Gatus configuration, with `endpoints`",
    );
  });

  it("has its variables in place wherever they are, but for one that is a secret by its name", async () => {
    const { check } = await only({ ...endpoint, interval: `${variable("PACE")}` });
    expect(check.every).toBe("60s");
    const text = JSON.stringify({
      maintenance: { start: "23:00", duration: "1h", timezone: `${variable("TZ")}` },
      endpoints: [
        { ...endpoint, interval: `${variable("PACE")}`, url: `https://${variable("SECRET_DOMAIN")}/` },
        { ...endpoint, url: `https://lilas.example/${variable("API_TOKEN")}` },
      ],
    });
    const variables = { PACE: "2m", TZ: "Europe/Paris", SECRET_DOMAIN: "lilas.example", API_TOKEN: "hunter2" };
    const { services, windows, lost } = await declared(importGatus(text, "g.yaml", variables));
    expect(Object.values(services).map(({ checks }) => checks[0])).toMatchObject([
      { every: "120s", url: "https://lilas.example/" },
    ]);
    expect(Object.values(windows)).toMatchObject([{ timeZone: "Europe/Paris" }]);
    expect(lost).toContain("give its value by --env FILE, where it is no secret");
    expect(lost).not.toContain("hunter2");
  });

  it("which waits longer than it rests is told that it waits less", async () => {
    const { check, lost } = await only({ ...endpoint, interval: "10s", client: { timeout: "30s" } });
    expect(check).toMatchObject({ every: "10s", timeout: "10s" });
    expect(lost).toContain("http.timeout – 10s instead of 30s: a run ends before the next begins");
  });

  it("reported to from outside is told where a day is only a guess", async () => {
    const { services, lost } = await declared(
      importGatus(JSON.stringify({ "external-endpoints": [{ name: "job", token: "x" }] }), "g.yaml"),
    );
    expect(services.job!.checks).toMatchObject([{ check: "heartbeat", expect: "86400s" }]);
    expect(lost).toContain("heartbeat.interval – Gatus waits for no report: one a day is taken");
  });
});
