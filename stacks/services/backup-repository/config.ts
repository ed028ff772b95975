import type { Inventory } from "../../../association/index.ts";
import type { DeployedService } from "../../context.ts";
import { coveredVolumes } from "../backup/config.ts";

/** After the night's snapshots, and before anybody is at work. */
const AT = "05:00";

/** How many snapshots of each volume are kept; what the image's `vigie-retention` reads. */
export function retentionConfig(writers: readonly DeployedService[], inventory: Inventory) {
  return {
    at: AT,
    timeZone: inventory.association.timeZone,
    repositories: writers.map((writer) => ({
      path: writer.id,
      passwordFile: "/etc/vigie/secrets/repository-password",
      policies: coveredVolumes(writer.delivery.host, inventory).map(({ service, volume, backup }) => ({
        service,
        volume,
        ...backup.keep,
      })),
    })),
  };
}
