import type { Cost, Inventory } from "../association/index.ts";
import type { Format } from "./format.ts";
import type { Words } from "./words/index.ts";

/** What a cost comes to in a year, in euros: what is bought once is spread over its years (N43). */
export function perYear({ euros, per, years }: Cost): number {
  if (per === "month") return euros * 12;
  return per === "year" ? euros : euros / years;
}

/** How a cost is paid, in words. */
export const paid = ({ euros, per, years }: Cost, { w, format }: { w: Words; format: Format }): string =>
  per === "once"
    ? w.site.registers.budget.spread(format.money(euros), years)
    : `${format.money(euros)} ${w.site.registers.budget.per[per]}`;

/** One line of the budget: what has a cost of its own in the declaration. */
export interface BudgetLine {
  readonly kind: "service" | "host" | "supplier";
  readonly id: string;
  readonly cost: Cost;
  /** A project's cost is not spent yet. */
  readonly project: boolean;
}

/** Everything that has a cost, the dearest first. */
export function budgetLines({ services, hosts, suppliers }: Inventory): BudgetLine[] {
  const of = (kind: BudgetLine["kind"], things: Readonly<Record<string, { cost?: Cost; delivery?: { by: string } }>>) =>
    Object.entries(things).flatMap(([id, { cost, delivery }]): BudgetLine[] =>
      cost === undefined ? [] : [{ kind, id, cost, project: delivery?.by === "project" }],
    );
  return [...of("service", services), ...of("host", hosts), ...of("supplier", suppliers)].sort(
    (a, b) => perYear(b.cost) - perYear(a.cost),
  );
}
