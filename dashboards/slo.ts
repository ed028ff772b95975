import type { Check, Slo } from "../association/index.ts";

/** Objectives are about what was declared to matter at once. */
export const countsFor = ({ severity, origin }: Pick<Check, "severity" | "origin">): boolean =>
  severity === "page" && origin === "declared";

/** How a service stands with its objective. */
export interface SloState {
  readonly objective: Slo;
  /** Runs that succeeded and that counted, over the objective's time. */
  readonly good: number;
  readonly total: number;
  /** The share that succeeded; undefined where nothing has counted yet. */
  readonly availability?: number;
  /** What is left of the errors it may make: 1 none made, 0 all used up, below 0 the objective is missed. */
  readonly budgetLeft?: number;
}

/** @param counted runs over the objective's time */
export function sloState(objective: Slo, { good, total }: { good: number; total: number }): SloState {
  if (total === 0) return { objective, good, total };
  const availability = good / total;
  return {
    objective,
    good,
    total,
    availability,
    budgetLeft: 1 - (1 - availability) / (1 - objective.availability / 100),
  };
}
