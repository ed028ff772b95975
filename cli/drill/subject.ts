import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { readInventory } from "../declared.ts";
import { operate } from "../operate.ts";
import { ROOT } from "../places.ts";
import type { Escrow } from "../recovery/escrow.ts";
import { Refusal } from "../refusal.ts";
import { run } from "../run.ts";
import { say } from "../say.ts";
import { forgetSettings } from "../settings.ts";
import type { OpenStack } from "../stack.ts";
import type { Copy } from "./repository.ts";
import { forgetState } from "./state.ts";

/** The declaration that the lost stack was made from; the project's own where it named none. */
export function declarationOf({ config }: Escrow): string {
  const own = (parse(config) as { config?: Record<string, unknown> } | null)?.config?.["vigie:declaration"];
  const project = parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")) as {
    config: Record<string, { default?: unknown }>;
  };
  return String(own ?? project.config["vigie:declaration"]?.default);
}

/** Where the copy goes: the volume of the repository that the rebuilt backup service will read. */
export function placeOfCopy({ services }: Awaited<ReturnType<typeof readInventory>>): Pick<Copy, "volume" | "path"> {
  const backups = Object.values(services).filter(({ provides }) => provides.includes("backup"));
  const [backup] = backups;
  const settings = backup?.delivery.by === "us" ? (backup.delivery.settings as { repository: string }) : undefined;
  const volume = settings && services[settings.repository]?.volumes.data?.name;
  if (backups.length !== 1 || volume === undefined)
    throw new Refusal({ what: "The declaration has no backup service, or several", fix: "A drill rebuilds one" });
  return { volume, path: backup!.id };
}

/** The secrets of the lost stack, and nothing else of it: other ports, own certificates, data that may be removed. */
export async function configure(
  { stack }: OpenStack,
  escrow: Escrow,
  declaration: string,
  portOffset: number,
): Promise<void> {
  await stack.setAllConfig({
    "vigie:rootSecret": { value: escrow.rootSecret, secret: true },
    "vigie:declaration": { value: declaration },
    "vigie:portOffset": { value: String(portOffset) },
    "vigie:certificates": { value: "internal" },
    "vigie:protectData": { value: "false" },
    "vigie:ordered": { value: "true" },
  });
}

/** Everything that the rebuild made, gone. */
export async function cleanUp(
  open: OpenStack,
  inventory: Awaited<ReturnType<typeof readInventory>>,
  engine: string,
): Promise<void> {
  say.step("Removing the rebuilt copy");
  const { name } = open.stack;
  await operate(open, (handles) => open.stack.destroy(handles));
  await open.stack.workspace.removeStack(name);
  forgetSettings(name);
  // Those that were made before the stack, and never became its own.
  const volumes = Object.values(inventory.services).flatMap((service) =>
    Object.values(service.volumes).map((volume) => volume.name),
  );
  await run("docker", ["--host", engine, "volume", "rm", "--force", ...volumes]);
  forgetState(name);
}
