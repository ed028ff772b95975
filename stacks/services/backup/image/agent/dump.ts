import { spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Access, accessArguments, dumpArguments } from "./arguments.ts";
import { resticEnvironment, withoutSecrets } from "./restic.ts";

/**
 * Writes a folder or file of a snapshot to a stream, as a tar archive that keeps owners and rights.
 * @returns restic's exit code; what it said went to `onWords`
 */
export async function dump(
  access: Access,
  secrets: readonly string[],
  { snapshot, path }: { snapshot: string; path: string },
  into: Writable,
  onWords: (words: string) => void,
): Promise<number> {
  // Not JSON: the output is the archive, and errors are words.
  const words = accessArguments(access).filter((word) => word !== "--json");
  const child = spawn("restic", [...words, ...dumpArguments(snapshot, path)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: resticEnvironment(),
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    said = (said + text).slice(-4096);
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
  // Whoever reads may go away in the middle.
  await pipeline(child.stdout, into, { end: false }).catch(() => child.kill("SIGINT"));
  const code = await ended;
  if (said.trim() !== "") onWords(withoutSecrets(said.trim(), secrets));
  return code;
}
