import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { SmtpConversation } from "../../../monitors/checks/_smtp.ts";
import check from "../../../monitors/checks/smtp.ts";
import { runCheck } from "../helpers/run.ts";
import { closedPort, tcp } from "../helpers/servers.ts";

/** A mail server that answers each command by its first word; "" hangs up. */
const smtpServer = (answers: Record<string, string> = {}, greeting = "220 mail.example ESMTP\r\n") =>
  tcp((socket) => {
    const replies: Record<string, string> = {
      EHLO: "250-mail.example\r\n250-SIZE 25000000\r\n250 8BITMIME\r\n",
      MAIL: "250 Ok\r\n",
      RCPT: "554 5.7.1 Relay access denied\r\n",
      QUIT: "221 Bye\r\n",
      ...answers,
    };
    socket.on("error", () => {});
    socket.write(greeting);
    socket.on("data", (data) => {
      const reply = replies[data.toString().slice(0, 4)];
      if (reply) socket.write(reply);
      else socket.end();
    });
  });

const run = async (input: Record<string, unknown>, server = smtpServer()) =>
  runCheck(check, { address: (await server).address, tls: false, ...input });

describe("an smtp check", () => {
  it("succeeds where the server greets, takes large messages and relays for nobody", async () => {
    const outcome = await run({});
    expect(outcome).toMatchObject({ ok: true, measures: { size_limit_bytes: 25_000_000 } });
  });

  it("fails on an open relay", async () => {
    const outcome = await run({}, smtpServer({ RCPT: "250 Ok\r\n" }));
    expect(outcome).toMatchObject({ ok: false, reason: "wrong-reply" });
    expect(outcome.message).toContain("open relay");
  });

  it("is content with a server that takes no stranger's sender at all", async () => {
    expect(await run({}, smtpServer({ MAIL: "530 Sign in\r\n" }))).toMatchObject({ ok: true });
  });

  it("fails where STARTTLS is asked for and not offered", async () => {
    expect(await run({ tls: true })).toMatchObject({ ok: false, reason: "handshake" });
  });

  it("fails where messages of the least size are not taken, and knows that no number means no limit", async () => {
    expect(await run({ minSize: 30_000_000 })).toMatchObject({ ok: false, reason: "wrong-reply" });
    const unlimited = smtpServer({ EHLO: "250-mail.example\r\n250 SIZE\r\n" });
    expect(await run({ minSize: 30_000_000 }, unlimited)).toMatchObject({ ok: true });
  });

  it("tells a greeting that refuses", async () => {
    const outcome = await run({}, smtpServer({}, "554 No service\r\n"));
    expect(outcome).toMatchObject({ ok: false, reason: "wrong-reply" });
    expect(outcome.message).toContain("554 No service");
  });

  it("calls what is no SMTP malformed, and stops reading an endless answer", async () => {
    expect(await run({}, smtpServer({}, "SSH-2.0-OpenSSH\r\n"))).toMatchObject({ ok: false, reason: "malformed" });
    expect(await run({}, smtpServer({}, "x".repeat(200_000)))).toMatchObject({ ok: false, reason: "malformed" });
    expect(await run({}, smtpServer({}, "220-more\r\n".repeat(20_000)))).toMatchObject({
      ok: false,
      reason: "malformed",
    });
  });

  it("tells a closed port from a server that hangs up", async () => {
    expect(await runCheck(check, { address: `127.0.0.1:${await closedPort()}` })).toMatchObject({ reason: "refused" });
    expect(await run({}, smtpServer({ EHLO: "" }))).toMatchObject({ ok: false, reason: "closed" });
  });

  it("ends with its time-out where the server says nothing", async () => {
    const { address } = await smtpServer({}, "");
    expect(await runCheck(check, { address, tls: false }, { timeoutMs: 300 })).toMatchObject({
      ok: false,
      reason: "timeout",
    });
  });
});

it("a server that answers byte by byte is read to the end, and leaves nothing that listens", async () => {
  const stream = new PassThrough();
  const conversation = new SmtpConversation(stream as unknown as Socket);
  const before = ["readable", "end", "close", "error"].map((event) => stream.listenerCount(event));
  const reply = conversation.reply();
  for (const byte of "250-mail.example\r\n250 SIZE 25000000\r\n") {
    stream.write(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await reply).toEqual({ code: 250, lines: ["mail.example", "SIZE 25000000"] });
  expect(["readable", "end", "close", "error"].map((event) => stream.listenerCount(event))).toEqual(before);
});
