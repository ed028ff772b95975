import { isDeepStrictEqual } from "node:util";
import type { Check } from "../../association/index.ts";
import type { Run } from "../../dashboards/view.ts";
import type { RunnableCheck } from "../check.ts";
import type { Resources } from "../resources.ts";
import { plain } from "../text.ts";
import { attempt } from "./attempt.ts";
import type { Jump } from "./clock.ts";
import type { Guard } from "./guard.ts";
import { type Pace, paceOf } from "./pace.ts";
import { Queue } from "./queue.ts";
import { advance, type Standing, standingAfterJump, unknown, withoutVerdict } from "./standing.ts";
import { Timeline } from "./timeline.ts";

/** A check that the engine runs. */
export interface Watched {
  readonly check: Check;
  readonly kind: RunnableCheck;
  standing: Standing;
  /** Runs since the start. */
  good: number;
  failed: number;
  /** Runs whose result says nothing, for the lookout's own network was down. */
  excused: number;
  /** Times that it was due while still running or waiting. */
  skipped: number;
}

/** What is told of every finished run, at once and in order. */
export interface Finished {
  readonly watched: Watched;
  readonly run: Run;
  /** Where the check stood before. */
  readonly before: Standing;
  /** How long after it was due the run began, in seconds. */
  readonly lateness: number;
  /** The run says nothing about its target: it counts neither as good nor as failed. */
  readonly excused: boolean;
}

export interface EngineOptions {
  checks: readonly Check[];
  kinds: Readonly<Record<string, RunnableCheck>>;
  resources: Resources;
  timeZone: string;
  /** What earlier runs of the exporter have seen, by check. */
  standings?: ReadonlyMap<string, Standing>;
  /** Runs at the same time, at most. */
  concurrency?: number;
  /** Knows whether our own network works. */
  guard?: Guard;
  /** Tells the time; the machine's clock when left out. */
  now?(): number;
  onFinished(finished: Finished): void;
  /** What no check should ever throw. */
  onError(check: Check, error: unknown): void;
}

/** A run that took this long is taken for slow the next time, in seconds. */
const SLOW = 1;

const DEFAULT_CONCURRENCY = 1000;
/** Slow checks leave this share of the places to the others. */
const QUICK_SHARE = 0.25;

/** Runs started without letting anything else happen. */
const MOST_LAUNCHED = 50;

/** A schedule that was last looked at so long ago has stood still: the machine was suspended or paused. In milliseconds. */
const STOOD_STILL = 5000;

interface Scheduled {
  watched: Watched;
  pace: Pace;
  /** It was taken out of the inventory, or changed: what comes of it is of no account. */
  gone: boolean;
  /** When the run that is waiting or going on was due; undefined while there is none. */
  due: number | undefined;
}

/** Runs every check when it is due: never twice at once, never more than so many together, slow ones behind the others. */
export class Engine {
  watched: readonly Watched[];
  /** Where every check stands, by its id; always up to date. */
  states: Record<string, Standing> = {};
  readonly #options: EngineOptions;
  readonly #timeline = new Timeline<Scheduled>();
  #scheduled = new Map<string, Scheduled>();
  readonly #queue: Queue<Scheduled>;
  /** Of the runs going on. A signal that all of them listen to would be searched for the listener of each one that ends. */
  readonly #going = new Set<AbortController>();
  #abandoned = false;
  #timer: NodeJS.Timeout | undefined;
  #started = false;
  #stopping = false;
  #whenIdle: (() => void) | undefined;
  #lastTick = performance.now();
  /** When the schedule was found to have stood still. */
  #resumedAt = Number.NEGATIVE_INFINITY;

  constructor(options: EngineOptions) {
    this.#options = options;
    const concurrency = options.concurrency ?? DEFAULT_CONCURRENCY;
    this.#queue = new Queue(concurrency, Math.max(1, Math.floor(concurrency * (1 - QUICK_SHARE))));
    this.watched = options.checks.map((check) => this.#watch(check, options.standings?.get(check.id)));
    for (const watched of this.watched) this.states[watched.check.id] = watched.standing;
  }

  #watch(check: Check, standing: Standing = unknown(check.id, Date.now())): Watched {
    return { check, kind: this.#options.kinds[check.kind]!, standing, good: 0, failed: 0, excused: 0, skipped: 0 };
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    for (const watched of this.watched) this.#schedule(watched);
    this.#tick();
  }

  /**
   * Watches other checks from now on. One that has not changed goes on as it was, a run under way included; one that has
   * stands where it stood, and is run anew; what is no longer there is forgotten.
   */
  reload(checks: readonly Check[]): void {
    const before = new Map(this.watched.map((one) => [one.check.id, one]));
    this.watched = checks.map((check) => {
      const known = before.get(check.id);
      if (known === undefined) return this.#watch(check);
      if (isDeepStrictEqual(known.check, check)) return known;
      const { standing, good, failed, excused, skipped } = known;
      return { ...this.#watch(check, standing), good, failed, excused, skipped };
    });
    this.states = Object.fromEntries(this.watched.map(({ check, standing }) => [check.id, standing]));
    if (!this.#started) return;
    const kept = new Set(this.watched);
    for (const [id, scheduled] of this.#scheduled) {
      if (kept.has(scheduled.watched)) continue;
      scheduled.gone = true;
      this.#scheduled.delete(id);
    }
    for (const watched of this.watched) if (!this.#scheduled.has(watched.check.id)) this.#schedule(watched);
    clearTimeout(this.#timer);
    this.#tick();
  }

  #schedule(watched: Watched): void {
    const now = performance.now();
    const { id, schedule } = watched.check;
    const pace = paceOf(id, schedule, this.watched.length, now, this.#options.timeZone);
    const scheduled = { watched, pace, due: undefined, gone: false };
    this.#scheduled.set(id, scheduled);
    this.#timeline.add(pace.first(now), scheduled);
  }

  /**
   * Starts nothing more, gives the runs going on `graceMs` to end, and abandons the rest: what was cut short by us says nothing
   * about its target.
   */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    this.#timeline.clear();
    this.#queue.clear();
    if (this.#queue.running === 0) return;
    const idle = new Promise<void>((resolve) => {
      this.#whenIdle = resolve;
    });
    const timer = setTimeout(() => {
      this.#abandoned = true;
      const reason = new Error("the exporter stops");
      for (const controller of this.#going) controller.abort(reason);
      this.#whenIdle?.();
    }, graceMs);
    await idle;
    clearTimeout(timer);
  }

  /** Runs going on and waiting, and how long ago the schedule was last looked at, in seconds: whether it moves. */
  get health(): { running: number; waiting: number; idleSeconds: number } {
    const { running, waiting } = this.#queue;
    return { running, waiting, idleSeconds: (performance.now() - this.#lastTick) / 1000 };
  }

  /** Whether nothing ran here for a while after a moment: what ran out meanwhile may be heard of before the schedule is looked at. */
  #stoodStill(since: number, now = performance.now()): boolean {
    if (now - this.#lastTick > STOOD_STILL) this.#resumedAt = now;
    return this.#resumedAt > since;
  }

  readonly #tick = (): void => {
    const now = performance.now();
    this.#stoodStill(now, now);
    this.#lastTick = now;
    for (let entry = this.#timeline.take(now); entry; entry = this.#timeline.take(now)) {
      const { due, item } = entry;
      if (item.gone) continue;
      const { run, outOfTurn = false, next } = item.pace.after(due, now, item.watched.good === 0);
      this.#timeline.add(next, item);
      if (!run) continue;
      if (item.due !== undefined) {
        if (!outOfTurn) item.watched.skipped++;
        continue;
      }
      item.due = due;
      this.#queue.add(item, isSlow(item.watched));
    }
    this.#launch();
    this.#arm();
  };

  #arm(): void {
    const { next } = this.#timeline;
    if (next === undefined || this.#stopping) return;
    // Woken once a second at least, so that `health` tells a schedule that waits from one that is stuck.
    this.#timer = setTimeout(this.#tick, Math.min(1000, Math.max(0, next - performance.now())));
  }

  /** Starts what has a place, a few at a time: pages and scrapes are served in between. */
  #launch(): void {
    for (let launched = 0; ; launched++) {
      if (launched === MOST_LAUNCHED && this.#queue.waiting > 0) {
        setImmediate(() => this.#launch());
        return;
      }
      const started = this.#queue.start();
      if (started === undefined) return;
      const { item, done } = started;
      if (item.gone) {
        done();
        continue;
      }
      this.#run(item).finally(() => {
        item.due = undefined;
        done();
        if (this.#stopping && this.#queue.running === 0) this.#whenIdle?.();
        else if (!this.#stopping) this.#launch();
      });
    }
  }

  async #run(scheduled: Scheduled): Promise<void> {
    const { watched, due } = scheduled;
    const { check, kind } = watched;
    const started = performance.now();
    let began = started;
    const lateness = started - (due ?? started);
    const pause = pauseBetweenAttempts(check);
    for (let left = check.retries; ; left--) {
      const controller = new AbortController();
      this.#going.add(controller);
      const { outcome, error } = await attempt({
        kind,
        params: check.params,
        timeoutMs: check.timeoutSeconds * 1000,
        resources: this.#options.resources,
        controller,
      });
      this.#going.delete(controller);
      if (this.#abandoned || scheduled.gone) return;
      if (!outcome.ok && outcome.reason === "timeout" && this.#stoodStill(began)) {
        // Its time ran out while nothing ran here: once more.
        began = performance.now();
        left++;
        continue;
      }
      if (error !== undefined) this.#options.onError(check, error);
      if (!outcome.ok && left > 0) {
        await new Promise((resolve) => setTimeout(resolve, pause));
        continue;
      }
      const seconds = (performance.now() - began) / 1000;
      const excused = !outcome.ok && (await this.#options.guard?.excuses(outcome.reason)) === true;
      if (scheduled.gone) return;
      const run: Run = {
        // Counted back from now: the clock may have been put right meanwhile.
        at: Math.round(this.#now() - (performance.now() - started)),
        ok: outcome.ok,
        seconds,
        ...(outcome.ok ? {} : { reason: excused ? "own-network" : outcome.reason }),
        ...(outcome.message === undefined ? {} : { message: plain(outcome.message) }),
        measures: outcome.measures ?? {},
      };
      this.#finish(watched, run, Math.max(0, lateness) / 1000, excused);
      return;
    }
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now();
  }

  /** The clock has jumped: nothing has become better or worse by that, nor lasted longer. */
  jumped(jump: Jump): void {
    for (const watched of this.watched) {
      watched.standing = standingAfterJump(watched.standing, jump);
      this.states[watched.check.id] = watched.standing;
    }
  }

  /** Takes the result of a run that was made elsewhere. */
  finished(check: string, run: Run): void {
    const watched = this.watched.find((one) => one.check.id === check);
    if (watched) this.#finish(watched, run, 0, false);
  }

  #finish(watched: Watched, run: Run, lateness: number, excused: boolean): void {
    const before = watched.standing;
    watched.standing = excused ? withoutVerdict(before, run) : advance(before, run, watched.check);
    this.states[watched.check.id] = watched.standing;
    if (excused) watched.excused++;
    else if (run.ok) watched.good++;
    else watched.failed++;
    this.#options.onFinished({ watched, run, before, lateness, excused });
  }
}

const isSlow = ({ standing }: Watched): boolean => (standing.lastRun?.seconds ?? 0) > SLOW;

/** A moment for what failed to come back, without running into the next run; in milliseconds. */
export function pauseBetweenAttempts({ schedule, timeoutSeconds, retries }: Check): number {
  if (retries === 0) return 0;
  const room = "everySeconds" in schedule ? schedule.everySeconds - timeoutSeconds * (1 + retries) : 60;
  return Math.max(0, Math.min(500, (room * 1000) / (2 * retries)));
}
