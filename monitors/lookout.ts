import type { Inventory } from "../association/index.ts";
import { type LookoutView, serviceStatus } from "../dashboards/view.ts";
import type { RunnableCheck } from "./check.ts";
import { Engine, type Finished, type Watched } from "./engine/engine.ts";
import type { History } from "./history/history.ts";
import type { Resources } from "./resources.ts";

export interface LookoutOptions {
  inventory: Inventory;
  kinds: Readonly<Record<string, RunnableCheck>>;
  resources: Resources;
  history: History;
  concurrency?: number;
  /** Told of every run, after it has been counted. */
  onFinished?(finished: Finished): void;
  /** Told of every change of status. */
  onChange?(finished: Finished): void;
  /** Told of what no check should ever throw. */
  onError(check: string, error: unknown): void;
}

/** The engine and what it has seen, as pages and metrics read it. */
export class Lookout {
  readonly inventory: Inventory;
  readonly kinds: Readonly<Record<string, RunnableCheck>>;
  readonly resources: Resources;
  readonly history: History;
  readonly engine: Engine;
  readonly startedAt = Date.now();
  /** Goes up with every change of a check's status. */
  changes = 0;
  /** Goes up with every run. */
  runs = 0;
  /** What is wrong with the lookout besides its history, by what it concerns. */
  readonly #problems = new Map<string, string>();
  readonly #options: LookoutOptions;

  constructor(options: LookoutOptions) {
    const { inventory, kinds, resources, history, concurrency, onError } = options;
    this.#options = options;
    this.inventory = inventory;
    this.kinds = kinds;
    this.resources = resources;
    this.history = history;
    this.engine = new Engine({
      checks: Object.values(inventory.checks),
      kinds,
      resources,
      timeZone: inventory.association.timeZone,
      standings: history.standings,
      concurrency,
      onFinished: (finished) => this.#finished(finished),
      onError: ({ id }, error) => onError(id, error),
    });
    // Services that were down when last seen count as such from now on; nobody knows about the time in between.
    for (const service of Object.keys(inventory.services)) this.#noteDown(service, this.startedAt, this.startedAt);
  }

  get watched(): readonly Watched[] {
    return this.engine.watched;
  }

  get problems(): string[] {
    return [...this.#problems.values(), ...this.history.problems];
  }

  /** Notes what is wrong with something the lookout relies on, or that it no longer is. */
  setProblem(about: string, problem: string | undefined): void {
    if (problem === undefined) this.#problems.delete(about);
    else this.#problems.set(about, problem);
    this.changes++;
  }

  /** What pages need. Its parts are live: to be read at once. */
  view(now = Date.now()): LookoutView {
    this.history.days.settle(now);
    return {
      now,
      startedAt: this.startedAt,
      states: this.engine.states,
      days: this.history.days.bars,
      problems: this.problems,
    };
  }

  #finished(finished: Finished): void {
    const { watched, run, before } = finished;
    const { standing } = watched;
    const { id, service } = watched.check;
    const changed = standing.status !== before.status;
    this.runs++;
    this.history.days.count(service, run.at, run.ok);
    this.history.record(
      { check: id, run, ...(changed ? { change: { status: standing.status, since: standing.since } } : {}) },
      standing,
    );
    if (changed) {
      this.changes++;
      this.#noteDown(service, standing.since, run.at);
      this.#options.onChange?.(finished);
    }
    this.#options.onFinished?.(finished);
  }

  #noteDown(service: string, since: number, now: number): void {
    const status = serviceStatus(this.inventory, this.inventory.services[service]!, {
      now,
      startedAt: this.startedAt,
      states: this.engine.states,
      days: {},
      problems: [],
    });
    this.history.days.setDown(service, status === "down" ? since : undefined, now);
  }
}
