import { readFileSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import type { Inventory } from "../../association/index.ts";
import type { Signals, Unheard } from "../checks/_heartbeat.ts";
import { afterJump, type Jump } from "../engine/clock.ts";

/** What a report can be: how a job's run begins and ends, or only words. */
export const REPORTS = ["start", "success", "fail", "log"] as const;
export type Report = (typeof REPORTS)[number];

/** Kinds of checks that wait for reports. */
const PUSHED: ReadonlySet<string> = new Set(["heartbeat", "smart"]);

/** Names of the jobs that an inventory expects reports of. */
export const jobsOf = ({ checks }: Pick<Inventory, "checks">): string[] =>
  Object.values(checks).flatMap(({ kind, params }) => (PUSHED.has(kind) ? [String(params.name)] : []));

/** Reports of jobs, kept across restarts. */
export interface Heartbeats {
  /** What a job has told, and since when it has been watched, in milliseconds since the epoch. */
  of(name: string): { signals: Signals; since: number; unheard: readonly Unheard[]; found?: unknown };
  /** Takes a report; it is on the disk, and believed, when this is fulfilled. `found` is kept in place of what was found before. */
  report(name: string, report: Report, words: string, now: number, found?: unknown): Promise<void>;
  /** Whether a job of that name is declared. */
  has(name: string): boolean;
  /** Other jobs are declared now: what is known of those that stay is kept. */
  watch(names: readonly string[], now: number): void;
  /** The clock has jumped: signals are as old as they were. */
  jumped(jump: Jump): void;
  /** The last words of a job, the latest last, for those on call. */
  log(name: string): readonly { at: number; report: Report; words: string }[];
}

/** A shorter absence is bridged by whoever reports, who tries again. In milliseconds. */
const ABSENCE = 60_000;
/** After so long it is looked whether what could not be kept can be now, in milliseconds. */
const RETRY = 60_000;
const MOST_WORDS = 2000;
const MOST_LINES = 20;

const report = z.enum(REPORTS);
const job = z.object({
  since: z.number(),
  started: z.number().optional(),
  succeeded: z.number().optional(),
  failed: z.number().optional(),
  words: z.string().optional(),
  seconds: z.number().optional(),
  /** When nobody was there to hear it since its last success. */
  unheard: z.array(z.object({ from: z.number(), until: z.number() })).default([]),
  /** What the job found, as its kind of check reads it. */
  found: z.unknown().optional(),
  log: z.array(z.object({ at: z.number(), report, words: z.string() })).default([]),
});
type Job = z.output<typeof job>;
const file = z.record(z.string(), job);

/** What a report makes of a job. */
type Change = readonly [name: string, change: (job: Job) => Job];

/**
 * Keeps reports in one small file, written whole and renamed: a report that was answered is not lost, and a file cut in the middle is never read.
 * What comes while it is written is written together by the next: at three in the morning all jobs report at once.
 * A file that cannot be read counts as none, so that reports go on; `onProblem` is told.
 *
 * @param names the jobs that are declared: others are forgotten
 * @param seen when an earlier run was last at work: between then and now nobody took reports
 */
export function makeHeartbeats(
  path: string,
  names: readonly string[],
  onProblem: (problem: string | undefined) => void,
  now = Date.now(),
  seen = now,
): Heartbeats {
  const jobs = new Map<string, Job>();
  const known = read(path, onProblem);
  for (const name of names) jobs.set(name, known[name] ?? { since: now, unheard: [], log: [] });
  if (now - seen > ABSENCE)
    for (const one of jobs.values()) one.unheard = [...one.unheard, { from: seen, until: now }].slice(-MOST_LINES);
  let last: Promise<unknown> = Promise.resolve();
  let retry: NodeJS.Timeout | undefined;
  let next: { changes: Change[]; kept: Promise<void> } | undefined;

  /** Fulfilled once these are on the disk, with all that come before their turn does. */
  function keep(changes: readonly Change[]): Promise<void> {
    if (next === undefined) {
      const together: Change[] = [];
      next = { changes: together, kept: last.then(() => save(together)) };
      last = next.kept.catch(() => {});
    }
    next.changes.push(...changes);
    return next.kept;
  }

  async function save(changes: readonly Change[]): Promise<void> {
    next = undefined;
    try {
      await mkdir(dirname(path), { recursive: true });
      const text = JSON.stringify(Object.fromEntries(changed(new Map(jobs), changes)));
      await writeFile(`${path}.new`, text, { mode: 0o600, flush: true });
      await rename(`${path}.new`, path);
    } catch (error) {
      // The job is told by a failure, and reports again.
      onProblem(`reports of jobs cannot be kept: ${(error as Error).message}`);
      clearTimeout(retry);
      retry = setTimeout(attempt, RETRY).unref();
      throw error;
    }
    changed(jobs, changes);
    onProblem(undefined);
  }

  /** A full disk keeps nobody from watching: reports are refused until there is room. */
  const attempt = (): void => void keep([]).catch(() => {});
  if (names.length > 0) attempt();

  return {
    has: (name) => jobs.has(name),
    watch(next, at) {
      for (const name of jobs.keys()) if (!next.includes(name)) jobs.delete(name);
      for (const name of next) if (!jobs.has(name)) jobs.set(name, { since: at, unheard: [], log: [] });
      attempt();
    },
    of(name) {
      const { since, unheard, log: _, found, ...signals }: Job = jobs.get(name) ?? { since: now, unheard: [], log: [] };
      return { signals, since, unheard, ...(found === undefined ? {} : { found }) };
    },
    jumped(jump) {
      for (const one of jobs.values()) {
        one.unheard = one.unheard.map(({ from, until }) => ({
          from: afterJump(from, jump),
          until: afterJump(until, jump),
        }));
        for (const when of ["since", "started", "succeeded", "failed"] as const)
          if (one[when] !== undefined) one[when] = afterJump(one[when], jump);
      }
      if (jobs.size > 0) attempt();
    },
    log: (name) => jobs.get(name)?.log ?? [],
    report(name, kind, words, at, found) {
      if (!jobs.has(name)) return Promise.reject(new Error(`no job is called ${name}`));
      return keep([[name, (before) => reported(before, kind, words.slice(0, MOST_WORDS), at, found)]]);
    },
  };
}

/** Makes the changes, one after the other; those of a job that is no longer declared are dropped. */
function changed(jobs: Map<string, Job>, changes: readonly Change[]): Map<string, Job> {
  for (const [name, change] of changes) {
    const before = jobs.get(name);
    if (before !== undefined) jobs.set(name, change(before));
  }
  return jobs;
}

function reported(before: Job, kind: Report, words: string, at: number, found: unknown): Job {
  const after: Job = { ...before, log: [...before.log, { at, report: kind, words }].slice(-MOST_LINES) };
  if (found !== undefined) after.found = found;
  if (kind === "start") after.started = at;
  if (kind === "success") {
    after.succeeded = at;
    after.unheard = [];
  }
  if (kind === "fail") after.failed = at;
  if (kind === "fail" || (kind === "log" && words !== "")) after.words = words;
  const running = before.started !== undefined && before.started > Math.max(before.succeeded ?? 0, before.failed ?? 0);
  if ((kind === "success" || kind === "fail") && running) after.seconds = (at - before.started!) / 1000;
  return after;
}

function read(path: string, onProblem: (problem: string) => void): Record<string, Job> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT")
      onProblem(`${path} cannot be read: ${(error as Error).message}`);
    return {};
  }
  try {
    return file.parse(JSON.parse(text));
  } catch {
    onProblem(`${path} is damaged: jobs count as never heard of until they report again`);
    return {};
  }
}
