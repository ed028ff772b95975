import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Inventory } from "../../association/index.ts";
import { readDeclared, readSettings } from "../declared.ts";
import { LOCAL } from "../places.ts";
import { run } from "../run.ts";
import { say } from "../say.ts";
import { keptSettings } from "../settings.ts";
import type { OpenStack } from "../stack.ts";
import { engineOf } from "./agent.ts";
import { copyBeside } from "./beside-snapshots.ts";
import { type Escrow, recoveryKeys, seal } from "./escrow.ts";

/** Where a stack's escrow is kept in this checkout. */
export const escrowFile = (stack: string): string => join(LOCAL, `escrow-${stack}.age`);

/** The copy's name beside the snapshots. */
const ESCROW = "escrow.age";

/**
 * Seals what a rebuild needs, and puts a copy beside the snapshots, so that a copy of the repository and one key are enough.
 * Without keys nothing is sealed, and that is said.
 *
 * @returns whether there is an escrow now
 */
export async function keepEscrow(open: Pick<OpenStack, "stack" | "workspace">): Promise<boolean> {
  const stack = open.stack.name;
  const { inventory, people } = await readDeclared(stack, readSettings(stack));
  const keys = recoveryKeys(people);
  const holders = Object.keys(keys);
  if (holders.length === 0) {
    say.warn(
      "No holder declares a recovery key: if this machine is lost, so are the backups. npm run escrow -- --help tells more",
    );
    return false;
  }
  const file = escrowFile(stack);
  const sealed = await seal({ ...(await contents(open)), images: await imagesOf(inventory) }, keys);
  writeFileSync(`${file}.new`, sealed, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  const copies = await copyBeside(file, ESCROW, "The escrow", inventory);
  say.good(`Escrow sealed for ${holders.join(", ")}; copied to ${copies.join(", ") || "no repository"}`);
  return true;
}

async function contents({ stack, workspace }: Pick<OpenStack, "stack" | "workspace">): Promise<Escrow> {
  const root = await stack.getConfig("vigie:rootSecret");
  const file = process.env.PULUMI_CONFIG_PASSPHRASE_FILE ?? workspace.env.PULUMI_CONFIG_PASSPHRASE_FILE;
  const passphrase = process.env.PULUMI_CONFIG_PASSPHRASE ?? (file && readFileSync(file, "utf8").trim());
  return {
    version: 1,
    stack: stack.name,
    made: new Date().toISOString(),
    rootSecret: root.value,
    ...(passphrase ? { passphrase } : {}),
    state: JSON.stringify((await stack.exportStack()).deployment),
    config: readFileSync(keptSettings(stack.name), "utf8"),
  };
}

/** The image of every container that is there, by container. */
async function imagesOf({ services, hosts }: Inventory): Promise<NonNullable<Escrow["images"]>> {
  const images: NonNullable<Escrow["images"]> = {};
  for (const { container, delivery } of Object.values(services)) {
    if (delivery.by !== "us" || container === undefined) continue;
    const { code, stdout } = await run("docker", [
      ...["--host", engineOf(hosts[delivery.host]!.engine), "container", "inspect"],
      ...["--format", "{{.Config.Image}} {{.Image}}", container],
    ]);
    const [name, id] = stdout.trim().split(" ");
    if (code === 0 && name && id) images[container] = { name, id };
  }
  return images;
}
