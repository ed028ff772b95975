import { backupArguments, tagsOf } from "./arguments.ts";
import type { Job } from "./declaration.ts";
import { EXIT, type Progress, type Summary } from "./messages.ts";
import { NotPrepared, newId, type Preparation, type Prepared, prepare, tellOver } from "./prepare.ts";
import { codeOf, type ReasonCode } from "./reasons.ts";
import { reasonOf } from "./repository.ts";
import type { Restic } from "./restic.ts";

export interface Result {
  /** `partial`: a snapshot was taken, and some files could not be read. */
  readonly outcome: "ok" | "partial" | "failed";
  readonly seconds: number;
  readonly summary?: Summary;
  /** Why it failed, or what could not be read. */
  readonly reason?: string;
  /** The same in a word; absent when all went well. */
  readonly code?: ReasonCode;
}

/** What a run is given besides its job. */
export interface Options {
  readonly onProgress?: (progress: Progress) => void;
  readonly onError?: (words: string) => void;
  readonly signal?: AbortSignal | undefined;
  readonly tags?: readonly string[] | undefined;
}

/**
 * Has the service make its copies first, where it has any, then takes the snapshot, with what the service counted as tags.
 * Without good copies a snapshot is taken all the same, for the files are worth having; the run counts as partial.
 */
export async function takePrepared(restic: Restic, job: Job, host: string, options: Options = {}): Promise<Result> {
  if (!job.prepare) return takeSnapshot(restic, job, host, options);
  const id = newId();
  let outcome = "failed";
  try {
    const result = await takeAsked(restic, job, job.prepare, host, options, id);
    outcome = result.outcome;
    return result;
  } finally {
    tellOver(job.prepare, id, outcome);
  }
}

async function takeAsked(
  restic: Restic,
  job: Job,
  preparation: Preparation,
  host: string,
  options: Options,
  id: string,
): Promise<Result> {
  let prepared: Prepared = { made: [], facts: {} };
  let why: string | undefined;
  try {
    prepared = await prepare(preparation, job.path, options.signal, id);
  } catch (error) {
    if (!(error instanceof NotPrepared)) throw error;
    why = error.message;
  }
  const facts = Object.entries(prepared.facts).map(([name, count]) => `fact-${name}=${count}`);
  const result = await takeSnapshot(restic, job, host, { ...options, tags: [...tagsOf(job), ...facts] });
  return why === undefined || result.outcome === "failed"
    ? result
    : { ...result, outcome: "partial", code: "dump-failed", reason: why };
}

/** Takes one snapshot. Never throws for restic's sake: what went wrong is in the result. */
export async function takeSnapshot(restic: Restic, job: Job, host: string, options: Options = {}): Promise<Result> {
  const started = Date.now();
  const args = backupArguments(job, host, options.tags);
  let ran = await restic(args, options);
  if (ran.code === EXIT.locked) {
    // Somebody holds the repository for longer than any prune takes. `unlock` removes the locks of those who died, by
    // restic's own judgement, and leaves the others.
    await restic(["unlock"], options);
    ran = await restic(args, options);
  }
  const seconds = (Date.now() - started) / 1000;
  const { summary } = ran;
  if (ran.code === EXIT.ok && summary) return { outcome: "ok", seconds, summary };
  if (ran.code === EXIT.partial && summary) {
    return {
      outcome: "partial",
      seconds,
      summary,
      code: "backup-failed",
      reason: `${ran.errorCount} ${ran.errorCount === 1 ? "file" : "files"} could not be read: ${ran.errors[0] ?? ""}`,
    };
  }
  if (isTimeout(options.signal))
    return {
      outcome: "failed",
      seconds,
      code: "running-too-long",
      reason: `stopped after ${Math.round(seconds)} s, the most that one snapshot may take`,
    };
  return { outcome: "failed", seconds, code: codeOf(ran), reason: reasonOf(ran) };
}

const isTimeout = (signal: AbortSignal | undefined): boolean =>
  signal?.aborted === true && (signal.reason as Error | undefined)?.name === "TimeoutError";
