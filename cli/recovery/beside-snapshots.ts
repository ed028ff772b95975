import type { Inventory } from "../../association/index.ts";
import { run } from "../run.ts";
import { say } from "../say.ts";
import { engineOf } from "./agent.ts";

/** Where repositories keep what is not theirs: out of reach of those who write to them, and in every copy of them. */
export const BESIDE = "/var/lib/restic";

/**
 * Puts a file beside the snapshots of every repository of ours.
 * @param what for words, such as "The escrow"
 * @returns the repositories that have it now; one that cannot be reached is told, for the others are enough
 */
export async function copyBeside(
  file: string,
  name: string,
  what: string,
  { services, hosts }: Inventory,
): Promise<string[]> {
  const copies: string[] = [];
  for (const { id, provides, delivery, container } of Object.values(services)) {
    if (!provides.includes("backup-repository") || delivery.by !== "us" || container === undefined) continue;
    const engine = engineOf(hosts[delivery.host]!.engine);
    const to = `${container}:${BESIDE}/${name}`;
    const { code, stderr } = await run("docker", ["--host", engine, "cp", "--quiet", file, to]);
    if (code === 0) copies.push(id);
    else say.warn(`${what} could not be copied to ${id}: ${stderr.trim()}`);
  }
  return copies;
}
