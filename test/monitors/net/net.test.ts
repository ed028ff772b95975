import { mkdtempSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { formatAddress, parseAddress } from "../../../monitors/net/address.ts";
import { reasonOfError } from "../../../monitors/net/failure.ts";
import { makeResolver, parseHosts } from "../../../monitors/net/resolver.ts";
import { makeTrust } from "../../../monitors/net/trust.ts";
import { followAuthority } from "../../../monitors/sources/authority.ts";
import { Authority } from "../helpers/certificates.ts";
import { nameServer, reply } from "../helpers/name-server.ts";
import { web } from "../helpers/servers.ts";

const never = new AbortController().signal;

describe("addresses", () => {
  it("are read as they are written", () => {
    const host = fc.oneof(fc.ipV4(), fc.domain(), fc.ipV6());
    fc.assert(
      fc.property(host, fc.integer({ min: 1, max: 65_535 }), (name, port) => {
        expect(parseAddress(formatAddress({ host: name, port }))).toEqual({ host: name, port });
      }),
    );
  });
  test.each(["", "a", "a:", ":80", "a:0", "a:65536", "a b:1", "[a]:1", "u@h:1", "h:1/x", "h:-1", "h:1e3"])(
    "refuse %j",
    (text) => expect(parseAddress(text)).toBeUndefined(),
  );
});

describe("the resolver", () => {
  const four = (address: readonly number[]) => [["A", Buffer.from(address)]] as const;

  it("gives all addresses, IPv4 first", async () => {
    const server = await nameServer((question) =>
      reply(
        question,
        question.type === 1 ? { records: four([192, 0, 2, 1]) } : { records: [["AAAA", Buffer.alloc(16, 1)]] },
      ),
    );
    const found = await makeResolver({ servers: [server], hostsFile: "/none" }).lookup("wiki.example", never);
    expect(found).toEqual(["192.0.2.1", "101:101:101:101:101:101:101:101"]);
  });

  it("asks again each time: a name that has gone is noticed", async () => {
    let there = true;
    const server = await nameServer((question) =>
      reply(question, there && question.type === 1 ? { records: four([192, 0, 2, 1]) } : { code: there ? 0 : 3 }),
    );
    const resolver = makeResolver({ servers: [server], hostsFile: "/none" });
    expect(await resolver.lookup("wiki.example", never)).toEqual(["192.0.2.1"]);
    there = false;
    await expect(resolver.lookup("wiki.example", never)).rejects.toMatchObject({ code: "ENOTFOUND" });
  });

  it("gives up as soon as it is told to", async () => {
    const server = await nameServer(() => undefined);
    const signal = AbortSignal.timeout(100);
    const began = performance.now();
    await expect(makeResolver({ servers: [server], hostsFile: "/none" }).lookup("wiki.example", signal)).rejects.toBe(
      await new Promise((resolve) => signal.addEventListener("abort", () => resolve(signal.reason))),
    );
    expect(performance.now() - began).toBeLessThan(1500);
  });

  it("follows the hosts file, and its changes", async () => {
    const hostsFile = join(mkdtempSync(join(tmpdir(), "vigie-hosts-")), "hosts");
    writeFileSync(hostsFile, "127.0.0.9 Wiki.Example wiki # ours\n");
    const resolver = makeResolver({ hostsFile });
    expect(await resolver.lookup("wiki.example.", never)).toEqual(["127.0.0.9"]);
    writeFileSync(hostsFile, "127.0.0.8 wiki.example\n");
    utimesSync(hostsFile, new Date(), new Date(Date.now() + 5000));
    await expect.poll(() => resolver.lookup("WIKI.example", never), { timeout: 4000 }).toEqual(["127.0.0.8"]);
  });

  it("takes localhost, and names under it that nobody knows, for the machine itself (RFC 6761)", async () => {
    const server = await nameServer((question) => reply(question, { code: 3 }));
    const resolver = makeResolver({ servers: [server], hostsFile: "/none" });
    expect(await resolver.lookup("localhost", never)).toContain("127.0.0.1");
    expect(await resolver.lookup("wiki.localhost", never)).toContain("127.0.0.1");
  });

  it("reads hosts files as hosts(5) has them", () => {
    expect([...parseHosts("# c\n\n127.0.0.1\tlocalhost\n::1 localhost ip6-localhost\n")]).toEqual([
      ["localhost", ["127.0.0.1", "::1"]],
      ["ip6-localhost", ["::1"]],
    ]);
  });
});

describe("the reason of an error", () => {
  const coded = (code: string, cause?: unknown) => Object.assign(new Error(code, { cause }), { code });
  test.each([
    [coded("ECONNREFUSED"), "refused"],
    [coded("EHOSTUNREACH"), "unreachable"],
    [coded("HPE_INVALID_VERSION"), "malformed"],
    [coded("ERR_SSL_WRONG_VERSION_NUMBER"), "handshake"],
    [coded("CERT_REVOKED"), "untrusted"],
    [new Error("fetch failed", { cause: coded("ECONNRESET") }), "closed"],
    [new TypeError("x is not a function"), "internal"],
    ["a text", "internal"],
    [undefined, "internal"],
    [Object.assign(new Error("hung up"), { code: 3 }), "internal"],
  ])("%s is %s", (error, reason) => expect(reasonOfError(error)).toBe(reason));
});

describe("our own authority", () => {
  it("is learnt as soon as it is served, however late", async () => {
    let pem: string | undefined;
    const { url } = await web((_, response) => (pem === undefined ? response.writeHead(404).end() : response.end(pem)));
    const trust = makeTrust();
    const told: (string | undefined)[] = [];
    const following = followAuthority({ url, trust, onChange: (problem) => told.push(problem) });
    await expect.poll(() => told.length).toBe(1);
    expect(told[0]).toContain("status 404");
    const before = trust.secureContext();
    pem = new Authority().pem;
    await expect.poll(() => told.length, { timeout: 5000 }).toBe(2);
    expect(told[1]).toBeUndefined();
    expect(trust.secureContext()).not.toBe(before);
    following.stop();
  });

  test.each([
    ["a page", "<html>"],
    ["a broken certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"],
  ])("is not taken from %s", async (_, body) => {
    const { url } = await web((_request, response) => response.end(body));
    const trust = makeTrust();
    const before = trust.secureContext();
    const told: (string | undefined)[] = [];
    const following = followAuthority({ url, trust, onChange: (problem) => told.push(problem) });
    await expect.poll(() => told.length).toBe(1);
    expect(told[0]).toContain("could not be learnt");
    expect(trust.secureContext()).toBe(before);
    following.stop();
  });
});
