import type { Socket } from "node:net";
import { createSecureContext, type SecureContextOptions, TLSSocket } from "node:tls";
import { describe, expect, it, test } from "vitest";
import check from "../../../monitors/checks/tls.ts";
import { makeTrust } from "../../../monitors/net/trust.ts";
import { Authority } from "../helpers/certificates.ts";
import { resources, runCheck } from "../helpers/run.ts";
import { tcp, tls } from "../helpers/servers.ts";

const authority = new Authority();
const own = authority.issue(["localhost"]);
const trust = makeTrust();
trust.add(authority.pem);
const run = (input: Record<string, unknown>, timeoutMs = 5000) =>
  runCheck(check, input, { timeoutMs, own: resources({ trust }) });

/** What a server says first, and what it answers to what it is told, until it goes over to TLS. */
type Script = {
  greeting?: string;
  answers: readonly (readonly [heard: RegExp, said: string | Buffer, tls?: boolean])[];
};

const GOOD: Readonly<Record<string, Script>> = {
  smtp: {
    greeting: "220-mail.example\r\n220 ESMTP\r\n",
    answers: [
      [/^EHLO /, "250-mail.example\r\n250-SIZE 1000\r\n250 STARTTLS\r\n"],
      [/^STARTTLS\r\n/, "220 go ahead\r\n", true],
    ],
  },
  imap: { greeting: "* OK ready\r\n", answers: [[/^v1 STARTTLS/, "* CAPABILITY IMAP4rev2\r\nv1 OK begin\r\n", true]] },
  pop3: { greeting: "+OK ready\r\n", answers: [[/^STLS/, "+OK begin\r\n", true]] },
  // An extended response with result 0, empty names (RFC 4511 section 4.12).
  ldap: { answers: [[/1\.3\.6\.1\.4\.1\.1466\.20037/, Buffer.from("300c02010178070a010004000400", "hex"), true]] },
  postgres: { answers: [[/^.{8}$/s, "S", true]] },
};

const REFUSING: Readonly<Record<string, Script>> = {
  smtp: {
    greeting: "220 ok\r\n",
    answers: [
      [/^EHLO /, "250 hello\r\n"],
      [/^STARTTLS/, "502 not here <script>\r\n"],
    ],
  },
  imap: { greeting: "* OK ready\r\n", answers: [[/^v1 STARTTLS/, "v1 BAD what?\r\n"]] },
  pop3: { greeting: "+OK ready\r\n", answers: [[/^STLS/, "-ERR no\r\n"]] },
  ldap: { answers: [[/1466\.20037/, Buffer.from("300c02010178070a013504000400", "hex")]] },
  postgres: { answers: [[/^.{8}$/s, "N"]] },
};

function play({ greeting, answers }: Script, options: SecureContextOptions | ((socket: Socket) => void) = own) {
  return tcp((socket: Socket) => {
    if (greeting) socket.write(greeting);
    let step = 0;
    const onData = (data: Buffer) => {
      const [heard, said, secure] = answers[step] ?? [];
      if (said === undefined || !heard!.test(data.toString("latin1"))) return;
      step++;
      if (secure) socket.off("data", onData);
      socket.write(said);
      if (!secure) return;
      if (typeof options === "function") options(socket);
      else new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(options) }).on("error", () => {});
    };
    socket.on("data", onData);
  });
}

describe.each(Object.keys(GOOD))("a tls check by %s", (protocol) => {
  it("judges the certificate shown after the protocol's own request", async () => {
    const { port } = await play(GOOD[protocol]!);
    const outcome = await run({ address: `localhost:${port}`, starttls: protocol });
    expect(outcome).toMatchObject({ ok: true });
    expect(outcome.measures?.certificate_expiry_timestamp_seconds).toBeGreaterThan(0);
  });

  it("finds an expired one", async () => {
    const { port } = await play(GOOD[protocol]!, authority.issue(["localhost"], { from: -30, to: -1 }));
    expect(await run({ address: `localhost:${port}`, starttls: protocol })).toMatchObject({
      ok: false,
      reason: "expired",
    });
  });

  it("fails as handshake where the server refuses", async () => {
    const { port, open } = await play(REFUSING[protocol]!);
    const outcome = await run({ address: `localhost:${port}`, starttls: protocol });
    expect(outcome).toMatchObject({ ok: false, reason: "handshake" });
    await expect.poll(() => open.size).toBe(0);
  });

  it("gives up on a server that says yes to TLS and never agrees on it, or says something else", async () => {
    const record = (kind: number, ...content: number[]) => Buffer.from([kind, 3, 3, 0, content.length, ...content]);
    const ends: readonly (readonly [reasons: readonly string[], behave: (socket: Socket) => void])[] = [
      [["timeout"], () => {}],
      // The beginning of a ServerHello of sixteen megabytes, and no more of it.
      [["timeout", "handshake"], (socket) => void socket.write(record(22, 2, 255, 255, 255))],
      [["closed", "handshake"], (socket) => void socket.end()],
      [["handshake"], (socket) => void socket.write(record(21, 2, 40))],
      [["handshake"], (socket) => void socket.write("250 go on in clear, <script>\r\n".repeat(10))],
      [["handshake"], (socket) => void socket.write(Buffer.alloc(200_000))],
    ];
    for (const [reasons, behave] of ends) {
      const { port, open } = await play(GOOD[protocol]!, (socket) => {
        // In the client's own time, so that it is all after the change to TLS.
        socket.once("data", () => behave(socket));
      });
      const outcome = await run({ address: `localhost:${port}`, starttls: protocol }, 1000);
      expect(reasons, JSON.stringify(outcome)).toContain((outcome as { reason: string }).reason);
      await expect.poll(() => open.size, { timeout: 10_000 }).toBe(0);
    }
  });

  it("gives up on junk, on silence, and on a server that never ends a line", async () => {
    const junk = await tcp((socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    expect((await run({ address: `localhost:${junk.port}`, starttls: protocol }, 1000)).ok).toBe(false);
    const silent = await tcp(() => {});
    expect(await run({ address: `localhost:${silent.port}`, starttls: protocol }, 300)).toMatchObject({
      ok: false,
      reason: "timeout",
    });
    const endless = await tcp((socket) => {
      const more = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(16_384, "2")));
      };
      socket.on("drain", more);
      more();
    });
    const outcome = await run({ address: `localhost:${endless.port}`, starttls: protocol }, 3000);
    expect(outcome).toMatchObject({ ok: false });
    expect(["too-large", "handshake"]).toContain((outcome as { reason: string }).reason);
    await expect.poll(() => endless.open.size).toBe(0);
  });
});

describe("versions of TLS", () => {
  const OLD = { minVersion: "TLSv1" as const, ciphers: "DEFAULT:@SECLEVEL=0" };

  it("older than declared are told apart", async () => {
    const { port } = await tls({ ...own, maxVersion: "TLSv1.2" });
    expect(await run({ address: `localhost:${port}` })).toMatchObject({ ok: true });
    const outcome = await run({ address: `localhost:${port}`, minVersion: "TLSv1.3" });
    expect(outcome).toMatchObject({ ok: false, reason: "weak-protocol" });
    expect(outcome.message).toContain("TLSv1.2, expected TLSv1.3");
  });

  it("that the server should refuse are tried", async () => {
    const lax = await tls({ ...own, ...OLD });
    const outcome = await run({ address: `localhost:${lax.port}`, refusesOlder: true });
    expect(outcome).toMatchObject({ ok: false, reason: "weak-protocol" });
    expect(outcome.message).toContain("still accepts TLSv1.1");
    const strict = await tls(own);
    expect(await run({ address: `localhost:${strict.port}`, refusesOlder: true })).toMatchObject({ ok: true });
  });

  it("and the time left can be conditions", async () => {
    const { port } = await tls(own);
    const address = `localhost:${port}`;
    expect(
      await run({ address, conditions: ["[TLS_VERSION] == TLSv1.3", "[CERTIFICATE_EXPIRATION] > 720h"] }),
    ).toMatchObject({ ok: true });
    expect(await run({ address, conditions: ["[CERTIFICATE_EXPIRATION] > 365d"] })).toMatchObject({
      ok: false,
      reason: "expires-soon",
    });
  });
});

test("a handshake that is cut, or never ends, is not waited for", async () => {
  const cut = await tcp((socket) => void socket.once("data", () => socket.destroy()));
  expect(await run({ address: `localhost:${cut.port}` }, 2000)).toMatchObject({ ok: false, reason: "closed" });
  const endless = await tcp((socket) => {
    // A record header that promises a handshake, a byte of it now and then.
    socket.write(Buffer.from([22, 3, 3, 0x40, 0]));
    const timer = setInterval(() => socket.write(Buffer.from([2])), 20);
    socket.on("close", () => clearInterval(timer));
  });
  expect(await run({ address: `localhost:${endless.port}` }, 500)).toMatchObject({ ok: false, reason: "timeout" });
  await expect.poll(() => endless.open.size).toBe(0);
});

test("what a server sends ahead of TLS is not taken for what comes through it", async () => {
  const { port } = await tcp((socket) => {
    socket.write("* OK ready\r\n");
    socket.once("data", () => socket.write("v1 OK begin\r\n* OK injected\r\n"));
  });
  expect((await run({ address: `localhost:${port}`, starttls: "imap" }, 1000)).ok).toBe(false);
});
