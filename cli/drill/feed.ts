import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Refusal } from "../refusal.ts";

/** Runs a program on what it is fed, secrets for one: arguments can be read by others. @throws {Refusal} where it fails */
export async function feed(
  program: string,
  args: readonly string[],
  input: string | Buffer | Readable,
): Promise<string> {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr = (stderr + text).slice(-4096);
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
  // A program that fails closes its input first; its exit code says more than that.
  await pipeline(typeof input === "string" || Buffer.isBuffer(input) ? [input] : input, child.stdin).catch(() => {});
  const code = await ended;
  if (code === 0) return stdout;
  throw new Refusal({
    what: `${program} ${args[0]} failed: ${stderr.trim()}`,
    fix: "The same command goes on from there",
  });
}
