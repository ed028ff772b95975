import type { Reason } from "../reasons.ts";
import type { AgentAnswer, AgentJob } from "../sources/backup-agent.ts";

interface Problem {
  reason: Reason;
  message: string;
}

/** How far two clocks may be apart, in seconds: an hour's cron must not run in another hour. */
export const CLOCKS_APART = 60;
/** How late a run may begin, in seconds: others may be before it, and the agent may be starting. */
const LATE = 900;

export interface JobsInput {
  service: string;
  volumes: readonly string[];
  /** Seconds. */
  limit: number;
  answer: AgentAnswer;
  /** Milliseconds since the epoch, by the lookout's clock. */
  now: number;
}

/** Whether the agent's runs of a service's volumes go as they should, by its own account. Pure. */
export function judgeJobs({ service, volumes, limit, answer, now }: JobsInput): {
  problem?: Problem;
  measures: Record<string, number>;
} {
  if (!answer.ok) return { problem: answer, measures: {} };
  const { report, clockOffset } = answer;
  const measures: Record<string, number> = { clock_offset_seconds: clockOffset };
  const problems: Problem[] = [];
  if (Math.abs(clockOffset) > CLOCKS_APART)
    problems.push({
      reason: "clock-wrong",
      message: `the clock of host ${report.host} is ${Math.abs(Math.round(clockOffset))} s ${clockOffset > 0 ? "ahead of" : "behind"} the lookout's`,
    });
  for (const volume of volumes) {
    const job = report.jobs.find((one) => one.service === service && one.volume === volume);
    if (job === undefined) {
      problems.push({
        reason: "not-configured",
        message: `the agent of ${report.host} has no job for volume ${volume} of ${service}`,
      });
      continue;
    }
    // All by the agent's own clock, so that a wrong one is told as such and as nothing else.
    const problem = problemOf(job, limit, now + clockOffset * 1000);
    if (problem) problems.push({ ...problem, message: `volume ${volume} of ${service}: ${problem.message}` });
    if (job.lastEnd !== undefined) {
      measures[`last_run_timestamp_seconds/${volume}`] = job.lastEnd / 1000;
      measures[`last_run_success/${volume}`] = Number(job.lastResult === "ok");
    }
    if (job.lastSeconds !== undefined) measures[`last_run_seconds/${volume}`] = job.lastSeconds;
    measures[`running_seconds/${volume}`] =
      job.runningSince === undefined ? 0 : Math.max(0, (now - job.runningSince) / 1000 + clockOffset);
  }
  const [first] = problems;
  if (first === undefined) return { measures };
  return { problem: { reason: first.reason, message: problems.map(({ message }) => message).join("; ") }, measures };
}

function problemOf(job: AgentJob, limit: number, now: number): Problem | undefined {
  const running = job.runningSince === undefined ? undefined : (now - job.runningSince) / 1000;
  if (running !== undefined && running > limit)
    return {
      reason: "running-too-long",
      message: `a snapshot has been under way for ${Math.round(running)} s, expected ${limit} s at most`,
    };
  if (job.trouble) return { reason: job.trouble.code, message: job.trouble.reason };
  if (job.lastResult === "failed" || job.lastResult === "partial")
    return {
      reason: job.lastCode ?? "backup-failed",
      message: job.lastReason ?? `the last run ended as ${job.lastResult}`,
    };
  if (running === undefined && job.nextRun !== undefined && (now - job.nextRun) / 1000 > LATE)
    return {
      reason: "backup-failed",
      message: `it should have run at ${new Date(job.nextRun).toISOString()} and did not`,
    };
  return undefined;
}
