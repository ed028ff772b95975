import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LOCAL } from "../places.ts";
import { Refusal } from "../refusal.ts";

/** One drill, or rebuild, of a name at a time. @returns what lets the next one in */
export function holdDrill(stack: string): () => void {
  const file = join(LOCAL, `${stack}.pid`);
  mkdirSync(LOCAL, { recursive: true, mode: 0o700 });
  const holder = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
  if (holder > 0 && isDrill(holder))
    throw new Refusal({
      what: `${stack} is at work already: process ${holder}`,
      fix: "Wait for it; of a drill, another --stack may be named",
    });
  writeFileSync(file, `${process.pid}\n`);
  return () => rmSync(file, { force: true });
}

/** A process number may be somebody else's by now. */
function isDrill(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8")
      .split("\0")
      .some((word) => word === "drill" || word === "rebuild");
  } catch {
    return false;
  }
}
