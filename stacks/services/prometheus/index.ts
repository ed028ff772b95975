import { prometheusConfig } from "../../../dashboards/prometheus/config.ts";
import { ruleFile } from "../../../dashboards/prometheus/rules.ts";
import { ServiceComponent } from "../../component.ts";
import type { DeployedService, StackContext } from "../../context.ts";

/** Prometheus, with the rules that follow from the inventory. */
export default class Prometheus extends ServiceComponent {
  constructor(service: DeployedService, context: StackContext) {
    super(service, context);
    const { inventory } = context;
    const { retention } = service.delivery.settings as { retention: number };
    this.container(this.image(), {
      memoryMb: 320,
      cpus: 1,
      files: {
        // JSON is YAML.
        "prometheus.yml": JSON.stringify(prometheusConfig(inventory), null, 1),
        "rules/vigie.yml": JSON.stringify(ruleFile(inventory), null, 1),
        flags: `--storage.tsdb.retention.time=${retention}s\n`,
      },
    });
    this.registerOutputs({});
  }
}
