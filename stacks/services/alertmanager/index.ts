import { alertmanagerConfig } from "../../../dashboards/alertmanager/config.ts";
import { ALERTS_TOKEN, ALERTS_TOKEN_FILE, alertSecrets, authorityAt, smtpOf } from "../../alerts.ts";
import { secretsFor } from "../../check-secrets.ts";
import { ServiceComponent } from "../../component.ts";
import type { DeployedService, StackContext } from "../../context.ts";

/** Where the image puts our own authority's certificate: see its `start`. */
const AUTHORITY_FILE = "/tmp/authority.crt";

/** Alertmanager, routing to roles. */
export default class Alertmanager extends ServiceComponent {
  constructor(service: DeployedService, context: StackContext) {
    super(service, context);
    const { inventory, secrets } = context;
    const smtp = smtpOf(service, context);
    // Only our own server has a certificate of our own authority's.
    const authority = smtp?.serverName === undefined ? undefined : authorityAt(service.delivery.host, context);
    const config = alertmanagerConfig(inventory, {
      ...(smtp === undefined ? {} : { smtp: { ...smtp, ...(authority ? { caFile: AUTHORITY_FILE } : {}) } }),
      tokenFile: ALERTS_TOKEN_FILE,
    });
    const named = secretsFor("the settings of alertmanager", alertSecrets(service, context, "smtp"), secrets);
    this.container(this.image(), {
      memoryMb: 96,
      files: {
        "alertmanager.yml": JSON.stringify(config, null, 1),
        ...(authority === undefined ? {} : { authority }),
        "secrets/alerts-token": secrets.token(ALERTS_TOKEN),
        ...Object.fromEntries(Object.entries(named).map(([path, value]) => [`secrets/${path}`, value])),
      },
    });
    this.registerOutputs({});
  }
}
