import type { Inventory } from "../../association/index.ts";
import { ancestorsOf } from "../dependencies.ts";

/** A rule by which one alert silences others (prometheus.io/docs/alerting/latest/configuration, "inhibit_rule"). */
export interface InhibitRule {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
  readonly equal?: readonly string[];
}

const OUTAGE = ['alertname=~"CheckFailing|ContainerUnhealthy"', 'severity="page"'];

/**
 * What follows from something else is not announced beside it. That ends with its source: what would be told as an echo then (a service's
 * checks after its container, its budget after an outage) is held back by the rules themselves.
 */
export function inhibitRules(inventory: Inventory): InhibitRule[] {
  return [
    // Without the lookout there is nothing to say about its checks.
    {
      source_matchers: ['alertname="LookoutDown"'],
      target_matchers: ['alertname=~"MetricMissing|CheckStalled|HistoryDegraded"'],
    },
    ...dependencyRules(inventory),
    ...gateRules(inventory),
  ];
}

/** A service that is down silences those that depend on it, directly or not. */
function dependencyRules(inventory: Inventory): InhibitRule[] {
  const dependants = new Map<string, string[]>();
  for (const service of Object.values(inventory.services)) {
    if (!service.active) continue;
    for (const parent of ancestorsOf(inventory, service)) {
      dependants.set(parent, [...(dependants.get(parent) ?? []), service.id]);
    }
  }
  return [...dependants]
    .filter(([parent]) => inventory.services[parent]?.active)
    .map(([parent, children]) => ({
      source_matchers: [`service="${parent}"`, ...OUTAGE],
      target_matchers: [`service=~"${children.join("|")}"`, 'alertname="CheckFailing"'],
    }));
}

/** Where nobody can see a host's containers, they are not known to be unwell. */
function gateRules({ services }: Inventory): InhibitRule[] {
  return Object.values(services).flatMap(({ id, provides, delivery }) =>
    provides.includes("engine-state") && delivery.by === "us"
      ? {
          source_matchers: [`service="${id}"`, 'alertname="CheckFailing"'],
          target_matchers: ['alertname="ContainerUnhealthy"', `host="${delivery.host}"`],
        }
      : [],
  );
}
