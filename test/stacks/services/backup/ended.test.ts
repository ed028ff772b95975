import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";

const ENDED = join(import.meta.dirname, "../../../../stacks/services/backup/image/agent/ended.ts");

/** A program that writes more than a pipe has room for, and ends. */
function writing(bytes: number, code: number) {
  const script = `import { end } from ${JSON.stringify(ENDED)}; process.stdout.write("x".repeat(${bytes})); await end(${code});`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, ended };
}

describe("a program that ends", () => {
  it("does so once whoever reads slowly has all that it wrote", async () => {
    const { child, ended } = writing(1_000_000, 3);
    let read = 0;
    for await (const chunk of child.stdout) {
      read += (chunk as Buffer).length;
      await setTimeout(5);
    }
    expect([read, await ended]).toEqual([1_000_000, 3]);
  });

  it("does so where whoever read has gone away", async () => {
    const { child, ended } = writing(1_000_000, 3);
    child.stdout.once("data", () => child.stdout.destroy());
    expect(await ended).toBe(3);
  });
});
