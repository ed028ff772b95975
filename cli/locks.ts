import { existsSync, globSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { Refusal } from "./refusal.ts";
import { say } from "./say.ts";
import type { OpenStack } from "./stack.ts";

/** A lock as Pulumi's file back end writes it, in `.pulumi/locks/organization/PROJECT/STACK/ID.json`. */
export interface Lock {
  pid: number;
  username: string;
  hostname: string;
  timestamp: string;
}

/** Who holds a lock: a program at work, one that is gone, or one on another machine, of which nothing is known. */
export type Holder = "at work" | "gone" | "elsewhere";

/** Who holds a lock, seen from this machine. Pure. */
export function holder(lock: Lock, here: string, isPulumi: (pid: number) => boolean): Holder {
  if (lock.hostname !== here) return "elsewhere";
  return isPulumi(lock.pid) ? "at work" : "gone";
}

/**
 * Frees a stack that an interrupted command left locked; refuses where the command is still at work.
 * @returns true where a lock was left behind, hence perhaps more than a lock
 */
export async function freeStack({ stack, workspace }: OpenStack): Promise<boolean> {
  const locks = workspace.stateFolder ? locksOf(workspace.stateFolder, stack.name) : [];
  if (locks.length === 0) return false;
  for (const lock of locks) {
    const who = holder(lock, hostname(), isPulumi);
    if (who !== "gone") throw new Refusal(held(stack.name, lock, who));
  }
  say.warn(`The last command on ${stack.name} was interrupted (process ${locks[0]?.pid} is gone): removing its lock`);
  await stack.cancel();
  return true;
}

export function locksOf(stateFolder: string, stack: string): Lock[] {
  const folder = join(stateFolder, ".pulumi", "locks");
  if (!existsSync(folder)) return [];
  return globSync(`**/${stack}/*.json`, { cwd: folder }).flatMap((file) => {
    try {
      return [JSON.parse(readFileSync(join(folder, file), "utf8")) as Lock];
    } catch {
      return []; // removed meanwhile by its owner
    }
  });
}

const held = (stack: string, lock: Lock, who: Holder) => ({
  what: `Another command is at work on ${stack}: process ${lock.pid} of ${lock.username} on ${lock.hostname}, since ${lock.timestamp}`,
  fix:
    who === "at work"
      ? "Wait for it to end, then try again"
      : `Make sure on ${lock.hostname} that it has ended, then: npm run pulumi -- cancel --stack ${stack}`,
});

/** A process number may be somebody else's by now: only a Pulumi CLI holds locks. */
function isPulumi(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0]?.includes("pulumi") ?? true;
  } catch {
    return process.platform !== "linux"; // no /proc: a living process is taken for what it says
  }
}
