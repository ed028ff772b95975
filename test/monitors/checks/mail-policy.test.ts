import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isPublic, judgePolicyText, reverseName } from "../../../monitors/checks/_transport.ts";
import check from "../../../monitors/checks/mail-policy.ts";
import { nameBytes, nameServer, type Record_, reply, text, u16 } from "../helpers/name-server.ts";
import { runCheck } from "../helpers/run.ts";

/** Types as questions carry them (RFC 1035 section 3.2.2). */
const NUMBERS = { A: 1, PTR: 12, MX: 15, TXT: 16 } as const;

const keyOf = (bits: number): string =>
  generateKeyPairSync("rsa", { modulusLength: bits })
    .publicKey.export({ format: "der", type: "spki" })
    .toString("base64");
const KEY = keyOf(2048);

const txt = (value: string): Record_ => ["TXT", text(...(value.match(/.{1,255}/g) ?? [""]))];

/** A domain as it should be; `null` takes a name away. */
const GOOD: Record<string, Record_[] | null> = {
  "asso.example MX": [["MX", Buffer.concat([u16(10), nameBytes("mail.asso.example")])]],
  "mail.asso.example A": [["A", Buffer.from([192, 0, 2, 10])]],
  "asso.example TXT": [txt("v=spf1 mx -all")],
  "s1._domainkey.asso.example TXT": [txt(`v=DKIM1; k=rsa; p=${KEY}`)],
  "_dmarc.asso.example TXT": [txt("v=DMARC1; p=quarantine; rua=mailto:postmaster@asso.example")],
};

async function run(change: Record<string, Record_[] | null> = {}, input: Record<string, unknown> = {}) {
  const zone = { ...GOOD, ...change };
  const server = await nameServer((question) => {
    const type = Object.entries(NUMBERS).find(([, number]) => number === question.type)?.[0];
    const records = zone[`${question.name.toLowerCase()} ${type}`];
    return reply(question, records ? { records } : {});
  });
  return runCheck(check, { domain: "asso.example", selectors: ["s1"], resolvers: [server], ...input });
}

describe("a mail-policy check", () => {
  it("succeeds where a receiver would believe our mail, and tells the key's size", async () => {
    expect(await run()).toMatchObject({ ok: true, measures: { "dkim_key_bits/s1": 2048 } });
  });

  it("fails where SPF does not cover our own server", async () => {
    const outcome = await run({ "asso.example TXT": [txt("v=spf1 ip4:198.51.100.1 -all")] });
    expect(outcome).toMatchObject({ ok: false, reason: "wrong-record" });
    expect(outcome.message).toContain("SPF of asso.example says fail for our own 192.0.2.10");
  });

  it("fails where two SPF records make each other void", async () => {
    const outcome = await run({ "asso.example TXT": [txt("v=spf1 mx -all"), txt("v=spf1 a -all")] });
    expect(outcome.message).toContain("says permerror");
  });

  it("fails where a DKIM key is missing, unreadable or too short", async () => {
    const name = "s1._domainkey.asso.example TXT";
    expect(await run({ [name]: null })).toMatchObject({ ok: false, reason: "no-record" });
    expect(await run({ [name]: [txt("v=DKIM1; p=")] })).toMatchObject({ ok: false, reason: "wrong-record" });
    expect((await run({ [name]: [txt(`v=DKIM1; p=${keyOf(768)}`)] })).message).toContain("768 bits");
  });

  it("fails where the DMARC policy is missing, double or behind its stage", async () => {
    const name = "_dmarc.asso.example TXT";
    expect((await run({ [name]: null })).message).toContain("has no policy");
    expect((await run({ [name]: [txt("v=DMARC1; p=none"), txt("v=DMARC1; p=none")] })).message).toContain("2 policies");
    expect((await run({}, { dmarc: "reject" })).message).toContain("p=quarantine; expected reject or stricter");
    expect(await run({}, { dmarc: "none" })).toMatchObject({ ok: true });
  });

  it("fails where nobody is told to report on TLS, or in a way that no reporter reads", async () => {
    const name = "_smtp._tls.asso.example TXT";
    const wish = { tlsReports: true };
    expect(await run({}, wish)).toMatchObject({ ok: false, reason: "no-record" });
    expect(await run({ [name]: [txt("v=TLSRPTv1; rua=mailto:vigie@asso.example")] }, wish)).toMatchObject({ ok: true });
    expect((await run({ [name]: [txt("v=TLSRPTv1; rua=postmaster")] }, wish)).message).toContain(
      "an address for reports",
    );
  });

  it("fails where MTA-STS is expected and not announced", async () => {
    const wish = { mtaSts: "testing" };
    expect((await run({}, wish)).message).toContain("_mta-sts.asso.example has no record");
    const bad = { "_mta-sts.asso.example TXT": [txt("v=STSv1; id=not an id")] };
    expect((await run(bad, wish)).message).toContain("with an id of up to 32 letters and digits");
  });

  const reverse = "10.2.0.192.in-addr.arpa PTR";
  it("fails where the server's address has no name, or one that leads elsewhere", async () => {
    const ptr = (name: string): Record_[] => [["PTR", nameBytes(name)]];
    expect((await run({}, { reverse: true })).message).toContain("192.0.2.10 has no reverse name");
    expect(await run({ [reverse]: ptr("mail.asso.example") }, { reverse: true })).toMatchObject({ ok: true });
    const elsewhere = {
      [reverse]: ptr("box.isp.example"),
      "box.isp.example A": [["A", Buffer.from([192, 0, 2, 99])] as Record_],
    };
    expect((await run(elsewhere, { reverse: true })).message).toContain("box.isp.example, does not lead back to it");
  });

  it("fails where a blocklist holds our address, and tells one that will not be asked", async () => {
    const wish = { blocklists: ["zen.list.example"] };
    const listed = (last: Buffer) => ({ "10.2.0.192.zen.list.example A": [["A", last] as Record_] });
    expect(await run({}, wish)).toMatchObject({ ok: true });
    expect((await run(listed(Buffer.from([127, 0, 0, 4])), wish)).message).toContain(
      "on the blocklist zen.list.example",
    );
    expect(await run(listed(Buffer.from([127, 255, 255, 254])), wish)).toMatchObject({ reason: "resolver-failed" });
  });

  it("tells everything that is wrong at once", async () => {
    const outcome = await run({ "asso.example MX": null, "_dmarc.asso.example TXT": null });
    expect(outcome.message).toContain("no MX");
    expect(outcome.message).toContain("no policy");
  });

  it("tells a resolver that fails from a record that is not there", async () => {
    const server = await nameServer((question) => reply(question, { code: 2 }));
    const outcome = await runCheck(check, { domain: "asso.example", resolvers: [server] });
    expect(outcome).toMatchObject({ ok: false, reason: "resolver-failed" });
  });
});

describe("an MTA-STS policy", () => {
  const policy = (...lines: string[]): string => `${lines.join("\r\n")}\r\n`;
  const good = policy("version: STSv1", "mode: enforce", "mx: mail.asso.example", "max_age: 604800");

  it("is good where it says the mode and names every server, by itself or by a star for one label", () => {
    expect(judgePolicyText(good, "enforce", ["mail.asso.example"])).toEqual([]);
    expect(judgePolicyText(good.replaceAll("\r\n", "\n"), "enforce", ["MAIL.asso.example"])).toEqual([]);
    expect(judgePolicyText(good.replace("mail.", "*."), "testing", ["mx1.asso.example"])).toEqual([]);
    expect(judgePolicyText(good.replace("mail.", "*."), "testing", ["a.b.asso.example"])).toHaveLength(1);
  });

  it("is not where the mode is behind, a server is left out, or it is no policy", () => {
    expect(judgePolicyText(good.replace("enforce", "testing"), "enforce", [])[0]).toContain("expected enforce");
    expect(judgePolicyText(good, "testing", ["mx2.asso.example"])[0]).toContain("leaves out mx2.asso.example");
    expect(judgePolicyText(good.replace("max_age: 604800", "max_age: soon"), "testing", [])[0]).toContain("max_age");
    expect(judgePolicyText("<html>", "testing", [])).toEqual(["the MTA-STS policy does not say version: STSv1"]);
  });
});

describe("an address", () => {
  it("has a reverse name (RFC 1035, RFC 3596)", () => {
    expect(reverseName("192.0.2.10")).toBe("10.2.0.192.in-addr.arpa");
    expect(reverseName("2001:db8::1")).toBe(`1.${"0.".repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`);
    expect(reverseName("::1")).toBe(`1.${"0.".repeat(31)}ip6.arpa`);
  });

  it("is asked about in the world only where the world can reach it", () => {
    for (const own of [
      "127.0.0.1",
      "10.1.2.3",
      "172.16.0.1",
      "172.31.9.9",
      "192.168.1.1",
      "169.254.1.1",
      "::1",
      "fd00::1",
      "fe80::1",
    ])
      expect(isPublic(own), own).toBe(false);
    for (const other of ["192.0.2.10", "172.32.0.1", "100.128.0.1", "2001:db8::1"])
      expect(isPublic(other), other).toBe(true);
  });
});
