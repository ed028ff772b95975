import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { leftovers } from "../../cli/interrupted.ts";
import { holder, type Lock, locksOf } from "../../cli/locks.ts";

const LOCAL = "unix:///var/run/docker.sock";
const provider = { urn: "urn:p", id: "1", type: "pulumi:providers:docker", inputs: { host: "ssh://admin@nas" } };
const making = (type: string, inputs: Record<string, unknown>, extra: { provider?: string } = {}) => ({
  type: "creating",
  resource: { urn: "urn:x", type, inputs, ...extra },
});
const CONTAINER = "docker:index/container:Container";

describe("leftovers", () => {
  it("finds containers and networks whose making was cut short", () => {
    const pending_operations = [
      making(CONTAINER, { name: "demo-wiki" }),
      making("docker:index/network:Network", { name: "demo-front" }),
    ];
    expect(leftovers({ pending_operations }, LOCAL)).toEqual([
      { kind: "container", name: "demo-wiki", endpoint: LOCAL },
      { kind: "network", name: "demo-front", endpoint: LOCAL },
    ]);
  });
  it("never touches volumes, which hold data, nor images", () => {
    const pending_operations = ["docker:index/volume:Volume", "docker:index/remoteImage:RemoteImage"].map((type) =>
      making(type, { name: "x" }),
    );
    expect(leftovers({ pending_operations }, LOCAL)).toEqual([]);
  });
  it("touches nothing that was being changed or removed", () => {
    const pending_operations = ["updating", "deleting", "reading"].map((type) => ({
      ...making(CONTAINER, { name: "x" }),
      type,
    }));
    expect(leftovers({ pending_operations }, LOCAL)).toEqual([]);
  });
  it("tells what Pulumi knows under its name, which is the very one in use, or what it was to take the place of", () => {
    const resources = [{ urn: "urn:x", type: CONTAINER, id: "b0aba3", inputs: { name: "demo-wiki" } }];
    expect(
      leftovers({ pending_operations: [making(CONTAINER, { name: "demo-wiki" })], resources }, LOCAL),
    ).toMatchObject([{ name: "demo-wiki", known: ["b0aba3"] }]);
  });
  it("looks on the engine of the resource's own provider", () => {
    const pending_operations = [making(CONTAINER, { name: "demo-nas" }, { provider: "urn:p::1" })];
    expect(leftovers({ pending_operations, resources: [provider] }, LOCAL)).toMatchObject([
      { endpoint: "ssh://admin@nas" },
    ]);
  });
  it("finds nothing in a state that nothing interrupted", () => {
    expect(leftovers({}, LOCAL)).toEqual([]);
  });
});

const lock: Lock = { pid: 4242, username: "amelie", hostname: "here", timestamp: "2026-01-01T00:00:00Z" };

describe("holder", () => {
  it("is at work where the process is a living Pulumi", () => {
    expect(holder(lock, "here", () => true)).toBe("at work");
  });
  it("is gone where it is not", () => {
    expect(holder(lock, "here", () => false)).toBe("gone");
  });
  it("is unknown on another machine, whatever runs here under its number", () => {
    expect(holder(lock, "there", () => false)).toBe("elsewhere");
  });
});

describe("locksOf", () => {
  const folder = () => {
    const state = mkdtempSync(join(tmpdir(), "vigie-locks-"));
    onTestFinished(() => rmSync(state, { recursive: true }));
    return state;
  };
  const put = (state: string, stack: string, name: string, content: string) => {
    const path = join(state, ".pulumi/locks/organization/vigie", stack);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, name), content);
  };
  it("reads the locks of one stack alone", () => {
    const state = folder();
    put(state, "demo", "a.json", JSON.stringify(lock));
    put(state, "demo", "a.json.attrs", "{}");
    put(state, "other", "b.json", JSON.stringify(lock));
    expect(locksOf(state, "demo")).toEqual([lock]);
  });
  it("finds none where there never was one", () => {
    expect(locksOf(folder(), "demo")).toEqual([]);
  });
  it("passes over a lock that is being written or removed", () => {
    const state = folder();
    put(state, "demo", "a.json", "");
    expect(locksOf(state, "demo")).toEqual([]);
  });
});
