import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LOCAL } from "../places.ts";
import type { Signed } from "./report.ts";

/** How many drills the lookout is shown. */
const SHOWN = 24;

/** The reports of past drills, the youngest first; one that cannot be read is left out. */
export function pastDrills(local = LOCAL): Signed[] {
  const folder = join(local, "drills");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .reverse()
    .slice(0, SHOWN)
    .flatMap((file): Signed[] => {
      try {
        return [JSON.parse(readFileSync(join(folder, file), "utf8")) as Signed];
      } catch {
        return [];
      }
    });
}
