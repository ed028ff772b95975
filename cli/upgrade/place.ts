import type { Inventory, InventoryService } from "../../association/index.ts";
import { suggestion } from "../command.ts";
import { engineOf } from "../recovery/agent.ts";
import { type Saved, savedService } from "../recovery/subject.ts";
import { Refusal } from "../refusal.ts";

/** A service of ours, where it runs, and who keeps its data. */
export interface Place {
  readonly inventory: Inventory;
  readonly service: InventoryService;
  readonly engine: string;
  readonly container: string;
  /** Undefined where nothing of it is saved. */
  readonly saved: Saved | undefined;
}

export function placeOf(name: string, inventory: Inventory): Place {
  const { services, hosts } = inventory;
  const service = Object.hasOwn(services, name) ? services[name] : undefined;
  const ours = Object.values(services).filter(({ delivery }) => delivery.by === "us");
  if (service === undefined)
    throw new Refusal({
      what: `There is no service "${name}"${suggestion(name, Object.keys(services))}`,
      fix: `Services that we run: ${ours.map(({ id }) => id).join(", ")}`,
    });
  if (service.delivery.by !== "us" || service.container === undefined)
    throw new Refusal({
      what: `We do not run ${name}: there is nothing for us to upgrade`,
      fix: `Services that we run: ${ours.map(({ id }) => id).join(", ")}`,
    });
  const saved = "none" in service.backup ? undefined : savedService(name, inventory);
  return {
    inventory,
    service,
    engine: engineOf(hosts[service.delivery.host]!.engine),
    container: service.container,
    saved: saved && saved.volumes.length > 0 ? saved : undefined,
  };
}
