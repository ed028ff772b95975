import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import boxes from "../../../monitors/checks/mail-boxes.ts";
import keys from "../../../monitors/checks/mail-keys.ts";
import queue from "../../../monitors/checks/mail-queue.ts";
import { demo } from "../../stacks/fixtures/demo.ts";
import { runCheck } from "../helpers/run.ts";
import { web } from "../helpers/servers.ts";

const folder = mkdtempSync(join(tmpdir(), "vigie-mail-status-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "token");
writeFileSync(file, "open-sesame\n");

const MB = 1_048_576;
const now = () => Date.now() / 1000;
const box = (address: string, used: number, kind = "role", owner?: string) => ({
  address,
  kind,
  owner,
  used: used * MB,
  limit: 100 * MB,
});

/** A mail server's state as it should be, with something changed. */
const state = (change: object = {}) => ({
  at: now(),
  queue: { active: 1, deferred: 2, hold: 0, oldest: now() - 90 },
  boxes: [
    box("tresor@asso.example", 10),
    box("lea@asso.example", 20, "person", "lea"),
    box("paul@asso.example", 5, "person", "paul"),
  ],
  keys: { active: "vigie1", since: now() - 86_400, retired: [] },
  ...change,
});

/** A server that tells a state to whoever shows the token. */
const server = (body: unknown) =>
  web((request, response) => {
    if (request.headers.authorization !== "Bearer open-sesame") response.writeHead(401).end();
    else response.end(typeof body === "string" ? body : JSON.stringify(body));
  });

const look = async (kind: typeof queue | typeof boxes | typeof keys, body: unknown, wish: object = {}) => {
  const { url } = await server(body);
  return runCheck(kind as typeof queue, { url: `${url}/status`, token: { file }, ...wish });
};

describe("the queue's check", () => {
  it("tells how many wait, by state, and for how long", async () => {
    const outcome = await look(queue, state());
    expect(outcome).toMatchObject({
      ok: true,
      measures: { "queue_messages/active": 1, "queue_messages/deferred": 2, "queue_messages/hold": 0 },
    });
    expect(outcome.measures!.queue_oldest_seconds).toBeCloseTo(90, 0);
  });

  it("fails where too many wait, or one for too long", async () => {
    const many = state({ queue: { active: 0, deferred: 201, hold: 0, oldest: now() - 1 } });
    expect(await look(queue, many)).toMatchObject({ ok: false, reason: "queue-grows" });
    const old = state({ queue: { active: 0, deferred: 1, hold: 0, oldest: now() - 5 * 3600 } });
    expect((await look(queue, old)).message).toContain("has waited for 300 min; expected 240 min at most");
    expect(await look(queue, old, { oldest: "6h" })).toMatchObject({ ok: true });
  });
});

describe("the boxes' check", () => {
  it("tells how full each role's box is, and of people's the fullest alone", async () => {
    expect((await look(boxes, state())).measures).toEqual({
      "box_used_ratio/tresor@asso.example": 0.1,
      "box_used_ratio/people": 0.2,
    });
  });

  it("fails where one is almost full, naming the fullest first", async () => {
    const full = state({ boxes: [box("a@asso.example", 91), box("b@asso.example", 99), box("c@asso.example", 1)] });
    expect(await look(boxes, full)).toMatchObject({
      ok: false,
      reason: "box-full",
      message: "almost full: b@asso.example (99 %), a@asso.example (91 %)",
    });
  });

  it("takes a box without a limit for never full", async () => {
    expect(await look(boxes, state({ boxes: [{ ...box("a@asso.example", 50), limit: 0 }] }))).toMatchObject({
      ok: true,
    });
  });
});

describe("the keys' check", () => {
  it("fails where the key that signs is older than agreed, or there is none", async () => {
    expect(await look(keys, state())).toMatchObject({ ok: true });
    const old = state({ keys: { active: "vigie2", since: now() - 400 * 86_400, retired: [] } });
    expect(await look(keys, old)).toMatchObject({ ok: false, reason: "key-old" });
    expect(await look(keys, state({ keys: null }))).toMatchObject({ ok: false, reason: "missing" });
  });
});

describe("what a mail server tells", () => {
  it("is not believed where it is old, is something else, or needs another token", async () => {
    expect(await look(queue, state({ at: now() - 3600 }))).toMatchObject({ ok: false, reason: "too-old" });
    for (const other of ["{}", "<html>", JSON.stringify(state({ queue: { active: -1 } }))])
      expect(await look(queue, other), other).toMatchObject({ ok: false, reason: "malformed" });
    writeFileSync(join(folder, "other"), "wrong");
    expect(await look(queue, state(), { token: { file: join(folder, "other") } })).toMatchObject({
      reason: "wrong-status",
    });
    expect(await look(queue, state(), { token: { file: join(folder, "none") } })).toMatchObject({
      reason: "not-configured",
    });
  });

  it("is asked by checks that follow from the kind, with a token of the stack's", () => {
    const { checks } = demo().inventory;
    for (const id of ["mail/mail-queue", "mail/mail-boxes", "mail/mail-keys"])
      expect(checks[id]).toMatchObject({ target: "http://mail:4002/status", secrets: [{ derived: "mail/status" }] });
  });
});
