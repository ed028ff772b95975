import type { SloState } from "../../dashboards/slo.ts";
import type { Lookout } from "../lookout.ts";
import type { OwnMetric } from "./names.ts";
import { type Format, head, labelText } from "./text.ts";

/** What is told of each service at a scrape: 1 or 0. */
const LINES: readonly (readonly [OwnMetric, (lookout: Lookout, service: string, now: number) => boolean])[] = [
  ["vigie_service_maintenance", (lookout, service, now) => lookout.calendar.at(service, now) !== undefined],
  ["vigie_service_held", (lookout, service, now) => lookout.heldBy(service, now) !== undefined],
];

/** The metrics of services as text. */
export function* serviceMetrics(lookout: Lookout, format: Format = "text", now = Date.now()): Generator<string> {
  const labels = Object.keys(lookout.inventory.services).map((service) => [service, labelText({ service })] as const);
  for (const [name, read] of LINES)
    yield head(name, format) +
      labels.map(([service, text]) => `${name}${text} ${Number(read(lookout, service, now))}\n`).join("");
}

/** How services stand with their objectives; only of those that have one. */
export function* sloMetrics(lookout: Lookout, format: Format = "text"): Generator<string> {
  const states = Object.entries(lookout.slos());
  if (states.length === 0) return;
  const lines = (name: OwnMetric, write: (service: string, state: SloState) => string) =>
    head(name, format) + states.map(([service, state]) => write(service, state)).join("");
  yield lines("vigie_service_slo_runs_total", (service) => {
    const { good = 0, bad = 0 } = lookout.sloRuns.get(service) ?? {};
    return (["good", "bad"] as const)
      .map((result) => `vigie_service_slo_runs_total${labelText({ service, result })} ${{ good, bad }[result]}\n`)
      .join("");
  });
  yield lines(
    "vigie_service_slo_objective_ratio",
    (service, { objective }) =>
      `vigie_service_slo_objective_ratio${labelText({ service })} ${objective.availability / 100}\n`,
  );
  yield lines("vigie_service_slo_error_budget_remaining_ratio", (service, { budgetLeft }) =>
    budgetLeft === undefined
      ? ""
      : `vigie_service_slo_error_budget_remaining_ratio${labelText({ service })} ${budgetLeft}\n`,
  );
}
