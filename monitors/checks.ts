import { readdir } from "node:fs/promises";
import { extname } from "node:path";
import type { RunnableCheck } from "./check.ts";

const FOLDER = new URL("./checks/", import.meta.url);
/** `.js` in the image, whose files have been stripped of types. */
const SUFFIX = extname(import.meta.filename);

/** Names of every kind of check there is: files of `checks/` whose name does not start with `_`. */
export const checkNames = async (): Promise<string[]> =>
  (await readdir(FOLDER))
    .filter((file) => file.endsWith(SUFFIX) && !file.startsWith("_"))
    .map((file) => file.slice(0, -SUFFIX.length))
    .sort();

/**
 * Kinds of checks by name; all when `names` is left out. Those that nobody declares are better not loaded: what a mail check
 * brings along takes as much memory as a thousand http checks.
 */
export async function loadChecks(names?: Iterable<string>): Promise<Record<string, RunnableCheck>> {
  const loaded = await Promise.all(
    [...new Set(names ?? (await checkNames()))].map(async (name) => {
      const module = (await import(new URL(`${name}${SUFFIX}`, FOLDER).href)) as { default: RunnableCheck };
      return [name, module.default] as const;
    }),
  );
  return Object.fromEntries(loaded);
}
