import { ServiceComponent } from "../../component.ts";
import type { DeployedService, StackContext } from "../../context.ts";
import { EXPORTER_IMAGE } from "../exporter/config.ts";
import { NOBODY, vantageConfig, vantageInventory, vantageKey } from "./config.ts";

/** The exporter's program, which there only tells what it sees. */
export default class Vantage extends ServiceComponent {
  constructor(service: DeployedService, context: StackContext) {
    super(service, context);
    this.container(this.image("exporter", EXPORTER_IMAGE), {
      memoryMb: 256,
      tmpfs: { "/tmp": 64 },
      files: {
        "inventory.json": JSON.stringify(vantageInventory(service, context), null, 1),
        "people.json": JSON.stringify(NOBODY),
        "exporter.json": JSON.stringify(vantageConfig(service, context), null, 1),
        [`secrets/vantage-${service.id}`]: context.secrets.token(vantageKey(service.id)),
      },
    });
    this.registerOutputs({});
  }
}
