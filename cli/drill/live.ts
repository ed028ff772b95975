import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Inventory } from "../../association/index.ts";
import { LOCAL } from "../places.ts";
import { CANARIES } from "../prove/known.ts";
import { engineOf } from "../recovery/agent.ts";
import { Refusal } from "../refusal.ts";
import { run } from "../run.ts";
import { say } from "../say.ts";

/**
 * What of a repository is copied, in this order: a snapshot that is listed when its turn comes has everything it names copied after
 * it, for restic writes data first, then the index, then the snapshot. A backup at work meanwhile is no harm.
 */
export const COPY_ORDER = ["snapshots", "index", "keys", "config", "data"] as const;

/**
 * Takes a copy of a stack's repository while it is in use, reading and nothing else.
 * @returns the folder, to be removed afterwards
 */
export async function copyLive({ services, hosts }: Inventory, name: string): Promise<string> {
  const backup = Object.values(services).find(({ provides }) => provides.includes("backup"));
  const settings = backup?.delivery.by === "us" ? (backup.delivery.settings as { repository: string }) : undefined;
  const repository = settings === undefined ? undefined : services[settings.repository];
  const folder = repository?.volumes.data?.path;
  if (backup === undefined || repository?.delivery.by !== "us" || folder === undefined)
    throw new Refusal({ what: "The declaration has no backup service", fix: "Name a copy by --repository FOLDER" });
  const engine = engineOf(hosts[repository.delivery.host]!.engine);
  const into = join(LOCAL, `copy-${name}`);
  rmSync(into, { recursive: true, force: true });
  mkdirSync(join(into, backup.id), { recursive: true, mode: 0o700 });
  say.step(`Copying the backup repository of ${repository.container}`);
  const paths = ["escrow.age", ...COPY_ORDER.map((part) => `${backup.id}/${part}`)];
  for (const path of paths) {
    const from = `${repository.container}:${folder}/${path}`;
    const { code, stderr } = await run("docker", ["--host", engine, "cp", from, join(into, path)]);
    if (code === 0) continue;
    rmSync(into, { recursive: true, force: true });
    throw new Refusal({
      what: `${path} cannot be copied from ${repository.container}: ${stderr.trim()}`,
      fix: path === "escrow.age" ? "npm run escrow   seals it, once holders declare recovery keys" : "npm run up",
    });
  }
  // Absent until restores are proven; the drill then says that nothing was planted.
  await run("docker", [
    ...["--host", engine, "cp"],
    `${repository.container}:${folder}/${CANARIES}`,
    join(into, CANARIES),
  ]);
  return into;
}
