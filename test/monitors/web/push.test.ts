import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express from "express";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeHeartbeats } from "../../../monitors/sources/heartbeats.ts";
import { push } from "../../../monitors/web/push.ts";
import { serve } from "../../../monitors/web/server.ts";
import { HOSTILE } from "../../dashboards/hostile.ts";
import { check } from "../helpers/inventory.ts";
import { startLookout } from "../helpers/lookout.ts";

const folder = mkdtempSync(join(tmpdir(), "vigie-push-"));
const TOKEN = "a-token.of_this-job~1";

async function lookout() {
  const heartbeats = makeHeartbeats(join(folder, `${Math.random()}.json`), ["wiki/dump"], () => {});
  const checks = [
    check({ id: "wiki/dump", kind: "heartbeat", params: { name: "wiki/dump", job: "dump", expect: 3600, grace: 60 } }),
  ];
  const { lookout } = await startLookout({ checks, own: { heartbeats }, start: false });
  const app = express();
  const readToken = async (name: string) => (name === "wiki/dump" ? TOKEN : undefined);
  app.post("/push/:service/:job{/:report}", push(lookout, readToken));
  const web = await serve(app, 0, "127.0.0.1");
  onTestFinished(() => web.stop(100));
  const report = (path: string, init: RequestInit & { token?: string | null } = {}) => {
    const { token = TOKEN, ...rest } = init;
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    return fetch(`http://127.0.0.1:${web.port}${path}`, { method: "POST", headers, ...rest });
  };
  return { heartbeats, report };
}

describe("a job's report", () => {
  it("is taken with its token, and kept with what it says", async () => {
    const { report, heartbeats } = await lookout();
    for (const [path, body] of [
      ["start", ""],
      ["log", "step 1"],
      ["fail", "no space left"],
      ["success", ""],
    ] as const) {
      const answer = await report(`/push/wiki/dump/${path}`, { body });
      expect(answer.status).toBe(200);
      expect(await answer.text()).toBe(`Thank you: ${path} of wiki/dump.\n`);
    }
    const { signals } = heartbeats.of("wiki/dump");
    expect(signals).toMatchObject({ words: "no space left", seconds: expect.any(Number) });
    expect(signals.succeeded).toBeGreaterThanOrEqual(signals.failed!);
  });

  it("is a success where it says nothing else: one short line for a cron job", async () => {
    const { report, heartbeats } = await lookout();
    expect((await report("/push/wiki/dump")).status).toBe(200);
    expect(heartbeats.of("wiki/dump").signals.succeeded).toBeGreaterThan(0);
  });

  it.each([
    ["a wrong token", "/push/wiki/dump/success", "x".repeat(21)],
    ["no token", "/push/wiki/dump/success", null],
    ["a longer token", "/push/wiki/dump/success", `${TOKEN}x`],
    ["another job", "/push/wiki/other/success", TOKEN],
    ["another service", "/push/nas/dump/success", TOKEN],
    ["a name that every object has", "/push/constructor/prototype/success", TOKEN],
    ["a path", "/push/..%2f..%2fetc/passwd/success", TOKEN],
  ])("is refused in the same words with %s", async (_, path, token) => {
    const { report, heartbeats } = await lookout();
    const answer = await report(path, { token });
    expect(answer.status).toBe(401);
    expect(await answer.text()).toBe("This job's own token is needed: Authorization: Bearer TOKEN.\n");
    expect(heartbeats.of("wiki/dump").signals).toEqual({});
  });

  it("is refused as GET, and as a word that is none", async () => {
    const { get } = await startLookout({ checks: [], start: false });
    const answer = await get("/push/wiki/dump/success", { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("POST");
    const { report } = await lookout();
    expect((await report("/push/wiki/dump/reboot")).status).toBe(404);
  });

  it("may be as long and as odd as it likes: little is kept, nothing breaks", async () => {
    const { report, heartbeats } = await lookout();
    for (const body of ["x".repeat(900_000), ...HOSTILE])
      expect((await report("/push/wiki/dump/log", { body })).status).toBe(200);
    for (const { words } of heartbeats.log("wiki/dump")) expect(words.length).toBeLessThanOrEqual(2000);
  });

  it("is told to wait where a job reports in a loop, and where strangers try tokens", async () => {
    const { report } = await lookout();
    const statuses = [];
    for (let at = 0; at < 70; at++) statuses.push((await report("/push/wiki/dump/log")).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(60);
    expect(statuses.at(-1)).toBe(429);
    const tries = [];
    for (let at = 0; at < 310; at++) tries.push((await report("/push/wiki/dump", { token: `guess-${at}` })).status);
    expect(tries[0]).toBe(401);
    expect(tries.at(-1)).toBe(429);
  });

  it("that cannot be kept is not thanked for", async () => {
    const { report, heartbeats } = await lookout();
    heartbeats.report = () => Promise.reject(new Error("disk full"));
    expect((await report("/push/wiki/dump")).status).toBe(503);
  });
});
