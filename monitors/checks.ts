import { readdir } from "node:fs/promises";
import type { RunnableCheck } from "./check.ts";

const FOLDER = new URL("./checks/", import.meta.url);

/** Every kind of check, by name: a file of `checks/` whose name does not start with `_`. */
export async function loadChecks(): Promise<Readonly<Record<string, RunnableCheck>>> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith(".ts") && !file.startsWith("_")).sort();
  const loaded = await Promise.all(
    files.map(async (file) => {
      const module = (await import(new URL(file, FOLDER).href)) as { default: RunnableCheck };
      return [file.slice(0, -".ts".length), module.default] as const;
    }),
  );
  return Object.fromEntries(loaded);
}
