import type * as docker from "@pulumi/docker";
import type { Inventory, InventoryService, People } from "../association/index.ts";
import type { Certificates } from "./config.ts";
import type { HostResources } from "./hosts.ts";
import type { Secrets } from "./secrets.ts";

/** What every service's component is given. */
export interface StackContext {
  readonly inventory: Inventory;
  readonly people: People;
  readonly secrets: Secrets;
  readonly certificates: Certificates;
  /** Engines, with their networks, by host. */
  readonly hosts: Readonly<Record<string, HostResources>>;
  /** Every volume of every service, by the volume's name: backups mount those of others. */
  readonly volumes: Readonly<Record<string, docker.Volume>>;
}

/** A service that we run. */
export type DeployedService = InventoryService & {
  delivery: { by: "us"; host: string; kind: string; settings?: unknown };
};

/** The services that the stack deploys, in the order of their names. */
export const deployedServices = (inventory: Inventory): DeployedService[] =>
  Object.values(inventory.services).filter((service): service is DeployedService => service.delivery.by === "us");
