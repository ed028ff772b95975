import { describe, expect, it } from "vitest";
import { feed } from "../../../cli/drill/feed.ts";
import { type Found, latest } from "../../../cli/drill/repository.ts";
import drill from "../../../cli/drill.ts";

const found = (id: string, time: string, ...tags: string[]): Found => ({ id, time, paths: ["/data/v"], tags });

describe("the snapshot to restore", () => {
  const all = [
    found("young", "2026-11-24T04:00:00.1+01:00", "service=wiki", "volume=data"),
    found("old", "2026-11-24T02:59:59Z", "service=wiki", "volume=data"),
    found("undo", "2026-11-24T09:00:00Z", "undo", "undo-service=wiki", "undo-volume=data"),
    found("other", "2026-11-24T09:00:00Z", "service=nas", "volume=data"),
  ];

  it("is the youngest in time, whatever the zone it was written in, and never one kept before a restore", () => {
    expect(latest(all, "wiki", { key: "data" })?.id).toBe("young");
  });

  it("is missing where the volume has none", () => {
    expect(latest(all, "nas", { key: "shares" })).toBeUndefined();
  });
});

describe("a program that is fed", () => {
  it("gives what it wrote", async () => {
    expect(await feed("cat", [], "a secret")).toBe("a secret");
  });

  it("fails in its own words, also where it did not read all of its input", async () => {
    await expect(feed("sh", ["-c", "echo no room >&2; exit 3"], "x".repeat(1_000_000))).rejects.toThrow(/no room/);
  });
});

describe("a drill", () => {
  const refused = async (flags: Record<string, string>): Promise<string> => {
    const error = await Promise.resolve(
      drill.run({ flags: { stack: "drill-a", "port-offset": "40000", ...flags }, words: [] }),
    ).then(
      () => new Error("it ran"),
      (reason: Error) => reason,
    );
    return error.message;
  };

  it("tells everything that it lacks at once", async () => {
    expect(await refused({})).toMatch(/--engine is missing.*--repository is missing.*--key is missing/s);
  });

  it("refuses the engine in use, a stack that might be in use, and an engine that is no socket", async () => {
    expect(await refused({ engine: "unix:///var/run/docker.sock" })).toMatch(
      /is the engine in use: nothing was touched/,
    );
    expect(await refused({ stack: "demo" })).toMatch(/"demo" might be a stack in use/);
    expect(await refused({ engine: "ssh://root@production" })).toMatch(/is no local socket/);
  });

  it("refuses a copy without an escrow", async () => {
    expect(await refused({ engine: "unix:///run/x.sock", repository: "/nowhere", key: "/nokey" })).toMatch(
      /no key file: \/nokey.*no escrow in the copy: \/nowhere\/escrow\.age/s,
    );
  });
});
