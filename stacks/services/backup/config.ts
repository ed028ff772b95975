import type { Inventory } from "../../../association/index.ts";
import { repositoryUrl } from "../../backups.ts";
import { type DeployedService, deployedServices } from "../../context.ts";
import type { BackupSettings } from "./kind.ts";

/** Every volume of a host that some policy covers, by volume name, with where the backup service sees it. */
export function coveredVolumes(host: string, inventory: Inventory) {
  return deployedServices(inventory)
    .filter(({ delivery }) => delivery.host === host)
    .flatMap(({ id, backup, volumes }) =>
      "none" in backup
        ? []
        : Object.entries(volumes)
            .filter(([, volume]) => volume.backup)
            .map(([key, volume]) => ({
              id: `${id}-${key}`,
              service: id,
              volume: key,
              name: volume.name,
              path: `/data/${volume.name}`,
              backup,
            })),
    );
}

/** What the image's agent reads. */
export function backupConfig(service: DeployedService, inventory: Inventory) {
  const { host } = service.delivery;
  const { verify, limit, bandwidth, quietHours } = service.delivery.settings as BackupSettings;
  const { timeZone } = inventory.association;
  return {
    host,
    repository: repositoryUrl(service, host, { inventory }).replace("rest:http://", `rest:http://${service.id}@`),
    limitSeconds: limit,
    verify: { everySeconds: verify.every, readAllWithinSeconds: verify.readAllWithin },
    bandwidth,
    ...(quietHours ? { quietHours: { ...quietHours, timeZone } } : {}),
    report: { port: service.ports.report!.container, keyFile: "/etc/vigie/secrets/report-key" },
    jobs: coveredVolumes(host, inventory).map(({ id, service: owner, volume, path, backup }) => ({
      id,
      service: owner,
      volume,
      path,
      schedule: backup.schedule,
      timeZone,
      excludes: [],
    })),
  };
}
