import type { InventoryService } from "../../association/index.ts";
import { expectedAt, PROGRAM } from "../prove/canary.ts";
import type { Known } from "../prove/known.ts";
import { run } from "../run.ts";
import { say } from "../say.ts";
import type { Report } from "./report.ts";

/**
 * The value that a service must hold, which was planted before the oldest of the snapshots that it was rebuilt from;
 * undefined where none was. Pure.
 */
export function expectedCanary(service: string, known: Known, volumes: Report["volumes"]): string | undefined {
  const taken = volumes.filter((one) => one.service === service).map((one) => one.taken);
  const oldest = taken.toSorted((a, b) => Date.parse(a) - Date.parse(b))[0];
  return oldest === undefined ? undefined : expectedAt(known[service] ?? [], oldest);
}

/** Has every rebuilt service find, by its own means, what was planted in the lost one. */
export async function findCanaries(
  engine: string,
  services: readonly Pick<InventoryService, "id" | "container">[],
  known: Known,
  volumes: Report["volumes"],
): Promise<Map<string, "found" | "missing">> {
  const results = new Map<string, "found" | "missing">();
  for (const { id, container } of services) {
    const value = expectedCanary(id, known, volumes);
    if (value === undefined || container === undefined) continue;
    const { code, stdout, stderr } = await run("docker", ["--host", engine, "exec", container, PROGRAM, "find", value]);
    results.set(id, code === 0 ? "found" : "missing");
    if (code === 0) say.good(`${id} holds what was planted in it`);
    else say.bad(`${id} does not hold ${value}: ${(stdout + stderr).trim().slice(-300)}`);
  }
  return results;
}
