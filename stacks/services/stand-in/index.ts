import { ServiceComponent } from "../../component.ts";
import type { DeployedService, StackContext } from "../../context.ts";
import { standInCaddyfile } from "./caddyfile.ts";

/** The proxy's image with another configuration. */
export default class StandIn extends ServiceComponent {
  constructor(service: DeployedService, context: StackContext) {
    super(service, context);
    this.container(this.image("proxy"), { memoryMb: 64, files: { Caddyfile: standInCaddyfile(service) } });
    this.registerOutputs({});
  }
}
