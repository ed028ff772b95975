import type { Inventory, InventoryService } from "../association/index.ts";

/** A service that we run. */
export type DeployedService = InventoryService & {
  delivery: { by: "us"; host: string; kind: string; settings?: unknown };
};

/** The services that the stack deploys, in the order of their names. */
export const deployedServices = (inventory: Inventory): DeployedService[] =>
  Object.values(inventory.services).filter((service): service is DeployedService => service.delivery.by === "us");
