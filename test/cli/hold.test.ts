import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hold, holderOf } from "../../cli/hold.ts";
import { describeLeft, holdUpgrade, upgradeAtWork } from "../../cli/upgrade/hold.ts";

let local: string;
beforeEach(() => {
  local = mkdtempSync(join(tmpdir(), "vigie-hold-"));
});
afterEach(() => rmSync(local, { recursive: true, force: true }));

const refusal = (pid: number) => ({ what: `held by ${pid}`, fix: "wait" });
/** A living process with a word in its command line, as a command of ours has. */
async function withProcess<T>(word: string, use: (pid: number) => T | Promise<T>): Promise<T> {
  const child = spawn(process.execPath, ["--eval", "console.log('up'); setInterval(() => {}, 1e6)", "--", word]);
  await once(child.stdout, "data");
  try {
    return await use(child.pid!);
  } finally {
    child.kill("SIGKILL");
    await once(child, "close");
  }
}

describe("what one command at a time may hold", () => {
  it("is refused while another process of such a command lives, and is left to it", async () => {
    await withProcess("drill", (pid) => {
      writeFileSync(join(local, "a.pid"), `${pid}\n`);
      expect(() => hold("a", ["drill", "rebuild"], refusal, local)).toThrow(`held by ${pid}`);
      expect(readFileSync(join(local, "a.pid"), "utf8")).toBe(`${pid}\n`);
    });
  });

  it("is taken over from a process that is gone, and from a number that is somebody else's by now", async () => {
    const gone = await withProcess("drill", (pid) => pid);
    writeFileSync(join(local, "a.pid"), `${gone}\n`);
    hold("a", ["drill"], refusal, local)();
    await withProcess("something-else", (pid) => {
      writeFileSync(join(local, "a.pid"), `${pid}\n`);
      expect(holderOf("a", ["drill"], local)).toBeUndefined();
      hold("a", ["drill"], refusal, local)();
    });
  });

  it.each(["", "nonsense", "-1", "0"])("is free where its file holds %j", (content) => {
    writeFileSync(join(local, "a.pid"), content);
    const release = hold("a", ["drill"], refusal, local);
    expect(readFileSync(join(local, "a.pid"), "utf8")).toBe(`${process.pid}\n`);
    release();
    expect(existsSync(join(local, "a.pid"))).toBe(false);
  });
});

describe("upgrades of one stack", () => {
  it("exclude each other, whatever the service, and not those of another stack", async () => {
    await withProcess("upgrade", (pid) => {
      writeFileSync(join(local, "upgrade-demo.pid"), `${pid}\n`);
      expect(() => holdUpgrade("demo", local)).toThrow(
        /An upgrade is at work on demo: process \d+. Nothing was touched/,
      );
      expect(upgradeAtWork("demo", local)).toBe(pid);
      expect(upgradeAtWork("other", local)).toBeUndefined();
      holdUpgrade("other", local)();
    });
    expect(upgradeAtWork("demo", local)).toBeUndefined();
  });

  it("that are stopped tell what they leave", () => {
    const at = (phase: "prepared" | "saved" | "applying" | "undoing" | "kept") =>
      describeLeft({ phase, service: "wiki", stack: "demo" });
    expect([describeLeft(undefined), at("prepared"), at("kept")]).toEqual(
      Array(3).fill("Interrupted: nothing was touched"),
    );
    for (const phase of ["saved", "applying", "undoing"] as const)
      expect(at(phase)).toMatch(
        /neither upgraded nor back.*npm run upgrade -- wiki --stack demo {3}goes on; with --undo/,
      );
  });
});
