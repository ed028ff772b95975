import { describe, expect, it } from "vitest";
import http from "../../../monitors/checks/http.ts";
import check from "../../../monitors/checks/tls.ts";
import { makeTrust } from "../../../monitors/net/trust.ts";
import { Authority } from "../helpers/certificates.ts";
import { resources, runCheck } from "../helpers/run.ts";
import { tcp, tls } from "../helpers/servers.ts";

const authority = new Authority();
const stranger = new Authority("Somebody else");
const trust = makeTrust();
trust.add(authority.pem);
const run = (input: Record<string, unknown>, timeoutMs = 5000) =>
  runCheck(check, input, { timeoutMs, own: resources({ trust }) });

describe("a tls check", () => {
  it("accepts a good certificate and measures when it ends", async () => {
    const { port } = await tls(authority.issue(["localhost"]));
    const outcome = await run({ address: `localhost:${port}` });
    expect(outcome).toMatchObject({ ok: true });
    const left = outcome.measures!.certificate_expiry_timestamp_seconds! - Date.now() / 1000;
    expect(left / 86_400).toBeCloseTo(90, 1);
  });

  it.each([
    ["expired", ["localhost"], { from: -30, to: -1 }, "expired on"],
    ["not-yet-valid", ["localhost"], { from: 1, to: 30 }, "not valid before"],
    ["wrong-name", ["other.example"], {}, 'not for localhost: "DNS:other.example"'],
    ["expires-soon", ["localhost"], { from: -80, to: 9 }, "expected at least 14 d more"],
  ] as const)("fails as %s", async (reason, names, validity, words) => {
    const { port } = await tls(authority.issue([...names], validity));
    const outcome = await run({ address: `localhost:${port}` });
    expect(outcome).toMatchObject({ ok: false, reason });
    expect(outcome.message).toContain(words);
    expect(outcome.measures?.certificate_expiry_timestamp_seconds).toBeGreaterThan(0);
  });

  it("fails as untrusted on a stranger's certificate, and names who issued it", async () => {
    const { port } = await tls(stranger.issue(["localhost"]));
    const outcome = await run({ address: `localhost:${port}` });
    expect(outcome).toMatchObject({ ok: false, reason: "untrusted" });
    expect(outcome.message).toContain("Somebody else");
  });

  it.each([
    ["a name that ends early for who reads it as C does", ["localhost\0.evil.example"]],
    ["a name that hides another behind a comma", ["evil.example, DNS:localhost"]],
    ["a name with a line's end in it", ["evil.example\nDNS:localhost"]],
    ["names that look like the whole world", ["*", "*.", "*host", "local*"]],
    ["letters that are not what they look like", ["l\u00f6calhost", "localhost ", "xn--localhost"]],
  ])("believes no %s", async (_, names) => {
    const { port } = await tls(authority.issue(names, { raw: true }));
    const outcome = await run({ address: `localhost:${port}` });
    expect(outcome).toMatchObject({ ok: false, reason: "wrong-name" });
    expect(outcome.message).not.toMatch(/[\0\n]/);
    const asked = await runCheck(http, { url: `https://localhost:${port}/` }, { own: resources({ trust }) });
    expect(asked).toMatchObject({ ok: false, reason: "wrong-name" });
  });

  it("has a reason and words for what the library has none for", async () => {
    const strict = authority.issue(["localhost"], { also: "1.2.3.4.5=critical,ASN1:UTF8String:x" });
    const undated = authority.issue(["localhost"]);
    const bytes = Buffer.from(undated.cert.replace(/-----.*-----|\s/g, ""), "base64");
    // The second date of a certificate is its end (UTCTime, X.690 section 11.8).
    const end = bytes.indexOf(Buffer.from([0x17, 13]), bytes.indexOf(Buffer.from([0x17, 13])) + 1) + 2;
    bytes.fill("9", end, end + 12);
    const cert = `-----BEGIN CERTIFICATE-----\n${bytes.toString("base64")}\n-----END CERTIFICATE-----\n`;
    for (const [options, words] of [
      [strict, "it has conditions that are not known here"],
      [{ key: undated.key, cert }, "its dates cannot be read"],
    ] as const) {
      const { port } = await tls(options);
      const outcome = await run({ address: `localhost:${port}` });
      expect(outcome).toMatchObject({ reason: "untrusted", message: expect.stringContaining(words) });
      const asked = await runCheck(http, { url: `https://localhost:${port}/` }, { own: resources({ trust }) });
      expect(asked).toMatchObject({ reason: "untrusted", message: expect.stringContaining(words) });
    }
  });

  it("agrees to no group that a server makes up, which may take it half a second", async () => {
    const hello = Promise.withResolvers<Buffer>();
    const { address } = await tcp((socket) => {
      socket.once("data", (said) => {
        hello.resolve(said);
        socket.end();
      });
    });
    await run({ address });
    const said = await hello.promise;
    // ClientHello (RFC 8446 section 4.1.2): after two heads, version and random come the session's number and the suites.
    const at = 5 + 4 + 2 + 32 + 1 + said[5 + 4 + 2 + 32]!;
    const suites = said.subarray(at + 2, at + 2 + said.readUInt16BE(at));
    const offered = Array.from({ length: suites.length / 2 }, (_, index) => suites.readUInt16BE(index * 2));
    // TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, and all of DHE with RSA that there are in OpenSSL.
    expect(offered).toContain(0xc02f);
    expect(
      offered.filter((suite) => [0x33, 0x39, 0x67, 0x6b, 0x9e, 0x9f, 0xccaa, 0xc09e, 0xc09f].includes(suite)),
    ).toEqual([]);
  });

  it("is not drowned by thousands of names", async () => {
    const names = Array.from({ length: 2000 }, (_, index) => `name-${index}.example`);
    const many = await tls(authority.issue([...names, "localhost"], { raw: true }));
    expect(await run({ address: `localhost:${many.port}` })).toMatchObject({ ok: true });
    const wrong = await tls(authority.issue(names, { raw: true }));
    const outcome = await run({ address: `localhost:${wrong.port}` });
    expect(outcome).toMatchObject({ ok: false, reason: "wrong-name" });
    expect(outcome.message!.length).toBeLessThan(2000);
    // More than the library takes of a certificate.
    const flood = await tls(
      authority.issue(
        Array.from({ length: 10_000 }, (_, index) => `name-${index}.example`),
        { raw: true },
      ),
    );
    expect(await run({ address: `localhost:${flood.port}` })).toMatchObject({ ok: false, reason: "handshake" });
  });

  it("names the gravest of several faults", async () => {
    const { port } = await tls(stranger.issue(["other.example"], { from: -30, to: -1 }));
    expect(await run({ address: `localhost:${port}` })).toMatchObject({ reason: "expired" });
  });

  it("asks less time of certificates that live for hours", async () => {
    const short = authority.issue(["localhost"], { from: -0.25, to: 0.25 });
    const { port } = await tls(short);
    expect(await run({ address: `localhost:${port}` })).toMatchObject({ ok: true });
    const late = authority.issue(["localhost"], { from: -0.45, to: 0.05 });
    const other = await tls(late);
    expect(await run({ address: `localhost:${other.port}` })).toMatchObject({ ok: false, reason: "expires-soon" });
  });

  it("keeps to the declared time", async () => {
    const { port } = await tls(authority.issue(["localhost"]));
    expect(await run({ address: `localhost:${port}`, minRemaining: "100d" })).toMatchObject({ reason: "expires-soon" });
    expect(await run({ address: `localhost:${port}`, minRemaining: "1d" })).toMatchObject({ ok: true });
  });

  it("leaves the time to a condition about it, and still tells an expired one", async () => {
    const { port } = await tls(authority.issue(["localhost"], { from: -85, to: 5 }));
    const address = `localhost:${port}`;
    expect(await run({ address })).toMatchObject({ reason: "expires-soon" });
    expect(await run({ address, conditions: ["[CERTIFICATE_EXPIRATION] > 48h"] })).toMatchObject({ ok: true });
    expect(await run({ address, conditions: ["[CERTIFICATE_EXPIRATION] > 10d"] })).toMatchObject({ ok: false });
    const conditions = ["[CERTIFICATE_EXPIRATION] > 48h"];
    expect(await run({ address, conditions, minRemaining: "10d" })).toMatchObject({ reason: "expires-soon" });
    const ended = await tls(authority.issue(["localhost"], { from: -30, to: -1 }));
    expect(await run({ address: `localhost:${ended.port}`, conditions })).toMatchObject({ reason: "expired" });
  });

  it("asks for the declared name (SNI) and verifies that one", async () => {
    const { port } = await tls(authority.issue(["wiki.example"]));
    expect(await run({ address: `127.0.0.1:${port}`, serverName: "wiki.example" })).toMatchObject({ ok: true });
    expect(await run({ address: `127.0.0.1:${port}` })).toMatchObject({ ok: false, reason: "wrong-name" });
  });

  it("accepts a certificate for an IP address", async () => {
    const { address } = await tls(authority.issue(["127.0.0.1"]));
    expect(await run({ address })).toMatchObject({ ok: true });
  });

  it("fails as handshake on a server that does not speak TLS", async () => {
    const { port } = await tcp((socket) => void socket.end("SSH-2.0-OpenSSH_9.2\r\n"));
    expect(await run({ address: `localhost:${port}` })).toMatchObject({ ok: false, reason: "handshake" });
  });

  it("fails as weak-protocol on a server that only speaks protocols of the past", async () => {
    const { port } = await tls({
      ...authority.issue(["localhost"]),
      minVersion: "TLSv1",
      maxVersion: "TLSv1.1",
      ciphers: "DEFAULT:@SECLEVEL=0",
    });
    expect(await run({ address: `localhost:${port}` })).toMatchObject({ ok: false, reason: "weak-protocol" });
  });

  it("times out on a server that accepts and says nothing", async () => {
    const { port, open } = await tcp((socket) => void socket.resume());
    const outcome = await run({ address: `localhost:${port}` }, 200);
    expect(outcome).toMatchObject({ ok: false, reason: "timeout" });
    expect(outcome.message).toContain("while agreeing on TLS");
    await expect.poll(() => open.size).toBe(0);
  });
});

describe("the address of a tls check", () => {
  const own = check.params.parse({});
  it("is the service's https address", () => {
    const at = (webUrl: string) => check.resolve?.(own, { webUrl, service: { id: "wiki" } } as never);
    expect(at("https://wiki.example:8443")).toMatchObject({ address: "wiki.example:8443" });
    expect(at("https://wiki.example")).toMatchObject({ address: "wiki.example:443" });
    expect(at("http://wiki.example")).toContain("wiki has no https address");
  });
});
