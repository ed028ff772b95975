import { createHash } from "node:crypto";
import { once } from "node:events";
import ssh2 from "ssh2";
import { describe, expect, it, onTestFinished } from "vitest";
import check from "../../../monitors/checks/ssh.ts";
import { runCheck } from "../helpers/run.ts";
import { closedPort, tcp } from "../helpers/servers.ts";

const { Server, utils } = ssh2;
const run = (input: Record<string, unknown>, timeoutMs = 8000) => runCheck(check, input, { timeoutMs });

/** A new host key. Some of the library's own cannot be read by it: 10 of 2000 were malformed. */
function hostKey(): ReturnType<typeof utils.generateKeyPairSync> {
  const key = utils.generateKeyPairSync("ed25519");
  return utils.parseKey(key.private) instanceof Error ? hostKey() : key;
}

/** A real SSH server with a key of its own. */
async function sshServer() {
  const key = hostKey();
  const server = new Server({ hostKeys: [key.private], ident: "Vigie_test" }, (client) => client.on("error", () => {}));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const blob = Buffer.from(key.public.split(" ")[1]!, "base64");
  const fingerprint = `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
  return { address: `127.0.0.1:${(server.address() as { port: number }).port}`, fingerprint };
}
const OTHER = `SHA256:${"A".repeat(43)}`;

describe("an ssh check", () => {
  it("succeeds on a server that says who it is", async () => {
    const { address } = await sshServer();
    const outcome = await run({ address, banner: "Vigie_test", conditions: ["[BODY] == pat(SSH-2.0-*)"] });
    expect(outcome).toMatchObject({ ok: true });
    expect(outcome.measures?.greeting_seconds).toBeGreaterThanOrEqual(0);
  });

  it("fails as handshake on a server that takes leave with a number, as SSH does", async () => {
    const { address } = await tcp((socket) => {
      // SSH_MSG_DISCONNECT (RFC 4253 section 11.1): a reason's number, words, a language; eight bytes of padding.
      const words = Buffer.from("not today");
      const payload = Buffer.concat([Buffer.from([1, 0, 0, 0, 3, 0, 0, 0, words.length]), words, Buffer.alloc(4)]);
      const padding = 8 - ((payload.length + 5) % 8) + 8;
      const head = Buffer.alloc(5);
      head.writeUInt32BE(payload.length + padding + 1);
      head[4] = padding;
      socket.end(Buffer.concat([Buffer.from("SSH-2.0-x\r\n"), head, payload, Buffer.alloc(padding)]));
    });
    expect(await run({ address, hostKeys: [OTHER] })).toMatchObject({ ok: false, reason: "handshake" });
  });

  it("succeeds on the declared host key, and says another one's fingerprint", async () => {
    const { address, fingerprint } = await sshServer();
    expect(await run({ address, hostKeys: [OTHER, fingerprint] })).toMatchObject({ ok: true, message: fingerprint });
    const outcome = await run({ address, hostKeys: [OTHER] });
    expect(outcome).toMatchObject({ ok: false, reason: "wrong-key" });
    expect(outcome.message).toContain(fingerprint);
  });

  it("fails as handshake where the server has no key of the kind asked for", async () => {
    const { address, fingerprint } = await sshServer();
    expect(await run({ address, hostKeys: [fingerprint], keyType: "ssh-ed25519" })).toMatchObject({ ok: true });
    expect(await run({ address, hostKeys: [fingerprint], keyType: "rsa-sha2-512" })).toMatchObject({
      ok: false,
      reason: "handshake",
    });
  });

  it("passes over the lines that a server may say before", async () => {
    const { address } = await tcp((socket) => void socket.write("Welcome\r\nto us\r\nSSH-2.0-x y\r\n"));
    expect(await run({ address })).toMatchObject({ ok: true, message: "SSH-2.0-x y" });
  });

  it("tells an old or another protocol, a wrong banner, a closed port", async () => {
    const old = await tcp((socket) => void socket.write("SSH-1.5-old\r\n"));
    expect(await run({ address: old.address })).toMatchObject({ ok: false, reason: "weak-protocol" });
    const web = await tcp((socket) => void socket.write("HTTP/1.1 400 no\r\n".repeat(60)));
    expect(await run({ address: web.address })).toMatchObject({ ok: false, reason: "wrong-reply" });
    const ssh = await tcp((socket) => void socket.write("SSH-2.0-dropbear\r\n"));
    expect(await run({ address: ssh.address, banner: "OpenSSH" })).toMatchObject({ ok: false, reason: "wrong-reply" });
    expect(await run({ address: `127.0.0.1:${await closedPort()}` })).toMatchObject({ ok: false, reason: "refused" });
  });

  it("survives junk instead of a key exchange, a cut, silence and a flood", async () => {
    const junk = await tcp((socket) => {
      socket.write("SSH-2.0-x\r\n");
      socket.once("data", () => socket.write(Buffer.alloc(5000, 0x41)));
    });
    const outcome = await run({ address: junk.address, hostKeys: [OTHER] }, 3000);
    expect(outcome.ok).toBe(false);
    expect(["handshake", "closed", "malformed"]).toContain((outcome as { reason: string }).reason);
    await expect.poll(() => junk.open.size).toBe(0);

    const cut = await tcp((socket) => void socket.end("SSH-2.0-x\r\n"));
    expect((await run({ address: cut.address, hostKeys: [OTHER] }, 3000)).ok).toBe(false);
    const silent = await tcp((socket) => void socket.resume().write("SSH-2.0-x\r\n"));
    expect(await run({ address: silent.address, hostKeys: [OTHER] }, 500)).toMatchObject({
      ok: false,
      reason: "timeout",
    });
    await expect.poll(() => silent.open.size).toBe(0);

    const flood = await tcp((socket) => {
      const more = () => {
        while (!socket.destroyed && socket.write(Buffer.alloc(16_384, 0x53)));
      };
      socket.on("drain", more);
      more();
    });
    expect(await run({ address: flood.address }, 3000)).toMatchObject({ ok: false, reason: "too-large" });
    await expect.poll(() => flood.open.size).toBe(0);
  });
});

it("an ssh check refuses fingerprints of another form", () => {
  for (const hostKeys of [["MD5:aa:bb"], ["SHA256:short"], []])
    expect(check.params.safeParse({ address: "a:22", hostKeys }).success).toBe(false);
});
