import { endpointFrom, type Inventory, type InventoryService, provider } from "../../association/index.ts";
import { JOBS } from "./rule.ts";

export interface PrometheusOptions {
  /** Where the rule files are in the container. */
  readonly ruleFiles?: readonly string[];
}

/** How often metrics are read and rules evaluated: an outage is told within seconds of the check that found it. */
const PACE = "15s";

/**
 * Prometheus's own configuration: what it scrapes, where its rules are and who routes its alerts. The object is a
 * configuration file once written as JSON, which is YAML.
 *
 * @throws Error where Prometheus has no way to a service it needs, naming the port to publish.
 */
export function prometheusConfig(
  inventory: Inventory,
  { ruleFiles = ["/etc/vigie/rules/*.yml"] }: PrometheusOptions = {},
): object {
  const metrics = provider("metrics", inventory.services);
  const lookout = provider("lookout", inventory.services);
  const alerts = provider("alerts", inventory.services);
  const router = alerts && reach(inventory, metrics, alerts);
  const job = (name: string, target: string) => ({ job_name: name, static_configs: [{ targets: [target] }] });
  return {
    global: {
      scrape_interval: PACE,
      evaluation_interval: PACE,
      external_labels: { association: inventory.association.id },
    },
    rule_files: ruleFiles,
    ...(router ? { alerting: { alertmanagers: [{ static_configs: [{ targets: [router] }] }] } } : {}),
    scrape_configs: [
      ...(lookout ? [job(JOBS.lookout, reach(inventory, metrics, lookout))] : []),
      ...(metrics ? [job(JOBS.metrics, `localhost:${metrics.ports.http?.container ?? PORT}`)] : []),
      ...(router ? [job(JOBS.alerts, router)] : []),
    ],
  };
}

const PORT = 9090;

/** `host:port` of a service's web port, from where another one runs. */
export function reach(inventory: Inventory, from: InventoryService | undefined, to: InventoryService): string {
  const host = from?.delivery.by === "us" ? from.delivery.host : undefined;
  const endpoint = endpointFrom(host, to, "http", inventory.hosts);
  if (endpoint === undefined) {
    throw new Error(
      `services.${to.id}.delivery.publish.http: found nothing; expected a port, for ${from?.id ?? "others"} to reach it from another host`,
    );
  }
  return endpoint.host.includes(":") ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`;
}
