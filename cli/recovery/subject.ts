import type { Backup, Host, Inventory, InventoryService } from "../../association/index.ts";
import { suggestion } from "../command.ts";
import { type Problem, Refusal } from "../refusal.ts";

/** A volume that is saved, and the agent's job that saves it. */
export interface SavedVolume {
  /** The agent's name for it: `wiki-data`. */
  readonly job: string;
  /** The name that the service's kind gives the volume. */
  readonly key: string;
  /** Its name on the engine. */
  readonly name: string;
  /** Where the service sees it. */
  readonly path: string;
}

/** A service whose data is saved, with who saves it. */
export interface Saved {
  readonly service: InventoryService;
  readonly backup: Backup;
  readonly host: Host;
  /** Container of the backup agent on its host. */
  readonly agent: string;
  readonly volumes: readonly SavedVolume[];
}

/** Every service whose data is saved. Pure. */
export const savedServices = (inventory: Inventory): Saved[] =>
  Object.values(inventory.services).flatMap((service) => {
    const saved = describe(service, inventory);
    return "what" in saved ? [] : [saved];
  });

/** The service of that name. @throws {Refusal} where there is none, or nothing of it is saved; says why */
export function savedService(name: string, inventory: Inventory): Saved {
  const service = Object.hasOwn(inventory.services, name) ? inventory.services[name] : undefined;
  const known = savedServices(inventory).map((saved) => saved.service.id);
  if (service === undefined)
    throw new Refusal({
      what: `There is no service "${name}"${suggestion(name, Object.keys(inventory.services))}`,
      fix: `Services whose data is saved: ${known.join(", ")}`,
    });
  const saved = describe(service, inventory);
  if ("what" in saved) throw new Refusal(saved);
  return saved;
}

function describe(service: InventoryService, inventory: Inventory): Saved | Problem {
  const { id, delivery, backup } = service;
  if (delivery.by !== "us")
    return {
      what: `We do not run ${id}: ${delivery.by === "supplier" ? `its data is with ${delivery.supplier}` : "it is a project"}`,
      fix: 'Snapshots are taken of services with `delivery: { by: "us" }`',
    };
  if ("none" in backup)
    return {
      what: `${id} is not backed up: ${backup.none}`,
      fix: `If that is no longer right, give it a policy in the declaration: services.${id}.backup`,
    };
  const agent = Object.values(inventory.services).find(
    (other) => other.provides.includes("backup") && other.delivery.by === "us" && other.delivery.host === delivery.host,
  );
  if (agent?.container === undefined)
    return {
      what: `Nobody takes snapshots on ${delivery.host}, where ${id} runs`,
      fix: `Declare a service of kind backup on that host`,
    };
  const volumes = Object.entries(service.volumes)
    .filter(([, volume]) => volume.backup)
    .map(([key, { name, path }]) => ({ job: `${id}-${key}`, key, name, path }));
  return { service, backup, host: inventory.hosts[delivery.host]!, agent: agent.container, volumes };
}
