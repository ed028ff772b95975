import type { Reason } from "../reasons.ts";
import type { ListedContainer } from "../sources/gate.ts";

export interface Judgement {
  problem?: { reason: Reason; message: string };
  /** Time in its present state, in seconds. */
  ageSeconds?: number;
}

/** What each state that is not `running` means; the message is completed with the engine's own words. */
const STATES: Readonly<Record<string, Reason>> = {
  created: "exited",
  exited: "exited",
  dead: "exited",
  removing: "exited",
  restarting: "restarting",
  paused: "paused",
};

/** Whether a container is as it should be. `startGrace` is in seconds. */
export function judge(
  name: string,
  found: Pick<ListedContainer, "state" | "status"> | undefined,
  startGrace: number,
): Judgement {
  if (found === undefined)
    return { problem: { reason: "missing", message: `no container is named ${name}; expected it to run` } };
  const { state, status } = found;
  const ageSeconds = ageOf(status);
  const problem = (reason: Reason, expected: string): Judgement => ({
    problem: { reason, message: `${name} is ${state}: ${JSON.stringify(status)}; expected ${expected}` },
    ageSeconds,
  });
  if (state !== "running") return problem(STATES[state] ?? "internal", "it to run");
  if (/\(unhealthy\)/.test(status)) return problem("unhealthy", "its health check to pass");
  if (/\(health: starting\)/.test(status) && (ageSeconds ?? 0) > startGrace)
    return problem("starting-too-long", `it to be ready within ${startGrace} s`);
  return { ageSeconds };
}

const UNITS: Readonly<Record<string, number>> = {
  second: 1,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
  month: 2_592_000,
  year: 31_536_000,
};

/** Seconds in the engine's `Up 2 minutes …`, `Exited (0) About an hour ago`, `Up Less than a second`. */
export function ageOf(status: string): number | undefined {
  const [, amount, unit] =
    /(?:^| )(\d+|About an?|Less than a|an?) (second|minute|hour|day|week|month|year)s?\b/.exec(status) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  if (amount.startsWith("Less")) return 0;
  return (/^\d/.test(amount) ? Number(amount) : 1) * UNITS[unit]!;
}
