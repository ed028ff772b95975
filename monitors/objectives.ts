import type { Check, Inventory, Slo } from "../association/index.ts";
import { countsFor, type SloState, sloState } from "../dashboards/slo.ts";
import type { History } from "./history/history.ts";

interface Objective {
  service: string;
  slo: Slo;
  checks: readonly string[];
}

/** How long what was read of history is good for, in milliseconds. */
const GOOD_FOR = 60_000;

/** How services stand with their objectives (SLO): what was run since the start, and what history holds of the time promised. */
export class Objectives {
  readonly #history: Pick<History, "counted">;
  readonly #runs = new Map<string, { good: number; bad: number }>();
  #followed: readonly Objective[] = [];
  #readAt = Number.NEGATIVE_INFINITY;
  #states: Readonly<Record<string, SloState>> = {};

  constructor(history: Pick<History, "counted">) {
    this.#history = history;
  }

  /** Follows the objectives of another inventory from now on; what was counted stays. */
  follow({ services, checks }: Pick<Inventory, "services" | "checks">): void {
    this.#followed = Object.values(services).flatMap(({ id, slo, checks: own }) =>
      slo === undefined ? [] : [{ service: id, slo, checks: own.filter((check) => countsFor(checks[check]!)) }],
    );
    for (const { service } of this.#followed)
      if (!this.#runs.has(service)) this.#runs.set(service, { good: 0, bad: 0 });
  }

  /** Counts a run, where it says something about an objective. */
  count(check: Check, ok: boolean): void {
    const runs = countsFor(check) ? this.#runs.get(check.service) : undefined;
    if (runs !== undefined) runs[ok ? "good" : "bad"]++;
  }

  /** Runs since the start that say something about objectives, by service. */
  get runs(): ReadonlyMap<string, { good: number; bad: number }> {
    return this.#runs;
  }

  /** How services stand at a moment (Unix ms), read from history once in a while. */
  states(now: number): Readonly<Record<string, SloState>> {
    if (Math.abs(now - this.#readAt) < GOOD_FOR) return this.#states;
    this.#readAt = now;
    this.#states = Object.fromEntries(
      this.#followed.map(({ service, slo, checks }) => [
        service,
        sloState(slo, this.#history.counted(checks, now - slo.over * 1000, now) ?? { good: 0, total: 0 }),
      ]),
    );
    return this.#states;
  }
}
