import { readFile } from "node:fs/promises";
import { z } from "zod";
import { describeError, reasonOfError } from "../net/failure.ts";
import { askProven } from "../net/proven.ts";
import { REASONS, type Reason } from "../reasons.ts";
import { shared } from "./shared.ts";

const when = z.iso.datetime().transform((text) => Date.parse(text));
/** The agent's own words for what went wrong; one that we do not know is a failure all the same. */
const code = z
  .string()
  .transform((word): Reason => (Object.hasOwn(REASONS, word) ? (word as Reason) : "backup-failed"));

const job = z.object({
  id: z.string(),
  service: z.string(),
  volume: z.string(),
  nextRun: when.optional(),
  runningSince: when.optional(),
  trouble: z.object({ code, reason: z.string() }).optional(),
  lastEnd: when.optional(),
  lastSeconds: z.number().optional(),
  lastResult: z.enum(["ok", "partial", "failed"]).optional(),
  lastReason: z.string().optional(),
  lastCode: code.optional(),
});

/** What the agent knows of its repository's state: see `integrity.ts` of its image. Times in milliseconds since the epoch. */
const integrity = z.object({
  at: when.optional(),
  goodAt: when.optional(),
  seconds: z.number().optional(),
  code: code.optional(),
  reason: z.string().optional(),
  errors: z.number().optional(),
  parts: z.number().int().min(1),
  readAt: z.array(when),
  unread: z.number().int().min(0),
});

/** What `npm run prove` found; the agent keeps it. */
const proven = z.object({
  service: z.string(),
  at: when,
  ok: z.boolean(),
  reason: z.string().optional(),
  seconds: z.number().optional(),
});

const report = z.object({
  version: z.literal(1),
  host: z.string(),
  now: when,
  startedAt: when,
  repository: z.string(),
  jobs: z.array(job),
  integrity: integrity.optional(),
  since: when.optional(),
  proofs: z.array(proven).default([]),
  copies: z
    .array(
      z.object({
        id: z.string(),
        at: when.optional(),
        goodAt: when.optional(),
        seconds: z.number().optional(),
        code: code.optional(),
        reason: z.string().optional(),
      }),
    )
    .default([]),
});

/** What a backup agent says of itself. Texts may quote others: hostile until escaped. Times in milliseconds since the epoch. */
export type AgentReport = z.output<typeof report>;
export type AgentJob = z.output<typeof job>;
export type AgentAnswer =
  | { ok: true; report: AgentReport /** How far its clock is ahead of ours, in seconds. */; clockOffset: number }
  | { ok: false; reason: Reason; message: string };

/** The agent that takes the snapshots of one host. */
export interface BackupAgent {
  /** Id of its repository, as the exporter's configuration has it. */
  repository: string;
  /** Asked once every few seconds at most, however many checks want it. */
  report(signal: AbortSignal): Promise<AgentAnswer>;
}

export interface BackupAgentOptions {
  url: string;
  keyFile: string;
  repository: string;
}

const FRESH_MS = 5000;
const LIMIT_MS = 10_000;
const MOST_BYTES = 4 * 1024 * 1024;

export function makeBackupAgent({ url, keyFile, repository }: BackupAgentOptions): BackupAgent {
  const address = new URL("report", `${url.replace(/\/$/, "")}/`);
  const ask = async (signal: AbortSignal): Promise<AgentAnswer> => {
    try {
      const key = (await readFile(keyFile, "utf8")).trim();
      const asked = Date.now();
      const text = await askProven(address, { key, signal, most: MOST_BYTES, what: "its report" });
      const answer = report.parse(JSON.parse(text));
      const clockOffset = (answer.now - (asked + Date.now()) / 2) / 1000;
      return { ok: true, report: answer, clockOffset };
    } catch (error) {
      return {
        ok: false,
        reason: "agent-unreachable",
        message: `the backup agent at ${address.host}: ${explain(error)}`,
      };
    }
  };
  return { repository, report: shared(FRESH_MS, LIMIT_MS, ask) };
}

function explain(error: unknown): string {
  if (error instanceof z.ZodError || error instanceof SyntaxError) return "its report cannot be read";
  if ((error as Error).name === "TimeoutError") return `no answer within ${LIMIT_MS / 1000} s`;
  return describeError(error, reasonOfError(error));
}
