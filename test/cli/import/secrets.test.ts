import { describe, expect, it } from "vitest";
import { importBlackbox } from "../../../cli/import/blackbox.ts";
import { importGatus } from "../../../cli/import/gatus.ts";
import { writeServices } from "../../../cli/import/write.ts";
import { owned, vocabulary } from "./declared.ts";

const TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.hunter2";
const url = "https://lilas.example/";

describe("a secret is never written, wherever Gatus has it:", () => {
  it.each([
    { url: "tcp://lea:hunter2@lilas.example:5432" },
    { url: "icmp://lea:hunter2@lilas.example" },
    { url: "ssh://lea:hunter2@lilas.example:22" },
    { url: "tls://lea:hunter2@lilas.example:443" },
    { url: "wss://lilas.example/socket?token=hunter2" },
    { url: "grpc://lea:hunter2@lilas.example:1" },
    { url: "https://lea:hunter2@lilas.example/" },
    { url: "https://api.telegram.org/bot123456789:AAhunter2hunter2hunter2hunter2hunt/getMe" },
    { url: `https://hooks.slack.com/${"services"}/T0hunter2/B0hunter2/hunter2` },
    { url: `${url}login;password=hunter2` },
    { url: `${url}#access_token=hunter2` },
    { url: `${url}?pwd=hunter2` },
    { url: `${url}?k=aZ3hunter2hunter2hunter2hunter2Qq` },
    { url, headers: { "X-Monitor-Key": "hunter2" } },
    { url, headers: { "X-Trace": TOKEN } },
    { url, method: "POST", body: "<login>lea</login><password>hunter2</password>" },
    { url, method: "POST", body: `{"a": "${TOKEN}"}` },
    { url: "tcp://lilas.example:6379", body: "AUTH hunter2\r\nPING\r\n" },
    { url, conditions: ["[BODY].token == hunter2"] },
    { url, conditions: ["[BODY].users[0].api_key == any(hunter2, hunter2x)"] },
    { url: "lea:hunter2@192.0.2.53", dns: { "query-name": "lilas.example", "query-type": "A" } },
  ])("%j", (endpoint) => {
    const config = { endpoints: [{ name: "x", conditions: ["[CONNECTED] == true"], ...endpoint }] };
    const { source } = writeServices(importGatus(JSON.stringify(config), "g.yaml"), "x", owned, vocabulary);
    expect(source).not.toContain("hunter2");
    // A token that is cut in two is one all the same.
    expect(source).not.toContain("eyJzdWIi");
  });

  it("in the steps of a suite", () => {
    const step = { url, conditions: ["[STATUS] == 200"] };
    const endpoints = [{ ...step, name: "a", headers: { "X-Trace": TOKEN } }];
    const config = { suites: [{ name: "s", endpoints }] };
    const { source } = writeServices(importGatus(JSON.stringify(config), "g.yaml"), "x", owned, vocabulary);
    expect(source).toContain('"x-trace": "{secret}"');
    expect(source).not.toContain(TOKEN);
  });
});

it.each(["https://lea:hunter2@lilas.example/?token=hunter2", "lea:hunter2@lilas.example:80", "lea:hunter2@192.0.2.1"])(
  "a secret in a target of Prometheus is in no name, no message and no address: %s",
  (target) => {
    const modules = {
      http: {
        prober: "http",
        http: { headers: { "X-Monitor-Key": "hunter2" }, method: "POST", body: "password: hunter2" },
      },
      tcp: { prober: "tcp" },
      icmp: { prober: "icmp" },
      dns: { prober: "dns", dns: { query_name: "lilas.example" } },
      strange: { prober: "strange" },
    };
    const targets = [...Object.keys(modules), "missing"].map((module) => ({ targets: [target], labels: { module } }));
    const { source, losses } = writeServices(
      importBlackbox(JSON.stringify({ modules }), "b.yml", { name: "t.json", text: JSON.stringify(targets) }),
      "x",
      owned,
      vocabulary,
    );
    expect(losses.length).toBeGreaterThan(3);
    expect(source).not.toContain("hunter2");
  },
);

it("what is no secret is kept", () => {
  const endpoint = {
    name: "x",
    url: "https://lilas.example/a/0b5e1c2d-1111-4222-8333-444455556666?page=2&lang=fr",
    headers: { "User-Agent": "Gatus/5 (+https://lilas.example/bots)", Accept: "*/*" },
    conditions: ["[BODY].author == Léa", "has([BODY].token) == true", "len([BODY].token) > 3", "[BODY].monkey == a"],
  };
  const { source, losses } = writeServices(
    importGatus(JSON.stringify({ endpoints: [endpoint] }), "g.yaml"),
    "x",
    owned,
    vocabulary,
  );
  expect(losses).toEqual([]);
  for (const condition of endpoint.conditions) expect(source).toContain(condition);
  expect(source).toContain(endpoint.url);
});
