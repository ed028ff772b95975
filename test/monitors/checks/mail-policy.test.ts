import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import check from "../../../monitors/checks/mail-policy.ts";
import { nameBytes, nameServer, type Record_, reply, text, u16 } from "../helpers/name-server.ts";
import { runCheck } from "../helpers/run.ts";

/** Types as questions carry them (RFC 1035 section 3.2.2). */
const NUMBERS = { A: 1, MX: 15, TXT: 16 } as const;

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
