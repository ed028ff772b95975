import { describe, expect, it, test } from "vitest";
import check from "../../../monitors/checks/tcp.ts";
import { runCheck } from "../helpers/run.ts";
import { closedPort, tcp } from "../helpers/servers.ts";

const run = (input: Record<string, unknown>, options?: Parameters<typeof runCheck>[2]) =>
  runCheck(check, input, options);

describe("a tcp check", () => {
  it("succeeds where something listens, and hangs up", async () => {
    const { address, open } = await tcp(() => {});
    const outcome = await run({ address });
    expect(outcome).toMatchObject({ ok: true });
    expect(outcome.measures?.connect_seconds).toBeGreaterThan(0);
    await expect.poll(() => open.size).toBe(0);
  });

  it("reaches a service that listens on one of a name's addresses only", async () => {
    const { port } = await tcp(() => {});
    expect(await run({ address: `localhost:${port}` })).toMatchObject({ ok: true });
  });

  it("fails as refused on a closed port", async () => {
    const outcome = await run({ address: `127.0.0.1:${await closedPort()}` });
    expect(outcome).toMatchObject({ ok: false, reason: "refused" });
    expect(outcome.message).toContain("nothing listens there");
  });

  it("waits for the greeting that is expected, in however many pieces it comes", async () => {
    const { address } = await tcp((socket) => {
      socket.write("220 mail.exa");
      setTimeout(() => socket.write("mple ESMTP\r\n"), 50);
    });
    expect(await run({ address, expect: { regex: "^220 .*ESMTP" } })).toMatchObject({ ok: true });
  });

  it("says what it was told to say first", async () => {
    const { address } = await tcp((socket) => void socket.on("data", (data) => socket.write(`+${data}`)));
    expect(await run({ address, send: "PING\r\n", expect: "+PING" })).toMatchObject({ ok: true });
  });

  it("tells another reply than the expected one, quoted on one line", async () => {
    const { address } = await tcp((socket) => void socket.end("554 go\r\naway \u001b[31m"));
    const outcome = await run({ address, expect: "220" });
    expect(outcome).toMatchObject({ ok: false, reason: "wrong-reply" });
    expect(outcome.message).toContain('expected "220"');
    expect(outcome.message).toContain("554 go\\r\\naway");
    expect(outcome.message).not.toContain("\n");
  });

  it("stops reading a server that never stops talking", async () => {
    const { address, open } = await tcp((socket) => {
      const more = () => {
        while (socket.write(Buffer.alloc(16 * 1024, "a")));
      };
      socket.on("drain", more);
      more();
    });
    expect(await run({ address, expect: "needle" })).toMatchObject({ ok: false, reason: "too-large" });
    await expect.poll(() => open.size).toBe(0);
  });

  it("times out on a server that says nothing", async () => {
    const { address, open } = await tcp(() => {});
    const outcome = await run({ address, expect: "220" }, { timeoutMs: 200 });
    expect(outcome).toMatchObject({ ok: false, reason: "timeout" });
    expect(outcome.message).toContain("while waiting for the expected reply");
    await expect.poll(() => open.size).toBe(0);
  });

  it("fails as closed on a reset", async () => {
    const { address } = await tcp((socket) => void socket.on("data", () => socket.resetAndDestroy()));
    expect(await run({ address, send: "x", expect: "y" })).toMatchObject({ ok: false, reason: "closed" });
  });
});

describe("the conditions of a tcp check", () => {
  it("may ask for a port that is closed", async () => {
    const closed = `127.0.0.1:${await closedPort()}`;
    const { address } = await tcp(() => {});
    expect(await run({ address: closed, conditions: ["[CONNECTED] == false"] })).toMatchObject({ ok: true });
    expect(await run({ address, conditions: ["[CONNECTED] == false"] })).toMatchObject({
      ok: false,
      reason: "unexpected",
      message: "[CONNECTED] is true, expected false",
    });
    expect(await run({ address: closed, conditions: ["[CONNECTED] == true"] })).toMatchObject({
      ok: false,
      reason: "unexpected",
    });
  });

  it("look at the first line that comes back", async () => {
    const { address } = await tcp((socket) => void socket.write("SSH-2.0-OpenSSH_10.0\r\nmore"));
    expect(await run({ address, conditions: ["[BODY] == pat(SSH-2.0-*)", "[IP] == 127.0.0.1"] })).toMatchObject({
      ok: true,
    });
    expect(await run({ address, conditions: ["[BODY] == pat(SSH-1*)"] })).toMatchObject({
      ok: false,
      reason: "wrong-body",
    });
  });
});

it("a tcp check judges a greeting that ends no line once nothing more comes", async () => {
  const { address } = await tcp((socket) => void socket.write("READY"));
  expect(await run({ address, conditions: ["[BODY] == pat(*READY*)"] })).toMatchObject({ ok: true });
  expect(await run({ address, conditions: ["[BODY] != READY"] })).toMatchObject({ ok: false, reason: "wrong-body" });
});

describe("the address of a tcp check", () => {
  const context = {
    service: { id: "nas", ports: { smb: {} } },
    endpoint: (port: string) => (port === "smb" ? { host: "nas", port: 445 } : undefined),
  } as never;
  const resolve = (address: string) => check.resolve?.(check.params.parse({ address }), context);

  it("may be the name of a port of the service", () => expect(resolve("smb")).toMatchObject({ address: "nas:445" }));
  it("may be written in full", () =>
    expect(resolve("[2001:db8::1]:22")).toMatchObject({ address: "[2001:db8::1]:22" }));
  test.each(["ssh", "nas:0", "nas:70000", "nas", "a:b:1", "::1:22"])(
    "is refused as %s, with what would do",
    (address) => {
      expect(resolve(address)).toBe("an address `host:port`, or a reachable port of nas (smb)");
    },
  );
});
