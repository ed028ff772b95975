import { backupServices, REPOSITORY_KEY, restPassword } from "../../backups.ts";
import { ServiceComponent } from "../../component.ts";
import type { DeployedService, StackContext } from "../../context.ts";
import type { BackupSettings } from "../backup/kind.ts";
import { retentionConfig } from "./config.ts";

/** rest-server, append-only; snapshots past their retention are removed on its own side, where nobody else can ask for it. */
export default class BackupRepository extends ServiceComponent {
  constructor(service: DeployedService, context: StackContext) {
    super(service, context);
    const { inventory, secrets } = context;
    const writers = backupServices(context).filter(({ delivery }) => {
      const { repository, copies } = delivery.settings as BackupSettings;
      return [repository, ...Object.values(copies).map((copy) => copy.repository)].includes(service.id);
    });
    this.container(this.image(), {
      memoryMb: 384,
      files: {
        "credentials.json": JSON.stringify(
          writers.map(({ id }) => ({ user: id, passwordFile: `/etc/vigie/secrets/${id}` })),
          null,
          2,
        ),
        "retention.json": JSON.stringify(retentionConfig(writers, inventory), null, 2),
        "secrets/repository-password": secrets.token(REPOSITORY_KEY),
        ...Object.fromEntries(writers.map(({ id }) => [`secrets/${id}`, secrets.token(restPassword(id))])),
      },
    });
    this.registerOutputs({});
  }
}
