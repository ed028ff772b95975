import { type Result, takePrepared } from "./backup.ts";
import { type Copied, copyAll, type Elsewhere } from "./copy.ts";
import type { Declaration, Job } from "./declaration.ts";
import { type Integrity, isDue, partsOf, planned, verify } from "./integrity.ts";
import { log } from "./log.ts";
import { Memory } from "./memory.ts";
import type { Progress } from "./messages.ts";
import { plan, untilLoud, whenDue } from "./plan.ts";
import type { Copy } from "./policy.ts";
import { Queue } from "./queue.ts";
import { codeOfWords } from "./reasons.ts";
import { ensureRepository, type Place, Unusable } from "./repository.ts";
import type { Restic } from "./restic.ts";
import { isMissed } from "./schedule.ts";
import { listSnapshots, newestOf } from "./snapshots.ts";
import { type Remembered, type Report, Status } from "./status.ts";
import { Timers } from "./timers.ts";

const SECOND = 1000;
/** A failed run is tried again after these, then waits for its next time. */
const RETRIES = [5 * 60 * SECOND, 30 * 60 * SECOND];
const HEARTBEAT = 20 * SECOND;

/** Runs the declared jobs on their schedules, one at a time, until it is stopped. */
export class Agent {
  readonly #declaration: Declaration;
  readonly #restic: Restic;
  readonly #place: Place;
  readonly #status: Status;
  readonly #elsewhere: ((copy: Copy) => Elsewhere) | undefined;
  readonly #queue = new Queue();
  readonly #stopping = new AbortController();
  readonly #timers = new Timers(this.#stopping.signal);

  constructor(
    declaration: Declaration,
    restic: Restic,
    place: Place,
    elsewhere?: (copy: Copy) => Elsewhere,
    memory = new Memory<Remembered>(),
  ) {
    this.#elsewhere = elsewhere;
    this.#declaration = declaration;
    this.#restic = restic;
    this.#place = place;
    this.#status = new Status(declaration.host, declaration.jobs, memory);
  }

  report(): Report {
    return this.#status.report();
  }

  /** Waits for the repository as long as it takes: the server may start after us. */
  async start(): Promise<void> {
    log("started", { host: this.#declaration.host, jobs: this.#declaration.jobs.length });
    this.#timers.repeat(HEARTBEAT, () => this.#status.write());
    for (const job of this.#declaration.jobs) this.#plan(job);
    await this.#reachRepository();
    await this.#removeDeadLocks();
    await this.#catchUp();
    this.#planVerification();
    this.#planCopies();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#queue.close();
    log("stopped");
  }

  /** Takes a snapshot now, after those that wait already. */
  run(
    job: Job,
    why: "schedule" | "missed" | "retry" | "hand",
    onProgress?: (progress: Progress) => void,
  ): Promise<Result> {
    return this.#queue.add(job.id, async () => {
      // Somebody was quicker, by hand.
      if (why === "missed" && !this.#isMissed(job)) return { outcome: "ok", seconds: 0 };
      log("backup-started", { job: job.id, why });
      this.#status.set(job.id, { running: true, runningSince: new Date().toISOString() });
      const limit = AbortSignal.timeout(this.#declaration.policy.limitSeconds * SECOND);
      // The repository may be new, or have been lost and made anew, since we started.
      const result = await this.#ready()
        .then(() =>
          takePrepared(this.#restic, job, this.#declaration.host, {
            ...(onProgress ? { onProgress } : {}),
            onError: (reason) => {
              const code = codeOfWords(reason);
              if (code) this.#status.set(job.id, { trouble: { code, reason: reason.slice(0, 500) } });
            },
            signal: AbortSignal.any([this.#stopping.signal, limit]),
          }),
        )
        .catch(
          ({ message }: Error): Result => ({
            outcome: "failed",
            seconds: 0,
            reason: message,
            code: codeOfWords(message) ?? "backup-failed",
          }),
        );
      const { outcome, seconds, summary, reason } = result;
      log(outcome === "failed" ? "backup-failed" : "backup-done", {
        job: job.id,
        outcome,
        seconds,
        ...summary,
        reason,
      });
      this.#status.set(job.id, {
        running: false,
        runningSince: undefined,
        trouble: undefined,
        lastEnd: new Date().toISOString(),
        lastSeconds: seconds,
        lastResult: outcome,
        lastReason: reason,
        lastCode: result.code,
        ...(summary?.snapshot ? { lastSnapshot: new Date().toISOString() } : {}),
      });
      return result;
    });
  }

  /** Verifies the repository now, after what is at work. */
  verify(why: "schedule" | "hand", all = false): Promise<Integrity> {
    const { verify: plan } = this.#declaration.policy;
    return this.#queue.add(all ? "verify-all" : "verify", async () => {
      log("verification-started", { why });
      await this.#removeDeadLocks();
      const parts = plan ? partsOf(plan.everySeconds, plan.readAllWithinSeconds) : 1;
      const known = planned(this.#status.integrity, parts, new Date());
      const found = await verify(this.#restic, known, { all, signal: this.#stopping.signal });
      if (!this.#stopping.signal.aborted) this.#status.setIntegrity(found);
      const { code, reason, errors, seconds, next } = found;
      log(code ? "verification-failed" : "verification-done", { code, reason, errors, seconds, next, parts });
      return found;
    });
  }

  /** Copies all snapshots to another repository now, after what is at work. */
  copy(copy: Copy, why: "schedule" | "hand"): Promise<Copied> {
    return this.#queue.add(`copy ${copy.id}`, async () => {
      log("copy-started", { copy: copy.id, why });
      const { host, policy } = this.#declaration;
      const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(policy.limitSeconds * SECOND)]);
      const copied = await copyAll(this.#elsewhere!(copy), this.#status.copied(copy.id), host, signal);
      if (!this.#stopping.signal.aborted) this.#status.setCopied(copied);
      log(copied.code ? "copy-failed" : "copy-done", { ...copied });
      return copied;
    });
  }

  #planCopies(): void {
    const { copies } = this.#declaration.policy;
    if (!this.#elsewhere) return;
    for (const copy of copies) {
      const due = (now: Date): boolean => {
        const { at, code } = this.#status.copied(copy.id);
        return isDue({ ...(at ? { at } : {}), ...(code ? { code } : {}) }, copy.everySeconds, now);
      };
      this.#whenDue(due, () => this.copy(copy, "schedule"));
    }
  }

  #planVerification(): void {
    const { verify: plan } = this.#declaration.policy;
    if (!plan) return;
    const parts = partsOf(plan.everySeconds, plan.readAllWithinSeconds);
    this.#status.setIntegrity(planned(this.#status.integrity, parts, new Date()));
    this.#whenDue(
      (now) => isDue(this.#status.integrity!, plan.everySeconds, now),
      () => this.verify("schedule"),
    );
  }

  #whenDue(due: (now: Date) => boolean, act: () => Promise<unknown>): void {
    whenDue(due, this.#timers, this.#declaration.policy.quietHours, act);
  }

  /**
   * A restic that was killed leaves its lock, at which a verification would wait for half an hour. restic removes those of
   * processes of this host that are no more, and of anybody who has not renewed them; those of the living stay.
   */
  async #removeDeadLocks(): Promise<void> {
    await this.#restic(["unlock"], { signal: this.#stopping.signal });
  }

  /** One run, and its retries. */
  async #attempt(job: Job, why: "schedule" | "missed"): Promise<void> {
    await untilLoud(this.#timers, this.#declaration.policy.quietHours);
    let result = await this.run(job, why);
    for (const delay of RETRIES) {
      if (result.outcome !== "failed" || this.#stopping.signal.aborted) return;
      await this.#timers.pause(delay);
      result = await this.run(job, "retry");
    }
  }

  #isMissed(job: Job): boolean {
    return isMissed(job.schedule, this.#status.lastSnapshot(job.id), new Date());
  }

  #plan(job: Job): void {
    // A retry of the last run may still be at it: the queue keeps them from running at once.
    const due = () => void this.#attempt(job, "schedule").catch(() => {});
    plan(job.schedule, this.#timers, due, (nextRun) => this.#status.set(job.id, { nextRun }));
  }

  async #reachRepository(): Promise<void> {
    for (let delay = SECOND; !this.#stopping.signal.aborted; delay = Math.min(delay * 2, 60 * SECOND)) {
      try {
        return await this.#ready();
      } catch (error) {
        log("repository-unusable", { reason: (error as Error).message });
        this.#status.setRepository("unusable");
        await this.#timers.pause(delay);
      }
    }
  }

  async #ready(): Promise<void> {
    const how = await ensureRepository(this.#restic, this.#place);
    if (how === "made") log("repository-made");
    this.#status.setRepository("ready");
  }

  async #catchUp(): Promise<void> {
    const { host, jobs } = this.#declaration;
    const snapshots = await listSnapshots(this.#restic, host).catch((error: Error) => {
      // Not knowing what is there, nothing is called missed: the schedules go on.
      log("repository-unusable", { reason: error.message });
      if (!(error instanceof Unusable)) throw error;
      return undefined;
    });
    for (const job of snapshots ? jobs : []) {
      // What is remembered of a repository that was lost since is not true of this one.
      this.#status.set(job.id, { lastSnapshot: newestOf(snapshots!, job)?.time.toISOString() });
      if (this.#isMissed(job)) void this.#attempt(job, "missed").catch(() => {});
    }
  }
}
