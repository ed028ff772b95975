import type * as docker from "@pulumi/docker";
import type { Inventory, People } from "../association/index.ts";
import type { Certificates } from "./config.ts";
import type { Edition } from "./edition.ts";
import type { HostResources } from "./hosts.ts";
import type { Secrets } from "./secrets.ts";

export { type DeployedService, deployedServices } from "./deployed.ts";

/** What every service's component is given. */
export interface StackContext {
  readonly inventory: Inventory;
  readonly people: People;
  readonly secrets: Secrets;
  readonly certificates: Certificates;
  /** Which edition of its image a service runs, where not the plain one; by service. */
  readonly images: Readonly<Record<string, Edition>>;
  /** Whether containers wait for those of the services that theirs depends on. */
  readonly ordered: boolean;
  /** Components made so far, by service: those that a service depends on come before it. */
  readonly made: ReadonlyMap<string, { readonly containers: readonly { readonly container: docker.Container }[] }>;
  /** Engines, with their networks, by host. */
  readonly hosts: Readonly<Record<string, HostResources>>;
  /** Every volume of every service, by the volume's name: backups mount those of others. */
  readonly volumes: Readonly<Record<string, docker.Volume>>;
}
