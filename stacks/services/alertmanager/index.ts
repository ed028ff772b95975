import { alertmanagerConfig } from "../../../dashboards/alertmanager/config.ts";
import { ALERTS_TOKEN, ALERTS_TOKEN_FILE, settingsSecrets, smtpOf } from "../../alerts.ts";
import { secretsFor } from "../../check-secrets.ts";
import { ServiceComponent } from "../../component.ts";
import type { DeployedService, StackContext } from "../../context.ts";
import type { Settings } from "./kind.ts";

/** Alertmanager, routing to roles. */
export default class Alertmanager extends ServiceComponent {
  constructor(service: DeployedService, context: StackContext) {
    super(service, context);
    const { inventory, secrets } = context;
    const settings = service.delivery.settings as Settings;
    const smtp = smtpOf(settings);
    const config = alertmanagerConfig(inventory, {
      ...(smtp === undefined ? {} : { smtp }),
      tokenFile: ALERTS_TOKEN_FILE,
    });
    const named = secretsFor("the settings of alertmanager", settingsSecrets(settings, "smtp"), secrets);
    this.container(this.image(), {
      memoryMb: 96,
      files: {
        "alertmanager.yml": JSON.stringify(config, null, 1),
        "secrets/alerts-token": secrets.token(ALERTS_TOKEN),
        ...Object.fromEntries(Object.entries(named).map(([path, value]) => [`secrets/${path}`, value])),
      },
    });
    this.registerOutputs({});
  }
}
