import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import smb from "../../monitors/checks/smb.ts";
import { runCheck } from "../monitors/helpers/run.ts";
import { secretFile } from "../monitors/helpers/secret-file.ts";
import { attemptInside, container, demo, docker, eventually, fetchFrom, inside } from "./demo.ts";
import { offsetOf } from "./names.ts";
import { Member } from "./nas-member.ts";
import { Visitor } from "./web.ts";

/** What the lookout itself finds, asked at once. */
const probe = (service: string, check: string): string =>
  fetchFrom("lookout", `http://127.0.0.1:9464/probe?target=${service}&check=${check}&debug=true`).text;

describe("the lookout's checks of the demo's own machine", () => {
  it("send echoes from its container, which has no capability", () => {
    const answer = probe("internet", "line");
    expect(answer).toMatch(/^probe_success 1$/m);
    expect(answer).toMatch(/^probe_icmp_loss_ratio 0$/m);
    expect(
      docker("inspect", "--format", "{{.HostConfig.CapDrop}} {{.HostConfig.CapAdd}}", container("lookout")),
    ).toContain("[ALL] []");
  });

  it("know how full the disk of the volumes is, as the engine's own folder tells", () => {
    const answer = probe("gate", "disk");
    expect(answer).toMatch(/^probe_success 1$/m);
    const free = Number(/^probe_disk_free_bytes (\d+)/m.exec(answer)?.[1]);
    const [available, size] = docker(
      "run",
      "--rm",
      "--entrypoint",
      "stat",
      docker("inspect", "--format", "{{.Image}}", container("gate")).trim(),
      "-f",
      "-c",
      "%a %S",
      "/",
    )
      .trim()
      .split(" ")
      .map(Number);
    // Others write meanwhile.
    expect(Math.abs(free - available! * size!)).toBeLessThan(5e9);
  });

  it("see what somebody changes by hand, and that it is set right again", async () => {
    expect(probe("gate", "drift")).toMatch(/^probe_success 1$/m);
    const [network, wiki] = [`${demo().prefix}-nas`, container("wiki")];
    docker("network", "connect", network, wiki);
    try {
      // The listing is a few seconds old at most.
      await eventually(() => expect(probe("gate", "drift")).toContain(`${wiki} got network ${network}`), 60);
    } finally {
      docker("network", "disconnect", network, wiki);
    }
    await eventually(() => expect(probe("gate", "drift")).toMatch(/^probe_success 1$/m), 60);
  });
});

describe("a job's report", () => {
  const url = () => `${demo().urls.lookout!.replace(/\/$/, "")}/push/newsletter/sent`;
  const token = () => inside("lookout", "cat", "/etc/vigie/secrets/derived/push/newsletter/sent").trim();

  it("comes in through the proxy with its token, without a volunteer's password", async () => {
    const before = Date.now();
    const visitor = new Visitor(undefined, { authorization: `Bearer ${token()}` });
    expect(await visitor.post(`${url()}/success`, {})).toMatchObject({ status: 200 });
    const answer = probe("newsletter", "sent");
    expect(answer).toMatch(/^probe_success 1$/m);
    const last = Number(/^probe_heartbeat_last_success_timestamp_seconds (\S+)/m.exec(answer)?.[1]);
    expect(last * 1000).toBeGreaterThanOrEqual(before - 60_000);
    expect(answer).not.toContain(token());
  });

  it("is refused without it", async () => {
    expect((await new Visitor().post(`${url()}/success`, {})).status).toBe(401);
  });

  it("is remembered when the lookout starts again", async () => {
    const seen = () => /^probe_heartbeat_last_success_timestamp_seconds (\S+)/m.exec(probe("newsletter", "sent"))?.[1];
    const before = seen();
    expect(before).toBeDefined();
    docker("restart", container("lookout"));
    await eventually(() => expect(seen()).toBe(before), 120);
  });
});

describe("an smb check of the real NAS", () => {
  const address = `127.0.0.1:${1445 + offsetOf("real")}`;
  const login = () => "lea-martin";
  const own = (more: Record<string, unknown> = {}) => ({
    address,
    share: "technique",
    login: login(),
    password: { file: secretFile(demo().passwords[login()]!) },
    ...more,
  });
  const run = (input: Record<string, unknown>) => runCheck(smb, input, { timeoutMs: 30_000 });

  it("lists a share, and reads a file that a member has written", async () => {
    const member = new Member(login());
    const file = secretFile("Clé de la réserve : crochet n° 3\n");
    expect(member.share("technique", `put ${file} vigie-check.txt`).status).toBe(0);
    try {
      const listed = await run(own());
      expect(listed).toMatchObject({ ok: true });
      expect(listed.measures!.entries).toBeGreaterThanOrEqual(3);
      expect(await run(own({ file: "vigie-check.txt", expect: "crochet n° 3" }))).toMatchObject({ ok: true });
      expect(await run(own({ file: "vigie-check.txt", expect: "crochet n° 4" }))).toMatchObject({
        ok: false,
        reason: "wrong-body",
      });
      expect(await run(own({ file: "nothing.txt" }))).toMatchObject({ ok: false, reason: "no-such-thing" });
    } finally {
      member.share("technique", "del vigie-check.txt");
      member.forget();
      rmSync(file);
    }
  });

  it("tells a wrong password, another share, a closed port", async () => {
    expect(await run(own({ password: { file: secretFile("wrong") } }))).toMatchObject({
      ok: false,
      reason: "wrong-password",
    });
    expect(await run(own({ share: "nowhere" }))).toMatchObject({ ok: false, reason: "no-such-thing" });
    expect(await run(own({ address: "127.0.0.1:9" }))).toMatchObject({ ok: false, reason: "refused" });
  });
});

it("the lookout's image has smbclient too", () => {
  expect(attemptInside("lookout", ["smbclient", "--version"]).stdout).toMatch(/^Version 4\./);
});
