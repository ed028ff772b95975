import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** What belongs to this checkout and must not be committed: state, passphrase. */
export const LOCAL = join(ROOT, ".vigie");

/** Downloads and builds that any checkout may use again (XDG Base Directory Specification 0.8: a relative path is ignored). */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_CACHE_HOME;
  return join(base && isAbsolute(base) ? base : join(env.HOME ?? homedir(), ".cache"), "vigie");
}

/** Scripts that stand in for what only a fully connected or managed machine has. */
export const toolchain = (name: string): string => join(ROOT, "test", "toolchain", name);
