import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LOCAL } from "./places.ts";
import { type Problem, Refusal } from "./refusal.ts";

const fileOf = (name: string, local: string): string => join(local, `${name}.pid`);

/**
 * One command at a time on something that has a name: what a killed one left is taken over.
 *
 * @param commands words of which the holder's command line has one: a process number may be somebody else's by now
 * @returns what lets the next one in
 * @throws {Refusal} where another holds it
 */
export function hold(
  name: string,
  commands: readonly string[],
  refusal: (pid: number) => Problem,
  local = LOCAL,
): () => void {
  mkdirSync(local, { recursive: true, mode: 0o700 });
  const file = fileOf(name, local);
  const pid = holderOf(name, commands, local);
  if (pid !== undefined) throw new Refusal(refusal(pid));
  rmSync(file, { force: true });
  try {
    writeFileSync(file, `${process.pid}\n`, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new Refusal(refusal(holderOf(name, commands, local) ?? 0));
  }
  return () => rmSync(file, { force: true });
}

/** The process that holds it; undefined where none does, or none any more. */
export function holderOf(name: string, commands: readonly string[], local = LOCAL): number | undefined {
  try {
    const pid = Number(readFileSync(fileOf(name, local), "utf8"));
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return pid > 0 && pid !== process.pid && words.some((word) => commands.includes(word)) ? pid : undefined;
  } catch {
    return undefined;
  }
}
