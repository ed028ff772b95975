import type { Lookout } from "../lookout.ts";
import type { OwnMetric } from "./names.ts";
import { head, labelText } from "./text.ts";

/** What is told of each service at a scrape: 1 or 0. */
const LINES: readonly (readonly [OwnMetric, (lookout: Lookout, service: string, now: number) => boolean])[] = [
  ["vigie_service_maintenance", (lookout, service, now) => lookout.calendar.at(service, now) !== undefined],
  ["vigie_service_held", (lookout, service, now) => lookout.heldBy(service, now) !== undefined],
];

/** The metrics of services as text. */
export function* serviceMetrics(lookout: Lookout, now = Date.now()): Generator<string> {
  const labels = Object.keys(lookout.inventory.services).map((service) => [service, labelText({ service })] as const);
  for (const [name, read] of LINES)
    yield head(name) +
      labels.map(([service, text]) => `${name}${text} ${Number(read(lookout, service, now))}\n`).join("");
}
