import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { ageOf, judge } from "../../../monitors/checks/_container-state.ts";
import check from "../../../monitors/checks/container.ts";
import { makeGate } from "../../../monitors/sources/gate.ts";
import { resources, runCheck } from "../helpers/run.ts";
import { closedPort, web } from "../helpers/servers.ts";

const containers = [
  { Names: ["/tilleuls-wiki"], State: "running", Status: "Up 2 hours (healthy)" },
  { Names: ["/tilleuls-nas"], State: "exited", Status: "Exited (137) 3 minutes ago" },
];

async function gateThat(listener: Parameters<typeof web>[0], tokenFile?: string) {
  const { url } = await web(listener);
  return resources({ gates: new Map([["main", makeGate({ url, tokenFile })]]) });
}
const run = (container: string, own: ReturnType<typeof resources>, host = "main") =>
  runCheck(check, { host, container }, { own });

describe("a container check", () => {
  it("succeeds on a healthy container, and measures for how long it has been up", async () => {
    const own = await gateThat((_, response) => response.end(JSON.stringify(containers)));
    expect(await run("tilleuls-wiki", own)).toMatchObject({ ok: true, measures: { state_age_seconds: 7200 } });
  });

  it("fails as exited, with the engine's words", async () => {
    const own = await gateThat((_, response) => response.end(JSON.stringify(containers)));
    const outcome = await run("tilleuls-nas", own);
    expect(outcome).toMatchObject({ ok: false, reason: "exited" });
    expect(outcome.message).toContain("Exited (137)");
  });

  it("fails as missing on a container that is not there, however alike another's name", async () => {
    const own = await gateThat((_, response) => response.end(JSON.stringify(containers)));
    expect(await run("wiki", own)).toMatchObject({ ok: false, reason: "missing" });
  });

  it("asks the gate once for all the checks of a moment, and shows its token", async () => {
    const tokenFile = join(mkdtempSync(join(tmpdir(), "vigie-token-")), "token");
    writeFileSync(tokenFile, "s3cret\n");
    const seen: string[] = [];
    const own = await gateThat((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.end(JSON.stringify(containers));
    }, tokenFile);
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => run("tilleuls-wiki", own)));
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    expect(seen).toEqual(["GET /containers/json?all=true Bearer s3cret"]);
  });

  it("gives each check its own time, whatever becomes of the others", async () => {
    let answer = () => {};
    const own = await gateThat((_, response) => {
      answer = () => response.end(JSON.stringify(containers));
    });
    const params = check.params.parse({ host: "main", container: "tilleuls-wiki" });
    const { attempt } = await import("../../../monitors/engine/attempt.ts");
    const hasty = attempt({ kind: check, params, timeoutMs: 100, resources: own });
    const patient = attempt({ kind: check, params, timeoutMs: 5000, resources: own });
    expect((await hasty).outcome).toMatchObject({ ok: false, reason: "timeout" });
    answer();
    expect((await patient).outcome).toMatchObject({ ok: true });
  });

  test.each([
    ["an error", (response: import("node:http").ServerResponse) => response.writeHead(403).end("no")],
    ["no JSON", (response: import("node:http").ServerResponse) => response.end("<html>")],
    ["another JSON", (response: import("node:http").ServerResponse) => response.end('{"message":"x"}')],
  ])("fails as gate-unreachable when the gate answers with %s", async (_, answer) => {
    const own = await gateThat((_request, response) => void answer(response));
    expect(await run("tilleuls-wiki", own)).toMatchObject({ ok: false, reason: "gate-unreachable" });
  });

  it("fails as gate-unreachable when nothing listens, and says where", async () => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    const outcome = await run("x1", resources({ gates: new Map([["main", makeGate({ url })]]) }));
    expect(outcome).toMatchObject({ ok: false, reason: "gate-unreachable" });
    expect(outcome.message).toContain(url);
  });

  it("asks again after a failure instead of remembering it", async () => {
    let broken = true;
    const own = await gateThat((_, response) => {
      if (broken) response.writeHead(502).end();
      else response.end(JSON.stringify(containers));
    });
    expect(await run("tilleuls-wiki", own)).toMatchObject({ ok: false });
    broken = false;
    await expect.poll(async () => (await run("tilleuls-wiki", own)).ok, { timeout: 6000 }).toBe(true);
  });

  it("fails as not-configured on a host without a gate", async () => {
    expect(await run("x1", resources(), "second")).toMatchObject({ ok: false, reason: "not-configured" });
  });
});

describe("the state of a container", () => {
  test.each([
    ["running", "Up 2 minutes (healthy)", undefined],
    ["running", "Up 3 days", undefined],
    ["running", "Up 20 seconds (health: starting)", undefined],
    ["running", "Up 5 minutes (health: starting)", "starting-too-long"],
    ["running", "Up 5 minutes (unhealthy)", "unhealthy"],
    ["exited", "Exited (0) About an hour ago", "exited"],
    ["created", "Created", "exited"],
    ["dead", "Dead", "exited"],
    ["restarting", "Restarting (1) 4 seconds ago", "restarting"],
    ["paused", "Up 2 minutes (Paused)", "paused"],
  ])("%s, %s: %s", (state, status, reason) => {
    expect(judge("wiki", { state, status }, 120).problem?.reason).toBe(reason);
  });

  test.each([
    ["Up Less than a second", 0],
    ["Up 1 second", 1],
    ["Up About a minute (healthy)", 60],
    ["Up 45 minutes", 2700],
    ["Up About an hour", 3600],
    ["Exited (137) 3 hours ago", 10_800],
    ["Up 13 days", 1_123_200],
    ["Up 3 weeks", 1_814_400],
    ["Created", undefined],
  ])("%s is %s seconds old", (status, seconds) => expect(ageOf(status)).toBe(seconds));
});
