import { REPOSITORY_KEY, reportKey, restPassword } from "../../backups.ts";
import { secretsFor } from "../../check-secrets.ts";
import { ServiceComponent } from "../../component.ts";
import type { DeployedService, StackContext } from "../../context.ts";
import { AGENT_IMAGE, backupConfig, coveredVolumes, hookVolumes } from "./config.ts";
import { destinationSecrets } from "./destinations.ts";
import type { BackupSettings } from "./kind.ts";

/** restic beside the volumes of one host, which it sees read-only. */
export default class Backup extends ServiceComponent {
  constructor(service: DeployedService, context: StackContext) {
    super(service, context);
    const { inventory, secrets } = context;
    const { copies } = service.delivery.settings as BackupSettings;
    const needed = Object.values(copies).flatMap(destinationSecrets);
    this.container(this.image("backup", AGENT_IMAGE), {
      memoryMb: 512,
      // Files belong to many users: it may read all of them, and nothing more.
      capabilities: ["CAP_DAC_READ_SEARCH"],
      reads: Object.fromEntries(coveredVolumes(service.delivery.host, inventory).map(({ name, path }) => [name, path])),
      writes: Object.fromEntries(
        Object.values(hookVolumes(service.delivery.host, inventory)).map(({ name, path }) => [name, path]),
      ),
      files: {
        "backup.json": JSON.stringify(backupConfig(service, inventory), null, 2),
        "secrets/repository-password": secrets.token(REPOSITORY_KEY),
        "secrets/report-key": secrets.token(reportKey(service.id)),
        "secrets/rest-password": secrets.token(restPassword(service.id)),
        ...Object.fromEntries(
          Object.entries(secretsFor(`the copies of ${service.id}`, needed, secrets)).map(([path, value]) => [
            `secrets/${path}`,
            value,
          ]),
        ),
      },
    });
    this.registerOutputs({});
  }
}
