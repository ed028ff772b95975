import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import room from "../../../monitors/checks/share-room.ts";
import versions from "../../../monitors/checks/share-versions.ts";
import { demo } from "../../stacks/fixtures/demo.ts";
import { runCheck } from "../helpers/run.ts";
import { web } from "../helpers/servers.ts";

const folder = mkdtempSync(join(tmpdir(), "vigie-nas-status-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "token");
writeFileSync(file, "open-sesame\n");

const now = () => Math.floor(Date.now() / 1000);
const past = (change: object = {}) => ({
  count: 12,
  bytes: 5000,
  last: now() - 600,
  every: 3600,
  checked: now() - 600,
  problem: null,
  ...change,
});
const share = (name: string, change: object = {}) => ({ name, used: 100, quota: 1000, versions: past(), ...change });
const state = (...shares: object[]) => ({ at: now(), free: 1e9, trail: { days: 3, since: "2027-01-01" }, shares });

const look = async (kind: typeof room | typeof versions, body: unknown, wish: object = {}) => {
  const { url } = await web((request, response) => {
    if (request.headers.authorization !== "Bearer open-sesame") response.writeHead(401).end();
    else response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  return runCheck(kind as typeof room, { url: `${url}/status`, token: { file }, ...wish });
};

describe("the check of the room in shares", () => {
  it("tells what each share holds and may hold, of those that are measured and limited", async () => {
    const body = state(share("office"), share("shop", { quota: null }), share("new", { used: null }));
    expect(await look(room, body)).toEqual({
      ok: true,
      measures: {
        "used_bytes/office": 100,
        "quota_bytes/office": 1000,
        "used_bytes/shop": 100,
        "quota_bytes/new": 1000,
      },
    });
  });

  it("fails where one is almost full, naming the fullest first", async () => {
    const body = state(share("office", { used: 901 }), share("shop", { used: 1200 }), share("free", { quota: null }));
    expect(await look(room, body)).toMatchObject({
      ok: false,
      reason: "share-full",
      message: "almost full: shop (120 %), office (90 %)",
      measures: { "used_bytes/shop": 1200 },
    });
    expect(await look(room, state(share("office", { used: 901 })), { most: 0.95 })).toMatchObject({ ok: true });
  });
});

describe("the check of former states", () => {
  it("tells how many there are, how large they are and when the last one was made", async () => {
    const body = state(share("office"), share("shop", { versions: null }));
    expect(await look(versions, body)).toMatchObject({
      ok: true,
      measures: { "versions/office": 12, "versions_bytes/office": 5000 },
    });
  });

  it("fails where the server says that one could not be made, or has not looked for too long", async () => {
    const broken = state(share("office", { versions: past({ problem: "rsync ended with 11: no space left" }) }));
    expect(await look(versions, broken)).toMatchObject({
      ok: false,
      reason: "versions-missing",
      message: "office: rsync ended with 11: no space left",
    });
    const late = past({ last: now() - 9 * 3600, checked: now() - 3 * 3600 });
    expect((await look(versions, state(share("office", { versions: late })))).message).toBe("office: none for 180 min");
  });

  it("takes a share in which nothing changes for well, and one that has just begun too", async () => {
    const quiet = past({ last: now() - 40 * 86_400 });
    const begun = past({ count: 0, last: null, checked: null, bytes: null });
    const body = state(share("office", { versions: quiet }), share("shop", { versions: begun }));
    expect(await look(versions, body)).toMatchObject({ ok: true });
  });
});

describe("what a file server tells", () => {
  it("is not believed where it is old or something else", async () => {
    expect(await look(room, { ...state(), at: now() - 3600 })).toMatchObject({ reason: "too-old" });
    for (const other of ["{}", "<html>", JSON.stringify(state({ ...share("a"), used: -1 }))])
      expect(await look(room, other), other).toMatchObject({ ok: false, reason: "malformed" });
  });

  it("is asked by checks that follow from the kind, with a token of the stack's", () => {
    const { checks } = demo().inventory;
    for (const id of ["nas/share-room", "nas/share-versions"])
      expect(checks[id]).toMatchObject({ target: "http://nas:4002/status", secrets: [{ derived: "nas/status" }] });
  });
});
