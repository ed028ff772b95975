import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import type { Fields } from "../../../cli/import/draft.ts";
import { importUptimeKuma } from "../../../cli/import/uptime-kuma.ts";
import http from "../../../monitors/checks/http.ts";
import { runCheck } from "../../monitors/helpers/run.ts";
import { web } from "../../monitors/helpers/servers.ts";
import { declared } from "./declared.ts";

const PATHS: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  "/ok": (_, response) => response.end("hello"),
  "/to-ok": (_, response) => response.writeHead(302, { location: "/ok" }).end("moved"),
  "/elsewhere": ({ socket }, response) =>
    response.writeHead(301, { location: `http://localhost:${socket.localPort}/ok` }).end(),
  "/json": (_, response) => response.end('{ "status": "ok",\n  "n": 5, "users": [ { "name": "a b" } ] }'),
};

/** What some monitors become. */
const imported = (...monitors: Fields[]) =>
  declared(
    importUptimeKuma(JSON.stringify(monitors.map((one, at) => ({ id: at + 1, name: `m${at + 1}`, ...one }))), "k.json"),
  );
const own = ({ check: _, every, timeout, failAfter, ...fields }: Record<string, unknown>) => fields;

const usual = { type: "http", accepted_statuscodes: ["200-299"], maxredirects: 10 };
const query = (jsonPath: string, jsonPathOperator: string, expectedValue: string) => ({
  ...usual,
  type: "json-query",
  jsonPath,
  jsonPathOperator,
  expectedValue,
});

describe("a monitor of Uptime Kuma means the same once it is imported:", () => {
  it.each<[string, Fields, boolean]>([
    ["/to-ok", usual, true],
    ["/elsewhere", usual, true],
    ["/to-ok", { ...usual, maxredirects: 0 }, false],
    ["/to-ok", { ...usual, accepted_statuscodes: ["200-399"] }, true],
    ["/to-ok", { ...usual, accepted_statuscodes: ["200-399"], type: "keyword", keyword: "hello" }, true],
    ["/to-ok", { ...usual, accepted_statuscodes: ["300-399"], maxredirects: 0 }, true],
    ["/json", { ...usual, type: "keyword", keyword: '"status":"ok","n":5' }, true],
    ["/json", { ...usual, type: "keyword", keyword: '"users":[{"name":"a b"}]' }, true],
    ["/json", { ...usual, type: "keyword", keyword: '"status":"no"' }, false],
    ["/json", { ...usual, type: "keyword", keyword: '"status":"ok"', invertKeyword: true }, false],
    ["/json", query("$.status", "==", "ok"), true],
    ["/json", query("status", "!=", "ok"), false],
    ["/json", query("$.n", ">=", "5"), true],
    ["/json", query("users[0].name", "==", "a b"), true],
    ["/json", query("users[0].name", "contains", "b"), true],
  ])("%s with %j is good: %s", async (path, monitor, good) => {
    const { url } = await web((request, response) => PATHS[request.url!]!(request, response));
    const { services, lost } = await imported({ ...monitor, url: url + path });
    expect(lost).toBe("");
    expect(await runCheck(http, own(services.m1!.checks[0]!))).toMatchObject({ ok: good });
  });

  it("an address is asked about backwards, at the first of its servers", async () => {
    const { services, lost } = await imported({
      type: "dns",
      hostname: "192.0.2.5",
      dns_resolve_type: "PTR",
      dns_resolve_server: "192.0.2.53, 192.0.2.54",
      conditions: "[]",
    });
    expect(services.m1!.checks).toMatchObject([
      { check: "dns", name: "5.2.0.192.in-addr.arpa", type: "PTR", resolvers: ["192.0.2.53"] },
    ]);
    expect(lost).toContain("dns_resolve_server – the first is asked");
    expect(lost).not.toContain("conditions");
  });

  it("a port over TLS whose certificate is watched is looked at for its certificate", async () => {
    const port = { type: "port", hostname: "lilas.example", expiryNotification: true };
    const { services } = await imported(
      { ...port, port: 993, smtpSecurity: "secure" },
      { ...port, port: 143, smtpSecurity: "starttls" },
      { ...port, port: 22, expiryNotification: false },
    );
    expect(Object.values(services).map(({ checks }) => checks[0])).toMatchObject([
      { check: "tls", address: "lilas.example:993" },
      { check: "tls", address: "lilas.example:143", starttls: "imap" },
      { check: "tcp", address: "lilas.example:22" },
    ]);
  });
});

describe("what a monitor of Uptime Kuma has and nothing is like it here", () => {
  const url = "https://lilas.example/";

  it.each<[Fields, string]>([
    [query("$count(users)", ">", "3"), "its JSON query – write it as a condition by hand: $count(users) > a value"],
    [query("[0].id", "==", "3"), "its JSON query"],
    [{ ...usual, cacheBust: true }, "cacheBust – "],
    [{ ...usual, domainExpiryNotification: true }, "domainExpiryNotification – declare one check `domain-expiry`"],
    [{ ...usual, conditions: '[{"variable":"record"}]' }, "conditions – write them"],
    [{ ...usual, conditions: [{ variable: "record" }] }, "conditions – write them"],
  ])("is told: %j", async (monitor, words) => {
    expect((await imported({ ...monitor, url })).lost).toContain(words);
  });

  it("is told of what is in a paused group, however deep, and of groups that are in each other", async () => {
    const { services, lost } = await imported(
      { type: "group", active: 0 },
      { type: "group", parent: 1 },
      { ...usual, url, parent: 2 },
      { type: "group", parent: 5 },
      { type: "group", parent: 4 },
      { ...usual, url, parent: 5 },
    );
    expect(Object.keys(services)).toEqual(["m5-m6"]);
    expect(lost).toContain('"m3": the monitor – its group is paused');
  });

  it("asks by the version of IP that was chosen", async () => {
    const { services } = await imported({ ...usual, url, ipFamily: "ipv6" });
    expect(services.m1!.checks).toMatchObject([{ ip: 6 }]);
  });
});
