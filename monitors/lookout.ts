import { isDeepStrictEqual } from "node:util";
import type { Check, Inventory } from "../association/index.ts";
import { ancestorsOf } from "../dashboards/dependencies.ts";
import type { Reports } from "../dashboards/reports.ts";
import type { SloState } from "../dashboards/slo.ts";
import {
  type CheckState,
  isEarlyWarning,
  isOutage,
  type LookoutView,
  type Run,
  serviceStatus,
} from "../dashboards/view.ts";
import { AnnouncedWork } from "./announced.ts";
import type { RunnableCheck } from "./check.ts";
import { afterJump, type Jump } from "./engine/clock.ts";
import { Engine, type Finished, type Watched } from "./engine/engine.ts";
import type { Guard } from "./engine/guard.ts";
import type { MaintenanceCalendar } from "./engine/maintenance.ts";
import { countsAsGood, isAwaited, type Vote, verdict } from "./engine/quorum.ts";
import type { Standing } from "./engine/standing.ts";
import type { History } from "./history/history.ts";
import type { Incidents } from "./incidents/incidents.ts";
import { Objectives } from "./objectives.ts";
import type { Resources } from "./resources.ts";

export interface LookoutOptions {
  inventory: Inventory;
  kinds: Readonly<Record<string, RunnableCheck>>;
  resources: Resources;
  history: History;
  concurrency?: number;
  guard?: Guard;
  /** What other lookouts say of a check, where there are others. */
  votes?(check: string): readonly Vote[];
  /** How many must see a check down; more than half when left out. */
  quorum?: number;
  /** Tells the time; the machine's clock when left out. */
  now?(): number;
  /** What commands left for it to show. */
  reports?(): Reports;
  /** When roles last changed hands (Unix ms), for those that have. */
  roleChanges?: Readonly<Record<string, number>>;
  /** Told of every run, after it has been counted. */
  onFinished?(finished: Finished): void;
  /** Told of every change of status. */
  onChange?(finished: Finished): void;
  /** Told of what no check should ever throw. */
  onError(check: string, error: unknown): void;
}

/** How long a run that failed here waits for what others see: results are put together after ten minutes. In milliseconds. */
const PATIENCE = 300_000;

/** For so long a service that fails may do so for what it depends on fails too, though not for long enough to be down; in milliseconds. */
const SUSPICION = 120_000;

/** How far back the pages draw response times, in milliseconds. */
const LATENCY_MS = 86_400_000;

/** The engine and what it has seen, as pages and metrics read it. */
export class Lookout {
  inventory: Inventory;
  readonly kinds: Readonly<Record<string, RunnableCheck>>;
  readonly resources: Resources;
  readonly history: History;
  readonly engine: Engine;
  startedAt = Date.now();
  /** What is shown of checks: as seen from here, or agreed on with others. */
  states: Record<string, CheckState>;
  /** What lasts, as people read about it; there is none in a lookout that only answers. */
  incidents: Incidents | undefined;
  /** When the sign of life that is an alert was last received, by a clock that never jumps, in milliseconds. */
  alertsThrough: number | undefined;
  /** Goes up with every change of a check's status. */
  changes = 0;
  /** Goes up with every run. */
  runs = 0;
  /** When roles last changed hands (Unix ms), for those that have. */
  roleChanges: Readonly<Record<string, number>>;
  /** What is wrong with the lookout besides its history, by what it concerns. */
  readonly #problems = new Map<string, string>();
  readonly #options: LookoutOptions;
  /** Services that are down, work announced on them or not. */
  readonly #down = new Set<string>();
  /** By service, those that it cannot work without; only services that have some. */
  #ancestors: ReadonlyMap<string, readonly string[]>;
  readonly #objectives: Objectives;
  /** Runs that failed here, and that others may have seen otherwise: not counted yet. */
  #undecided: { check: Check; run: Run }[] = [];
  #work: AnnouncedWork;

  constructor(options: LookoutOptions) {
    const { inventory, kinds, resources, history, concurrency, guard, onError } = options;
    this.#options = options;
    this.roleChanges = options.roleChanges ?? {};
    this.inventory = inventory;
    this.kinds = kinds;
    this.resources = resources;
    this.history = history;
    this.#ancestors = ancestors(inventory);
    this.#objectives = new Objectives(history);
    this.#objectives.follow(inventory);
    this.#work = new AnnouncedWork(inventory);
    history.days.follow(this.calendar, this.startedAt);
    history.counts = (check, at) => {
      const service = this.inventory.checks[check]?.service;
      return service === undefined || this.calendar.at(service, at) === undefined;
    };
    this.engine = new Engine({
      checks: Object.values(inventory.checks),
      kinds,
      resources,
      timeZone: inventory.association.timeZone,
      standings: history.standings,
      concurrency,
      guard,
      now: () => this.#now(),
      onFinished: (finished) => this.#finished(finished),
      onError: ({ id }, error) => onError(id, error),
    });
    this.states = this.engine.states;
    // Services that were down when last seen count as such from now on; nobody knows about the time in between.
    for (const service of Object.keys(inventory.services)) this.#noteDown(service, this.startedAt, this.startedAt);
  }

  /** Watches by another inventory from now on; nothing that is known is lost, and runs under way go on. */
  reload(inventory: Inventory): void {
    const gone = Object.keys(this.inventory.services).filter((id) => !Object.hasOwn(inventory.services, id));
    const now = Date.now();
    for (const service of gone) {
      this.#down.delete(service);
      this.history.days.setDown(service, undefined, now);
    }
    this.inventory = inventory;
    this.#ancestors = ancestors(inventory);
    this.#objectives.follow(inventory);
    this.#work = new AnnouncedWork(inventory);
    this.history.days.follow(this.calendar, now);
    this.engine.reload(Object.values(inventory.checks));
    this.states = this.engine.states;
    this.hear();
    for (const service of Object.keys(inventory.services)) this.#noteDown(service, now, now);
    this.changes++;
  }

  /** The clock has jumped: what is going on has been for as long as before, and nothing else happened in that time. */
  jumped(jump: Jump): void {
    this.startedAt = afterJump(this.startedAt, jump);
    this.history.days.jumped(jump.by);
    this.engine.jumped(jump);
    if (this.states !== this.engine.states)
      for (const [id, state] of Object.entries(this.states))
        this.states[id] = { ...state, since: afterJump(state.since, jump) };
    this.incidents?.jumped(jump);
    this.resources.heartbeats?.jumped(jump);
    this.changes++;
  }

  /** When work is announced on which service. */
  get calendar(): MaintenanceCalendar {
    return this.#work.calendar;
  }

  get guard(): Guard | undefined {
    return this.#options.guard;
  }

  /** Reports of drills and versions. */
  get reports(): Reports {
    return this.#options.reports?.() ?? {};
  }

  get watched(): readonly Watched[] {
    return this.engine.watched;
  }

  get problems(): string[] {
    return [...this.#problems.values(), ...this.history.problems, ...(this.incidents?.problems ?? [])];
  }

  /** Pages that were made show something that is no longer so. */
  noteChange(): void {
    this.changes++;
  }

  /** Notes what is wrong with something the lookout relies on, or that it no longer is. */
  setProblem(about: string, problem: string | undefined): void {
    if (problem === undefined) this.#problems.delete(about);
    else this.#problems.set(about, problem);
    this.changes++;
  }

  /** Asked before time is counted, so that a jump of the clock is known. */
  #now(): number {
    return this.#options.now?.() ?? Date.now();
  }

  /** What pages need. Its parts are live: to be read at once. */
  view(now = this.#now()): LookoutView {
    this.history.days.settle(now);
    return {
      now,
      startedAt: this.startedAt,
      states: this.states,
      lastRun: this.#lastRun,
      days: this.history.days.shown(now),
      maintenance: this.#work.goingOn(now),
      announced: this.#work.list(now),
      slos: this.slos(now),
      incidents: this.incidents?.all ?? [],
      reports: this.reports,
      latency: (check) => this.history.chart(check, now - LATENCY_MS, now),
      problems: this.problems,
    };
  }

  /** When the youngest last run began: found in an array, which takes a tenth of looking through thousands of names. */
  get #lastRun(): number | undefined {
    let last: number | undefined;
    for (const { standing } of this.watched) {
      const at = standing.lastRun?.at;
      if (at !== undefined && (last === undefined || at > last)) last = at;
    }
    return last;
  }

  /**
   * The service that explains why this one may fail: one that it depends on, which is down, worked on or about to be down. New
   * alerts about this one wait meanwhile; it is checked as ever.
   */
  heldBy(service: string, now = Date.now()): string | undefined {
    const above = this.#ancestors.get(service);
    if (above === undefined) return undefined;
    const fresh = this.#beganToFail(service, now);
    return above.find(
      (id) => this.#down.has(id) || this.calendar.at(id, now) !== undefined || (fresh && this.#isSuspect(id)),
    );
  }

  /** Whether all that fails of a service began to lately: thresholds of what it depends on may be reached after its own. */
  #beganToFail(service: string, now: number): boolean {
    const failing = this.#checksOf(service).filter(({ standing }) => standing.consecutiveFailures > 0);
    return failing.length > 0 && failing.every(({ standing }) => now - standing.streakSince < SUSPICION);
  }

  /** Whether a service is down if what failed last fails on. */
  #isSuspect(service: string): boolean {
    return this.#checksOf(service).some(
      ({ check, standing }) => standing.consecutiveFailures > 0 && isOutage(check, standing),
    );
  }

  #checksOf(service: string): { check: Check; standing: Standing }[] {
    return (this.inventory.services[service]?.checks ?? []).flatMap((id) => {
      const check = this.inventory.checks[id];
      const standing = this.engine.states[id];
      return check === undefined || standing === undefined ? [] : [{ check, standing }];
    });
  }

  /** Others have been heard: what is shown is agreed on anew. */
  hear(): void {
    if (this.#options.votes === undefined) return;
    const now = this.#now();
    for (const { check } of this.watched) {
      if (!this.#agree(check.id)) continue;
      this.changes++;
      this.#noteDown(check.service, this.states[check.id]!.since, now);
    }
    this.#decide(now);
  }

  /** Counts the runs that waited for others, once these have looked too, or do not. */
  #decide(now: number): void {
    const waiting = this.#undecided;
    this.#undecided = [];
    for (const one of waiting) {
      const { check, run } = one;
      const standing = this.engine.states[check.id];
      if (standing === undefined) continue;
      const votes = this.#votes(check.id);
      if (isAwaited(run, votes) && Math.abs(now - run.at) < PATIENCE) {
        this.#undecided.push(one);
        continue;
      }
      const ok = countsAsGood(run, votes, this.#options.quorum);
      this.#count(check, run, ok);
      if (ok) this.history.record({ check: check.id, run, verdict: ok }, standing);
    }
  }

  #votes(id: string): readonly Vote[] {
    return this.#options.votes?.(id) ?? [];
  }

  /** Puts what a check looks like from here together with what others see; true where that changes what is shown. */
  #agree(id: string): boolean {
    const { votes, quorum } = this.#options;
    if (votes === undefined) return false;
    if (this.states === this.engine.states) this.states = { ...this.states };
    const before = this.states[id];
    const agreed = verdict(this.engine.states[id]!, votes(id), quorum, before);
    this.states[id] = agreed;
    return agreed.status !== before?.status || !isDeepStrictEqual(agreed.seen, before?.seen);
  }

  /** Pages, metrics and the budget count this. Work that was announced counts neither as up nor as down. */
  #count(check: Check, run: Run, ok: boolean): void {
    if (this.calendar.at(check.service, run.at) !== undefined) return;
    this.history.days.count(check.service, run.at, ok);
    this.#objectives.count(check, ok);
  }

  /** Runs since the start that say something about objectives, by service. */
  get sloRuns(): Objectives["runs"] {
    return this.#objectives.runs;
  }

  /** How services stand with their objectives. */
  slos(now = this.#now()): Readonly<Record<string, SloState>> {
    return this.#objectives.states(now);
  }

  #finished(finished: Finished): void {
    const { watched, run, before, excused } = finished;
    const { standing } = watched;
    const { id, service } = watched.check;
    const changed = standing.status !== before.status;
    const agreed = this.#agree(id);
    this.runs++;
    const votes = this.#votes(id);
    const good = run.ok || isEarlyWarning(run.reason);
    const ok = votes.length === 0 ? good : countsAsGood(run, votes, this.#options.quorum);
    // Others saw it work; whether they still do is known when they have looked again.
    const undecided = ok && !good && isAwaited(run, votes);
    if (undecided && !excused) this.#undecided.push({ check: watched.check, run });
    else if (!excused) this.#count(watched.check, run, ok);
    this.history.record(
      {
        check: id,
        run,
        ...(ok === run.ok || undecided ? {} : { verdict: ok }),
        ...(changed ? { change: { status: standing.status, since: standing.since } } : {}),
      },
      standing,
    );
    if (changed || agreed) {
      this.#now();
      this.changes++;
      this.#noteDown(service, this.states[id]!.since, run.at);
    }
    if (changed) this.#options.onChange?.(finished);
    this.#options.onFinished?.(finished);
  }

  #noteDown(service: string, since: number, now: number): void {
    const status = serviceStatus(this.inventory, this.inventory.services[service]!, {
      now,
      startedAt: this.startedAt,
      states: this.states,
      days: {},
      problems: [],
    });
    if (status === "down") this.#down.add(service);
    else this.#down.delete(service);
    this.history.days.setDown(service, status === "down" ? since : undefined, now);
  }
}

const ancestors = (inventory: Inventory): ReadonlyMap<string, readonly string[]> =>
  new Map(
    Object.values(inventory.services).flatMap((service) => {
      const above = ancestorsOf(inventory, service);
      return above.length === 0 ? [] : [[service.id, above]];
    }),
  );
