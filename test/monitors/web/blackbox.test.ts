import { describe, expect, it } from "vitest";
import { loadChecks } from "../../../monitors/checks.ts";
import { MODULES } from "../../../monitors/web/blackbox.ts";
import { probeMetric } from "../../../monitors/web/probe.ts";
import { check } from "../helpers/inventory.ts";
import { startLookout } from "../helpers/lookout.ts";
import { closedPort, tcp, web } from "../helpers/servers.ts";

const BASE = {
  headers: {},
  method: "GET",
  expect: {},
  redirects: 5,
  otherHosts: false,
  toInternal: false,
  http2: "no",
  readKb: 64,
};

async function probed() {
  const site = await web((request, response) => response.writeHead(request.url === "/gone" ? 410 : 200).end("hello"));
  const port = await tcp(() => {});
  const closed = await closedPort();
  const http = (id: string, path: string, more = {}) =>
    check({ id, kind: "http", target: `${site.url}${path}`, params: { ...BASE, url: `${site.url}${path}`, ...more } });
  const checks = [
    http("wiki/http", "/"),
    http("wiki/gone", "/gone"),
    http("wiki/text", "/text", { expect: { body: "goodbye" } }),
    http("wiki/twice", "/twice"),
    http("till/twice", "/twice"),
    check({ id: "till/tcp", kind: "tcp", target: port.address, params: { address: port.address } }),
    check({
      id: "till/closed",
      kind: "tcp",
      target: `127.0.0.1:${closed}`,
      params: { address: `127.0.0.1:${closed}` },
    }),
  ];
  const { text, get } = await startLookout({ checks, start: false });
  return { site, port, closed, get, ask: (query: string) => text(`/probe?${query}`) };
}
const q = encodeURIComponent;

describe("/probe in blackbox_exporter's form", () => {
  it("tells what was not found as 0, which rules made for blackbox_exporter ask about, and no end of a certificate that there is not", async () => {
    const nobody = `127.0.0.1:${await closedPort()}`;
    const url = `http://${nobody}/`;
    const { text } = await startLookout({
      checks: [
        check({ id: "wiki/http", kind: "http", target: url, params: { ...BASE, url } }),
        check({ id: "wiki/tcp", kind: "tcp", target: nobody, params: { address: nobody } }),
      ],
      start: false,
    });
    const http = (await text(`/probe?module=http_2xx&target=${q(url)}`)).split("\n");
    for (const name of ["status_code", "version", "redirects", "ssl", "uncompressed_body_length"])
      expect(http).toContain(`probe_http_${name} 0`);
    for (const phase of ["resolve", "connect", "tls", "processing", "transfer"])
      expect(http).toContain(`probe_http_duration_seconds{phase="${phase}"} 0`);
    expect(http.join()).not.toContain("cert_expiry");
    const tcp = (await text(`/probe?module=tcp_connect&target=${q(nobody)}`)).split("\n");
    for (const line of ["probe_success 0", "probe_dns_lookup_time_seconds 0", "probe_ip_protocol 0"])
      expect(tcp).toContain(line);
  });

  it("tells by blackbox's names what a declared http check finds", async () => {
    const { ask, site } = await probed();
    const answer = await ask(`module=http_2xx&target=${q(`${site.url}/`)}`);
    for (const line of [
      "probe_success 1",
      "probe_http_status_code 200",
      "probe_http_version 1.1",
      "probe_http_redirects 0",
      "probe_http_ssl 0",
      "probe_http_uncompressed_body_length 5",
      "probe_ip_protocol 4",
      "probe_failed_due_to_regex 0",
    ])
      expect(answer.split("\n")).toContain(line);
    expect(answer).toMatch(/^probe_duration_seconds [\d.]+$/m);
    expect(answer).toMatch(/^probe_http_duration_seconds\{phase="connect"\} [\d.e-]+$/m);
    expect(answer).toMatch(/^probe_http_duration_seconds\{phase="processing"\} [\d.e-]+$/m);
    // Each metric is described once, before its values (the text format's own rule).
    expect(answer.match(/^# TYPE probe_http_duration_seconds gauge$/gm)).toHaveLength(1);
    const order = answer
      .split("\n")
      .filter((line) => line.startsWith("probe_"))
      .map((line) => line.split(/[ {]/)[0]);
    expect(order).toEqual(Object.values(Object.groupBy(order, (name) => name!)).flat());
  });

  it.each([
    ["http_2xx", "/gone", "probe_success 0", "probe_http_status_code 410"],
    ["http_2xx", "/text", "probe_success 0", "probe_failed_due_to_regex 1"],
  ])("tells of a failure of %s at %s", async (module, path, ...lines) => {
    const { ask, site } = await probed();
    const answer = await ask(`module=${module}&target=${q(site.url + path)}`);
    for (const line of lines) expect(answer.split("\n")).toContain(line);
  });

  it("takes a target as blackbox's users write it: with or without http://, a final slash, in any case", async () => {
    const { ask, site, port } = await probed();
    for (const target of [site.url, `${site.url}/`, site.url.slice("http://".length), site.url.toUpperCase()])
      expect(await ask(`module=http_2xx&target=${q(target)}`), target).toContain("probe_success 1");
    expect(await ask(`module=tcp_connect&target=${q(port.address)}`)).toContain("probe_success 1");
  });

  it("takes modules of other names for what they are called after", async () => {
    const { ask, get, site, port } = await probed();
    for (const module of ["http_2xx_insecure", "http_basic_auth", "https_2xx"])
      expect(await ask(`module=${module}&target=${q(site.url)}`), module).toContain("probe_success 1");
    expect(await ask(`module=tcp_postgres&target=${q(port.address)}`)).toContain("probe_success 1");
    for (const [module, kinds] of [
      ["ping4", "icmp"],
      ["dns_udp4_nsrc.org", "dns"],
      ["tls_certificate", "tls"],
      ["tcp_tls", "tls"],
      ["tcp_starttls_own", "smtp or imap or tls"],
    ] as const)
      expect(await (await get(`/probe?module=${module}&target=nowhere.example`)).text()).toContain(
        `No declared ${kinds} check looks at this target`,
      );
  });

  it("says why with debug=true", async () => {
    const { ask, closed } = await probed();
    const answer = await ask(`module=tcp_connect&debug=true&target=${q(`127.0.0.1:${closed}`)}`);
    expect(answer).toContain("failed (refused)");
    expect(answer).toContain("probe_success 0");
  });

  it("asks which one where several checks look at a target", async () => {
    const { ask, get, site } = await probed();
    const query = `module=http_2xx&target=${q(`${site.url}/twice`)}`;
    expect((await get(`/probe?${query}`)).status).toBe(400);
    expect(await ask(query)).toContain("till/twice");
    expect(await ask(`${query}&check=${q("wiki/twice")}`)).toContain("probe_success 1");
  });

  it.each([
    ["a target that nobody declared", "module=http_2xx&target=http%3A%2F%2F169.254.169.254%2F", 404],
    ["another kind's target", "module=icmp&target=till", 404],
    ["a module that is none", "module=grpc_plain&target=wiki", 400],
    ["a name that every object has", "module=constructor&target=wiki", 400],
    ["no target", "module=http_2xx", 400],
    ["a hostile target", `module=http_2xx&target=${q("<script>alert(1)</script>")}`, 404],
  ])("refuses %s", async (_, query, status) => {
    const { get } = await probed();
    const answer = await get(`/probe?${query}`);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toContain("text/plain");
    expect(await answer.text()).not.toContain("<script>");
  });

  it("has a kind of check for each module", async () => {
    const { loadChecks } = await import("../../../monitors/checks.ts");
    const kinds = Object.keys(await loadChecks());
    for (const all of Object.values(MODULES)) for (const kind of all) expect(kinds).toContain(kind);
  });
});

it("every measure of every kind of check has a name on /probe that Prometheus takes", async () => {
  const names = Object.entries(await loadChecks()).flatMap(([kind, { measures = {} }]) =>
    Object.keys(measures).map((measure) => probeMetric(kind, measure)),
  );
  expect(names.length).toBeGreaterThan(50);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-zA-Z_:][a-zA-Z0-9_:]*$/);
});
