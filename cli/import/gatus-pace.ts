import { duration, type Fields, goSeconds, isFields, listOf, numberOf, type Tell } from "./draft.ts";

/** How often, how long, and after how many failures. */
export function paceOf(endpoint: Fields, usual: ReadonlyMap<unknown, Fields>, tell: Tell): Fields {
  const every = endpoint.interval === undefined ? 60 : goSeconds(endpoint.interval);
  const client = isFields(endpoint.client) ? endpoint.client : {};
  const timeout = goSeconds(client.timeout);
  if (every === undefined)
    tell("interval", `${JSON.stringify(endpoint.interval)} is no length of time; one minute is taken`);
  const alerts = listOf(endpoint.alerts, "alerts")
    .filter(isFields)
    .map((own): Fields => ({ ...usual.get(own.type), ...own }))
    .filter(({ enabled }) => enabled !== false);
  const failures = alerts.flatMap((alert) => numberOf(alert["failure-threshold"]) ?? []);
  const successes = alerts.flatMap((alert) => numberOf(alert["success-threshold"]) ?? []);
  if (alerts.length > 0)
    tell(
      `alerts (${alerts.map(({ type }) => String(type)).join(", ")})`,
      "alerts go to the role that owns the service; their thresholds are kept",
    );
  return {
    every: duration(every ?? 60).text,
    ...(timeout === undefined ? {} : { timeout: duration(timeout).text }),
    failAfter: threshold(failures) ?? 3,
    // Gatus takes an alert back after two, unless told otherwise.
    ...(alerts.length > 0 ? { recoverAfter: threshold(successes) ?? 2 } : {}),
  };
}

/** The smallest, within what a check may have. */
const threshold = (all: readonly number[]): number | undefined =>
  all.length === 0 ? undefined : Math.min(100, Math.max(1, Math.trunc(Math.min(...all))));
