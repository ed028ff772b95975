import { endpointFrom, type InventoryService } from "../association/index.ts";
import type { DeployedService, StackContext } from "./context.ts";
import { deployedServices } from "./context.ts";

/** Purposes of the secrets that protect snapshots: see `Secrets`. */
export const REPOSITORY_KEY = "restic/repository";
/** What the lookout and one backup service know each other by. */
export const reportKey = (backup: string): string => `backup/report/${backup}`;
export const restPassword = (user: string): string => `restic/rest/${user}`;

/** Who writes to and reads from the repository: the backup services, and the lookout that verifies them. */
export const restUsers = (services: readonly DeployedService[]): string[] =>
  services.filter(({ provides }) => provides.includes("backup")).map(({ id }) => id);

/** Where the snapshots of one backup service are, seen from a host: restic's `rest:` URL without its password. */
export function repositoryUrl(
  backup: DeployedService,
  from: string,
  { inventory }: Pick<StackContext, "inventory">,
  /** Which of its repositories; the first when left out. */
  repository = (backup.delivery.settings as { repository: string }).repository,
): string {
  const server: InventoryService = inventory.services[repository]!;
  const address = endpointFrom(from, server, "rest", inventory.hosts);
  if (address === undefined) {
    throw new Error(`services.${repository}.delivery.publish: \`rest\` must be opened for host ${from} to reach it`);
  }
  return `rest:http://${address.host}:${address.port}/${backup.id}/`;
}

/** The backup services of the stack. */
export const backupServices = ({ inventory }: Pick<StackContext, "inventory">): DeployedService[] =>
  deployedServices(inventory).filter(({ provides }) => provides.includes("backup"));
