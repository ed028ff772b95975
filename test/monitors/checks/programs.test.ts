import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished, test } from "vitest";
import { jitterOf, parsePing } from "../../../monitors/checks/_ping.ts";
import { runProgram } from "../../../monitors/checks/_program.ts";
import icmp from "../../../monitors/checks/icmp.ts";
import smb from "../../../monitors/checks/smb.ts";
import { HOSTILE } from "../../dashboards/hostile.ts";
import { runCheck } from "../helpers/run.ts";
import { secretFile } from "../helpers/secret-file.ts";

/** A program of that name that does this, found before any other. Gives the file in which it writes its arguments. */
function stub(name: string, script: string): string {
  const folder = mkdtempSync(join(tmpdir(), "vigie-program-"));
  const notes = join(folder, "notes");
  writeFileSync(join(folder, name), `#!/bin/sh\nprintf '%s\\n' "$@" >${notes}\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
  const { PATH } = process.env;
  process.env.PATH = `${folder}:${PATH}`;
  onTestFinished(() => {
    process.env.PATH = PATH;
  });
  return notes;
}
const say = (text: string) => `cat <<'VIGIE'\n${text}\nVIGIE`;

const IPUTILS = `PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.
64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=10.0 ms
64 bytes from 192.0.2.1: icmp_seq=2 ttl=64 time=14.0 ms
64 bytes from 192.0.2.1: icmp_seq=2 ttl=64 time=15.0 ms (DUP!)
64 bytes from 192.0.2.1: icmp_seq=4 ttl=64 time=11.0 ms

--- 192.0.2.1 ping statistics ---
4 packets transmitted, 3 received, +1 duplicates, 25% packet loss, time 3004ms
rtt min/avg/max/mdev = 10.0/11.7/14.0/1.7 ms`;
const BUSYBOX = `PING 127.0.0.1 (127.0.0.1): 56 data bytes
64 bytes from 127.0.0.1: seq=0 ttl=64 time=0.051 ms
64 bytes from 127.0.0.1: seq=1 ttl=64 time=0.061 ms

--- 127.0.0.1 ping statistics ---
2 packets transmitted, 2 packets received, 0% packet loss`;
const LOST = `PING 192.0.2.1 (192.0.2.1) 56(84) bytes of data.

--- 192.0.2.1 ping statistics ---
5 packets transmitted, 0 received, 100% packet loss, time 4099ms`;

describe("the output of ping", () => {
  it("is read from iputils, a doubled echo once, a lost one not at all", () =>
    expect(parsePing(IPUTILS)).toEqual({ sent: 4, received: 3, roundTrips: [10, 14, 11] }));
  it("is read from busybox", () => expect(parsePing(BUSYBOX)).toMatchObject({ sent: 2, received: 2 }));
  it("is read where nothing came back", () =>
    expect(parsePing(LOST)).toEqual({ sent: 5, received: 0, roundTrips: [] }));
  test.each([...HOSTILE, "", "ping: unknown host", `64 bytes from ${"x".repeat(100_000)}`])("is nothing: %j", (text) =>
    expect(parsePing(text)).toBeUndefined(),
  );
  it("never gives more echoes than were sent", () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(30), fc.double({ min: 0, max: 1e4, noNaN: true }))),
        fc.nat(20),
        (echoes, sent) => {
          const lines = echoes.map(
            ([seq, ms]) => `64 bytes from 192.0.2.1: icmp_seq=${seq} ttl=64 time=${ms.toFixed(3)} ms`,
          );
          const found = parsePing(`${lines.join("\n")}\n${sent} packets transmitted, ${sent} received`);
          expect(found?.received).toBeLessThanOrEqual(sent);
          expect(jitterOf(found?.roundTrips ?? [])).toBeGreaterThanOrEqual(0);
        },
      ),
    ));
});

describe("an icmp check", () => {
  it("measures loss, round trip and jitter, and gives ping an address, not a name", async () => {
    const notes = stub("ping", say(IPUTILS));
    const outcome = await runCheck(icmp, { host: "localhost", count: 4 });
    expect(outcome).toMatchObject({ ok: true, measures: { loss_ratio: 0.25, jitter_seconds: 0.0035 } });
    expect(outcome.measures?.round_trip_seconds).toBeCloseTo(0.01167, 4);
    expect(readFileSync(notes, "utf8").trim().split("\n").at(-1)).toBe("127.0.0.1");
  });

  test.each([
    ["packet-loss", { maxLoss: 20 }, "25 % of 4 echoes were lost"],
    ["packet-loss", { conditions: ["[LOSS] == 0"] }, "[LOSS] is 25, expected 0"],
    ["jitter", { conditions: ["[JITTER] < 2ms"] }, "[JITTER] is 3.5 ms, expected less than 2ms"],
    ["too-slow", { conditions: ["[RESPONSE_TIME] < 10"] }, "expected less than 10 ms"],
  ])("fails as %s with %j", async (reason, input, words) => {
    stub("ping", say(IPUTILS));
    const outcome = await runCheck(icmp, { host: "192.0.2.1", ...input });
    expect(outcome).toMatchObject({ ok: false, reason });
    expect(outcome.message).toContain(words);
  });

  it("fails as unreachable where nothing comes back", async () => {
    stub("ping", `${say(LOST)}; exit 1`);
    expect(await runCheck(icmp, { host: "192.0.2.1" })).toMatchObject({ ok: false, reason: "unreachable" });
  });

  it("tells a machine without a way there from one without ping", async () => {
    stub("ping", "echo 'ping: connect: Network is unreachable' >&2; exit 2");
    expect(await runCheck(icmp, { host: "192.0.2.1" })).toMatchObject({ ok: false, reason: "unreachable" });
    stub("ping", "echo 'ping: socktype: SOCK_RAW: Operation not permitted' >&2; exit 2");
    expect(await runCheck(icmp, { host: "192.0.2.1" })).toMatchObject({ ok: false, reason: "tool-failed" });
  });

  it("ends a ping that does not end, or floods", async () => {
    stub("ping", "exec sleep 60");
    expect(await runCheck(icmp, { host: "192.0.2.1" }, { timeoutMs: 300 })).toMatchObject({
      ok: false,
      reason: "timeout",
    });
    stub("ping", "exec yes 64 bytes");
    expect(await runCheck(icmp, { host: "192.0.2.1" })).toMatchObject({ ok: false, reason: "tool-failed" });
  });

  test.each(["-f", "a b", "$(reboot)", "", "a;b"])("refuses the host %j", (host) =>
    expect(icmp.params.safeParse({ host }).success).toBe(false),
  );
});

describe("an smb check", () => {
  const own = {
    address: "127.0.0.1:445",
    share: "commun",
    login: "vigie",
    password: { file: secretFile("T0p secret") },
  };
  const LISTING = `  .                                   D        0  Tue Nov 24 10:00:00 2026
  ..                                  D        0  Tue Nov 24 10:00:00 2026
  Note de frais.odt                   A    12345  Tue Nov 24 10:00:00 2026

		1000 blocks of size 1024. 500 blocks available`;

  it("lists the share, and hands the password by a file descriptor", async () => {
    const notes = stub(
      "smbclient",
      `read -r password; [ "$password" = "T0p secret" ] || exit 9; [ "$PASSWD_FD" = 0 ] || exit 8\n${say(LISTING)}`,
    );
    expect(await runCheck(smb, own)).toMatchObject({ ok: true, measures: { entries: 3 } });
    expect(readFileSync(notes, "utf8")).not.toContain("T0p");
    expect(readFileSync(notes, "utf8")).toContain("//127.0.0.1/commun");
  });

  it("reads a file, and compares it", async () => {
    stub("smbclient", say("Bienvenue aux Tilleuls"));
    expect(await runCheck(smb, { ...own, file: "a/b c.txt", expect: "Tilleuls" })).toMatchObject({ ok: true });
    expect(await runCheck(smb, { ...own, file: "a/b c.txt", expect: "Marronniers" })).toMatchObject({
      ok: false,
      reason: "wrong-body",
    });
  });

  test.each([
    ["wrong-password", "session setup failed: NT_STATUS_LOGON_FAILURE"],
    ["no-such-thing", "tree connect failed: NT_STATUS_BAD_NETWORK_NAME"],
    ["forbidden", "tree connect failed: NT_STATUS_ACCESS_DENIED"],
    ["refused", "do_connect: Connection to x failed (Error NT_STATUS_CONNECTION_REFUSED)"],
    ["unreachable", "do_connect: Connection to x failed (Error NT_STATUS_IO_TIMEOUT)"],
    ["malformed", "protocol negotiation failed: NT_STATUS_INVALID_NETWORK_RESPONSE"],
    ["tool-failed", "something else T0p secret"],
  ])("fails as %s on: %s", async (reason, words) => {
    stub("smbclient", `${say(words)} >&2; exit 1`.replace("VIGIE >&2", "VIGIE\nexit 1 #"));
    const outcome = await runCheck(smb, own);
    expect(outcome).toMatchObject({ ok: false, reason });
    expect(outcome.message).not.toContain("T0p secret");
  });

  test.each([
    { share: 'a"; !reboot' },
    { share: "a/b" },
    { login: "a%b" },
    { file: "../x" },
    { file: "a;b" },
    { file: "/x" },
    { file: 'a"b' },
  ])("refuses %j", (input) => expect(smb.params.safeParse({ ...own, ...input }).success).toBe(false));
});

describe("a program", () => {
  it("gets nothing of our environment", async () => {
    process.env.VIGIE_SECRET_FOR_TEST = "x";
    const { stdout } = await runProgram("env", [], { signal: AbortSignal.timeout(3000) });
    delete process.env.VIGIE_SECRET_FOR_TEST;
    expect(stdout).not.toContain("VIGIE_SECRET_FOR_TEST");
  });
  it("that is missing is told apart", async () => {
    await expect(runProgram("vigie-no-such-program", [], { signal: AbortSignal.timeout(3000) })).rejects.toThrow(
      "not installed",
    );
  });
  it("is ended once it has written enough", async () => {
    const { stdout, cut } = await runProgram("yes", [], { signal: AbortSignal.timeout(5000), most: 5000 });
    expect(cut).toBe(true);
    expect(stdout.length).toBe(5000);
  });
});
