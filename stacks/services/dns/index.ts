import { ServiceComponent } from "../../component.ts";
import type { DeployedService, StackContext } from "../../context.ts";
import { keysVolume, transfers, zoneFiles } from "./config.ts";

/** NSD, with the zones that the declaration implies. */
export default class NameServer extends ServiceComponent {
  constructor(service: DeployedService, context: StackContext) {
    super(service, context);
    this.container(this.image(), {
      memoryMb: 64,
      reads: keysVolume(service, context.inventory),
      files: { ...zoneFiles(service, context.inventory), ...transfers(service) },
    });
    this.registerOutputs({});
  }
}
