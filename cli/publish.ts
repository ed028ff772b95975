import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Inventory } from "../association/index.ts";
import { engineOf } from "./recovery/agent.ts";
import { run } from "./run.ts";
import { lookoutOf } from "./upgrade/soak.ts";

/**
 * Puts a report where the lookout reads it: a file in its own volume. The lookout has no way to the engine, and needs none.
 * Written beside and renamed, so that it never reads half of one.
 *
 * @returns why it could not be, in words; undefined where it is there now
 */
export async function publish(inventory: Inventory, name: string, content: unknown): Promise<string | undefined> {
  const lookout = lookoutOf(inventory, engineOf);
  const folder = lookout?.service.volumes.data?.path;
  if (lookout === undefined || folder === undefined) return "there is no lookout to show it";
  const own = mkdtempSync(join(tmpdir(), "vigie-report-"));
  try {
    const file = join(own, `${name}.json.new`);
    writeFileSync(file, `${JSON.stringify(content)}\n`, { mode: 0o644 });
    const at = (end: string): string => `${folder}/report-${name}.json${end}`;
    const copied = await run("docker", ["--host", lookout.engine, "cp", file, `${lookout.container}:${at(".new")}`]);
    if (copied.code !== 0) return `the lookout did not take it: ${copied.stderr.trim()}`;
    // By its own user, who thereby can replace it; a link or folder of that name is not followed.
    const renamed = await run("docker", [
      "--host",
      lookout.engine,
      "exec",
      lookout.container,
      "mv",
      "-fT",
      at(".new"),
      at(""),
    ]);
    return renamed.code === 0 ? undefined : `the lookout did not take it: ${renamed.stderr.trim()}`;
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}
