import { alertSecrets } from "../../alerts.ts";
import { checkSecrets, secretsFor } from "../../check-secrets.ts";
import { ServiceComponent } from "../../component.ts";
import type { DeployedService, StackContext } from "../../context.ts";
import { EXPORTER_IMAGE } from "../exporter/config.ts";
import { NOBODY, ownerOf, vantageConfig, vantageInventory } from "./config.ts";
import { vantageKey } from "./key.ts";

/** The exporter's program, which there only tells what it sees. */
export default class Vantage extends ServiceComponent {
  constructor(service: DeployedService, context: StackContext) {
    super(service, context);
    const { inventory, secrets } = context;
    const owner = ownerOf(inventory);
    const roles = Object.fromEntries(Object.entries(inventory.roles).filter(([id]) => id === owner));
    const named = {
      ...checkSecrets({ checks: {}, roles }, secrets),
      ...secretsFor("the settings of alerts", alertSecrets(service, context, "smtp"), secrets),
    };
    this.container(this.image("exporter", EXPORTER_IMAGE), {
      memoryMb: 256,
      tmpfs: { "/tmp": 64 },
      files: {
        "inventory.json": JSON.stringify(vantageInventory(service, context), null, 1),
        "people.json": JSON.stringify(NOBODY),
        "exporter.json": JSON.stringify(vantageConfig(service, context), null, 1),
        [`secrets/vantage-${service.id}`]: secrets.token(vantageKey(service.id)),
        ...Object.fromEntries(Object.entries(named).map(([path, value]) => [`secrets/${path}`, value])),
      },
    });
    this.registerOutputs({});
  }
}
