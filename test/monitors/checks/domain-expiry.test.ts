import { describe, expect, it, test } from "vitest";
import check from "../../../monitors/checks/domain-expiry.ts";
import { makeResolver } from "../../../monitors/net/resolver.ts";
import { readWhois } from "../../../monitors/sources/registration.ts";
import { HOSTILE } from "../../dashboards/hostile.ts";
import { resources, runCheck } from "../helpers/run.ts";
import { closedPort, tcp, web } from "../helpers/servers.ts";

const DAY = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY).toISOString();
const rdap = (days: number, status: string[] = ["active"]) =>
  JSON.stringify({
    objectClassName: "domain",
    ldhName: "TILLEULS.example",
    status,
    events: [
      { eventAction: "registration", eventDate: "2019-01-01T00:00:00Z" },
      { eventAction: "expiration", eventDate: inDays(days) },
    ],
  });
const serve = (body: string, status = 200) => web((_, response) => response.writeHead(status).end(body));
const whoisServer = (text: string) => tcp((socket) => void socket.once("data", () => socket.end(text)));
const run = async (input: Record<string, unknown>, timeoutMs = 4000) =>
  runCheck(check, { domain: "tilleuls.example", whois: `127.0.0.1:${await closedPort()}`, ...input }, { timeoutMs });

describe("a domain-expiry check by RDAP", () => {
  it("succeeds on a domain that is registered for long, and measures until when", async () => {
    const { url } = await serve(rdap(200));
    const outcome = await run({ rdap: url });
    expect(outcome).toMatchObject({ ok: true });
    expect(outcome.measures!.domain_expiry_timestamp_seconds! * 1000 - Date.now()).toBeGreaterThan(199 * DAY);
  });

  test.each([
    ["domain-expires-soon", 12, ["active"], "for 11 d; expected 30 d or more"],
    ["domain-lapsed", -2, ["active"], "the registration ended"],
    ["domain-lapsed", 20, ["pending delete"], 'the domain is in "pending delete"'],
    ["domain-lapsed", 20, ["Redemption Period"], "restore it at the registrar"],
  ] as const)("fails as %s with %d days left and %j", async (reason, days, status, words) => {
    const { url } = await serve(rdap(days, [...status]));
    const outcome = await run({ rdap: url });
    expect(outcome).toMatchObject({ ok: false, reason });
    expect(outcome.message).toContain(words);
  });

  it("fails as domain-lapsed on a domain that the registry does not know", async () => {
    const { url } = await serve("{}", 404);
    expect(await run({ rdap: url })).toMatchObject({ ok: false, reason: "domain-lapsed" });
  });

  it("finds the registry's server in IANA's list, which it asks for once", async () => {
    const registry = await web((request, response) =>
      request.url === "/rdap/domain/tilleuls.example" ? response.end(rdap(90)) : response.writeHead(404).end(),
    );
    let asked = 0;
    const list = await web((_, response) => {
      asked++;
      response.end(
        JSON.stringify({
          services: [
            [["org", "example"], [`${registry.url}/rdap/`]],
            [["fr"], ["https://fr.invalid/"]],
          ],
        }),
      );
    });
    for (let time = 0; time < 2; time++)
      expect(await run({ bootstrap: `${list.url}/dns.json` })).toMatchObject({ ok: true });
    expect(asked).toBe(1);
  });

  it("is not led to where clouds keep credentials, neither by a registry nor by the list of them", async () => {
    const { url } = await web((_, response) =>
      response.writeHead(302, { location: "http://169.254.169.254/domain/x" }).end(),
    );
    expect((await run({ rdap: url })).message).toContain("169.254.169.254, where this check may not be sent");
    const list = await serve(JSON.stringify({ services: [[["example"], ["http://169.254.169.254/rdap/"]]] }));
    expect((await run({ bootstrap: `${list.url}/dns.json` })).message).toContain("where this check may not be sent");
  });

  it("goes by the earliest of several ends, and by none that no registration has", async () => {
    const ending = (...dates: string[]) =>
      serve(
        JSON.stringify({
          objectClassName: "domain",
          events: dates.map((eventDate) => ({ eventAction: "expiration", eventDate })),
        }),
      );
    const several = await ending(inDays(900), "9999-12-31T00:00:00Z", inDays(12), "soon", inDays(400));
    expect(await run({ rdap: several.url })).toMatchObject({ reason: "domain-expires-soon" });
    for (const odd of ["9999-12-31T00:00:00Z", "0000-01-01T00:00:00Z", "see registrar 2030"]) {
      const outcome = await run({ rdap: (await ending(odd)).url });
      expect(outcome).toMatchObject({ reason: "registry-silent" });
      expect(outcome.message).toContain(`does not say when the registration ends: ${JSON.stringify(odd)}`);
    }
  });

  it("knows the states of a lapsing domain in the words of EPP too", async () => {
    const { url } = await serve(rdap(90, ["redemptionPeriod"]));
    expect(await run({ rdap: url })).toMatchObject({ reason: "domain-lapsed" });
  });

  it("may have a condition on the time left", async () => {
    const { url } = await serve(rdap(40));
    expect(await run({ rdap: url, conditions: ["[DOMAIN_EXPIRATION] > 720h"] })).toMatchObject({ ok: true });
    expect(await run({ rdap: url, conditions: ["[DOMAIN_EXPIRATION] > 90d"] })).toMatchObject({
      ok: false,
      reason: "domain-expires-soon",
    });
  });

  it("follows a registry to a registrar, but not round and round", async () => {
    const own = await serve(rdap(90));
    const { url } = await web((_, response) => response.writeHead(302, { location: `${own.url}/x` }).end());
    expect(await run({ rdap: url })).toMatchObject({ ok: true });
    let asked = 0;
    const circle = await web((_, response) => {
      asked++;
      response.writeHead(302, { location: `/${asked}` }).end();
    });
    expect(await run({ rdap: circle.url })).toMatchObject({ ok: false, reason: "registry-silent" });
    expect(asked).toBeLessThanOrEqual(4);
  });
});

describe("a domain-expiry check by WHOIS, where RDAP does not tell", () => {
  it("asks the declared server", async () => {
    const { url } = await serve("busy", 503);
    const { address } = await whoisServer(`Domain Name: TILLEULS.EXAMPLE\r\nRegistry Expiry Date: ${inDays(100)}\r\n`);
    expect(await run({ rdap: url, whois: address })).toMatchObject({ ok: true });
  });

  it("asks the one that the root names", async () => {
    const { url } = await serve("<html>", 200);
    const registry = await tcp((socket) => void socket.once("data", () => socket.end(`paid-till: ${inDays(100)}\n`)));
    const root = await whoisServer("domain: EXAMPLE\nwhois:        registry.example\n");
    const own = resources({
      resolver: { ...makeResolver(), lookup: async () => ["127.0.0.1"] },
    });
    // The port of WHOIS is not ours to open: what is asked of the root is seen to lead there.
    const outcome = await runCheck(
      check,
      { domain: "tilleuls.example", rdap: url, whoisRoot: root.address },
      { own, timeoutMs: 3000 },
    );
    expect(outcome).toMatchObject({ ok: false, reason: "registry-silent" });
    expect(outcome.message).toContain("cannot be asked");
    expect(registry.open.size).toBe(0);
  });

  it("says why both are silent", async () => {
    const { url } = await serve("{}");
    const { address } = await whoisServer("% quota exceeded <script>alert(1)</script>\n");
    const outcome = await run({ rdap: url, whois: address });
    expect(outcome).toMatchObject({ ok: false, reason: "registry-silent" });
    expect(outcome.message).toContain("does not describe a domain");
    expect(outcome.message).toContain("quota exceeded");
  });

  it("is not held up by a registry that talks for ever, or about another domain", async () => {
    const { url } = await serve(rdap(100).replace("TILLEULS", "OTHER"));
    const endless = await tcp((socket) => {
      const more = () => {
        while (!socket.destroyed && socket.write("% please wait\n".repeat(1000)));
      };
      socket.on("drain", more);
      socket.resume();
      more();
    });
    expect(await run({ rdap: url, whois: endless.address })).toMatchObject({ ok: false, reason: "registry-silent" });
    await expect.poll(() => endless.open.size).toBe(0);
  });
});

describe("a WHOIS answer", () => {
  test.each([
    ["Registry Expiry Date: 2030-05-01T10:00:00Z", "2030-05-01"],
    ["Expiry Date: 2030-05-01T10:00:00Z", "2030-05-01"],
    ["   Expiration Date:  2030-05-01", "2030-05-01"],
    ["expires:        2030-05-01", "2030-05-01"],
    ["expires............: 1.5.2030 12:00:00", "2030-05-01"],
    ["paid-till:     2030.05.01", "2030-05-01"],
    ["Expiry date:  01-May-2030", "2030-05-01"],
    ["[Expires on]                    2030/05/01".replace("[", ""), "2030-05-01"],
  ])("says its end as %s", (line, day) => {
    const found = readWhois(`% notice\r\ndomain: x\r\n${line}\r\nstatus: ACTIVE\r\n`, "here") as { expires: number };
    // Registries leave out the time zone: the day may be the one before or after.
    expect(Math.abs(found.expires - Date.parse(day))).toBeLessThanOrEqual(DAY);
  });
  test.each(["No match for domain", "%% NOT FOUND", "x is free", "Status: available"])("knows no domain: %s", (text) =>
    expect(readWhois(text, "here")).toEqual({ found: false, by: "here" }),
  );
  test.each([...HOSTILE, "", "Expiry Date: soon", `Expiry Date:${" ".repeat(100_000)}`])("is nothing: %j", (text) =>
    expect(() => readWhois(text, "here")).toThrow("does not say"),
  );
});
