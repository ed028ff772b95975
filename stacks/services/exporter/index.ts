import * as pulumi from "@pulumi/pulumi";
import { ALERTS_TOKEN, alertSecrets } from "../../alerts.ts";
import { backupServices, REPOSITORY_KEY, reportKey, restPassword } from "../../backups.ts";
import { checkSecrets, secretsFor } from "../../check-secrets.ts";
import { ServiceComponent } from "../../component.ts";
import { type DeployedService, deployedServices, type StackContext } from "../../context.ts";
import { gateToken } from "../gate/index.ts";
import { PROOF } from "../proxy/caddyfile.ts";
import { vantageKey } from "../vantage/key.ts";
import { EXPORTER_IMAGE, exporterConfig, vantages, watchedInventory } from "./config.ts";

/** The lookout. */
export default class Exporter extends ServiceComponent {
  constructor(service: DeployedService, context: StackContext) {
    super(service, context);
    const { inventory, people, secrets } = context;
    const gates = deployedServices(inventory).filter(({ provides }) => provides.includes("engine-state"));
    this.container(this.image("exporter", EXPORTER_IMAGE), {
      memoryMb: 384,
      tmpfs: { "/tmp": 64 },
      files: {
        "inventory.json": JSON.stringify(watchedInventory(inventory), null, 1),
        "people.json": pulumi.secret(JSON.stringify(people, null, 1)),
        "exporter.json": JSON.stringify(exporterConfig(service, context), null, 1),
        ...Object.fromEntries(
          Object.entries({
            ...checkSecrets(inventory, secrets),
            ...secretsFor("the settings of alerts", alertSecrets(service, context, "smtp", "deadman"), secrets),
          }).map(([path, value]) => [`secrets/${path}`, value]),
        ),
        "secrets/alerts-token": secrets.token(ALERTS_TOKEN),
        "secrets/proof": secrets.token(PROOF),
        "secrets/repository-password": secrets.token(REPOSITORY_KEY),
        ...Object.fromEntries(
          backupServices(context).flatMap(({ id }) => [
            [`secrets/rest-${id}`, secrets.token(restPassword(id))],
            [`secrets/report-${id}`, secrets.token(reportKey(id))],
          ]),
        ),
        ...Object.fromEntries(
          vantages(inventory).map(({ id }) => [`secrets/vantage-${id}`, secrets.token(vantageKey(id))]),
        ),
        ...Object.fromEntries(
          gates.map(({ delivery }) => [`secrets/gate-${delivery.host}`, secrets.token(gateToken(delivery.host))]),
        ),
      },
    });
    this.registerOutputs({});
  }
}
