import { existsSync, readdirSync } from "node:fs";
import type { ServiceComponentClass } from "./component.ts";

const FOLDER = new URL("./services/", import.meta.url);

/** The component of each kind of service: the default export of `stacks/services/KIND/index.ts`. */
export async function loadComponents(folder: URL = FOLDER): Promise<Record<string, ServiceComponentClass>> {
  const kinds = readdirSync(folder).filter((kind) => existsSync(new URL(`${kind}/index.ts`, folder)));
  return Object.fromEntries(
    await Promise.all(
      kinds.map(async (kind) => [kind, (await import(new URL(`${kind}/index.ts`, folder).href)).default] as const),
    ),
  );
}
