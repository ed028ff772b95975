import { alertmanagerConfig } from "../../../dashboards/alertmanager/config.ts";
import { ServiceComponent } from "../../component.ts";
import type { DeployedService, StackContext } from "../../context.ts";

/** Alertmanager, routing to roles. */
export default class Alertmanager extends ServiceComponent {
  constructor(service: DeployedService, context: StackContext) {
    super(service, context);
    this.container(this.image(), {
      memoryMb: 96,
      files: { "alertmanager.yml": JSON.stringify(alertmanagerConfig(context.inventory), null, 1) },
    });
    this.registerOutputs({});
  }
}
