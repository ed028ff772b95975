import { describe, expect, it } from "vitest";
import type { RunnableCheck } from "../../monitors/check.ts";
import { loadChecks } from "../../monitors/checks.ts";
import { makeTrust } from "../../monitors/net/trust.ts";
import { REASONS } from "../../monitors/reasons.ts";
import { Authority } from "../monitors/helpers/certificates.ts";
import { resources, runCheck } from "../monitors/helpers/run.ts";
import { secretFile } from "../monitors/helpers/secret-file.ts";
import { tcp, tls } from "../monitors/helpers/servers.ts";
import { HOSTILE_HTTP2 } from "../monitors/hostile/http2-servers.ts";
import { HOSTILE_SERVERS } from "../monitors/hostile/servers.ts";

const kinds: Readonly<Record<string, RunnableCheck>> = await loadChecks();
const file = { file: secretFile("s3cret-of-the-lookout") };
const database = { database: "d", login: "l", password: file };

/** Each kind that opens connections, as it is declared to look at an address; all want something that no hostile server gives. */
const INPUTS: Readonly<Record<string, (address: string) => Record<string, unknown>>> = {
  http: (address) => ({
    url: `http://${address}/`,
    readKb: 64,
    otherHosts: true,
    auth: { bearer: file },
    conditions: ["[BODY].fine == yes"],
  }),
  journey: (address) => ({
    secrets: { p: file },
    steps: [
      {
        name: "a",
        url: `http://${address}/`,
        form: { p: "{p}" },
        extract: { t: { field: "t" } },
        conditions: ["[STATUS] == 200"],
      },
    ],
  }),
  webdav: (address) => ({ url: `http://${address}/`, auth: { login: "l", password: file } }),
  carddav: (address) => ({ url: `http://${address}/` }),
  tcp: (address) => ({ address, send: "hello\r\n", expect: { regex: "^fine$" } }),
  tls: (address) => ({ address }),
  smtp: (address) => ({ address }),
  imap: (address) => ({ address, account: { login: "l", password: file } }),
  ssh: (address) => ({ address, hostKeys: [`SHA256:${"A".repeat(43)}`] }),
  ldap: (address) => ({ address, account: { dn: "cn=l", password: file } }),
  postgres: (address) => ({ address, ...database }),
  mysql: (address) => ({ address, ...database }),
  smb: (address) => ({ address, share: "s", login: "l", password: file }),
  "domain-expiry": (address) => ({ domain: "x.example", rdap: `http://${address}/`, whois: address }),
};
const STARTTLS = ["smtp", "imap", "pop3", "ldap", "postgres"].map((starttls) => [
  `tls by ${starttls}`,
  "tls",
  (address: string) => ({ address, starttls }),
]) as [string, string, (address: string) => Record<string, unknown>][];

/** Long enough for what ends by itself, short enough for what does not. */
const TIME_MS = 1500;
/** A bomb unpacked, a flood kept: each is more than this, and there are a dozen of them. */
const MOST_GROWTH = 400 * 1024 * 1024;

/** What is wrong with how a check took one server; nothing where it did as it should. */
async function faults(kind: string, input: Record<string, unknown>, address: string): Promise<string[]> {
  const outcome = await runCheck(kinds[kind]!, input, { timeoutMs: TIME_MS });
  if (outcome.ok) return ["it succeeds"];
  const { reason, message, error } = outcome;
  return [
    ...(Object.hasOwn(REASONS, reason) ? [] : [`its reason is ${reason}`]),
    // It says that a bug of ours is to be suspected: no server may make us say so.
    ...(reason === "internal" ? [`it is blamed on us: ${message} ${(error as Error)?.stack ?? ""}`] : []),
    ...(message !== "" && message.length < 5000 ? [] : [`its message has ${message.length} characters`]),
    ...(JSON.stringify(outcome).includes("s3cret-of-the-lookout") ? [`it shows the secret at ${address}`] : []),
  ];
}

describe.each([...Object.entries(INPUTS).map(([kind, input]) => [kind, kind, input] as const), ...STARTTLS])(
  "%s",
  (_, kind, input) => {
    it("fails for a reason against every hostile server, in time, in little memory, and leaves nothing open", async () => {
      const before = process.memoryUsage().rss;
      const servers = await Promise.all(
        Object.entries(HOSTILE_SERVERS).map(async ([name, behave]) => {
          const server = await tcp((socket) => {
            socket.on("end", () => socket.destroy());
            behave(socket);
            // What is not read would keep the end of the connection from being seen.
            socket.resume();
          });
          return { name, ...server };
        }),
      );
      const found = await Promise.all(
        servers.map(async ({ name, address }) => [name, await faults(kind, input(address), address)] as const),
      );
      expect(Object.fromEntries(found.filter(([, all]) => all.length > 0))).toEqual({});
      expect(process.memoryUsage().rss - before).toBeLessThan(MOST_GROWTH);
      const open = () =>
        Object.fromEntries(servers.filter(({ open }) => open.size > 0).map(({ name, open }) => [name, open.size]));
      await expect.poll(open, { timeout: 20_000 }).toEqual({});
    });
  },
);

describe("a web server that turns bad once HTTP/2 is agreed on", () => {
  const authority = new Authority();
  const trust = makeTrust();
  trust.add(authority.pem);
  const issued = authority.issue(["localhost"]);

  it.each(Object.entries(HOSTILE_HTTP2))(
    "%s: fails for a reason, in time, and leaves nothing open",
    async (_, behave) => {
      const before = process.memoryUsage().rss;
      const server = await tls({ ...issued, ALPNProtocols: ["h2"] }, (socket) => {
        socket.on("end", () => socket.destroy());
        behave(socket);
        socket.resume();
      });
      const url = `https://localhost:${server.port}/`;
      const began = performance.now();
      const outcome = await runCheck(
        kinds.http!,
        { url, http2: "required", readKb: 64, conditions: ["[BODY].fine == yes"] },
        { timeoutMs: TIME_MS, own: resources({ trust }) },
      );
      expect(outcome).toMatchObject({
        ok: false,
        reason: expect.stringMatching(/^(?!internal)/),
        message: expect.stringMatching(/^.{1,500}$/),
      });
      expect(performance.now() - began).toBeLessThan(TIME_MS + 1000);
      expect(process.memoryUsage().rss - before).toBeLessThan(MOST_GROWTH / 2);
      await expect.poll(() => server.open.size, { timeout: 10_000 }).toBe(0);
    },
  );
});

it("every kind that opens connections is in the corpus, or is left out for a reason", () => {
  /** Look at the gate, at the repository, at what was reported, at the clock; or run a program that has its own tests; or ask name servers, which have theirs. */
  const elsewhere = [
    "backup",
    "kdbx",
    "smart",
    "container",
    "disk",
    "drift",
    "heartbeat",
    "secret-age",
    "icmp",
    "dns",
    "mail-policy",
    "vantage",
  ];
  const left = Object.keys(kinds).filter((kind) => !(kind in INPUTS) && !elsewhere.includes(kind));
  // Kinds of others: each has a hostile server in its own test; those of shares read as mail's do.
  expect(left.filter((kind) => !/^(backup|restore|mail|list|share|dns|finger)/.test(kind))).toEqual([]);
});
