import type { Reason } from "../reasons.ts";

/** What a job has told of itself. Times in milliseconds since the epoch. */
export interface Signals {
  started?: number;
  succeeded?: number;
  failed?: number;
  /** What it said when it failed, or last: hostile until escaped. */
  words?: string;
  /** How long its last whole run took, in seconds. */
  seconds?: number;
}

export interface Agreement {
  /** Seconds from one success to the next. */
  every: number;
  /** Seconds that it may be late. */
  grace: number;
  /** Seconds from start to success or failure; as much as `every` and `grace` when left out. */
  maxRuntime?: number;
}

export interface HeartbeatVerdict {
  problem?: { reason: Reason; message: string };
  measures: Record<string, number>;
}

const ago = (ms: number): string => {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2880 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} d`;
};

/** When nobody was there to hear a job, in milliseconds since the epoch. */
export interface Unheard {
  from: number;
  until: number;
}

/**
 * Whether a job is alive. `since` is when it began to be watched: a job that never came has until then plus its time. Where its time ran out while
 * nobody heard it, it may have reported in vain, and has its time anew.
 */
export function judge(
  signals: Signals,
  { every, grace, maxRuntime }: Agreement,
  since: number,
  now: number,
  unheard: readonly Unheard[] = [],
): HeartbeatVerdict {
  const { started = 0, succeeded = 0, failed = 0, words, seconds } = signals;
  const measures: Record<string, number> = {
    ...(succeeded > 0
      ? { last_success_timestamp_seconds: succeeded / 1000, age_seconds: (now - succeeded) / 1000 }
      : {}),
    ...(seconds === undefined ? {} : { run_seconds: seconds }),
  };
  const problem = (reason: Reason, message: string): HeartbeatVerdict => ({ problem: { reason, message }, measures });
  if (failed > succeeded) {
    const said = words === undefined || words === "" ? "" : `: ${JSON.stringify(words.slice(0, 300))}`;
    return problem("reported-failure", `the job reported a failure ${ago(now - failed)} ago${said}`);
  }
  const expected = (every + grace) * 1000;
  const isPast = (due: number): boolean =>
    now > unheard.reduce((at, { from, until }) => (at > from && at <= until ? until + expected : at), due);
  const longest = (maxRuntime ?? every + grace) * 1000;
  if (started > Math.max(succeeded, failed) && isPast(started + longest))
    return problem(
      "running-too-long",
      `the job began ${ago(now - started)} ago and has not ended; expected within ${ago(longest)}`,
    );
  if (isPast(Math.max(succeeded, since) + expected)) {
    const last = succeeded > 0 ? `the last success was ${ago(now - succeeded)} ago` : "no success was ever reported";
    return problem("no-signal", `${last}; expected one every ${ago(every * 1000)}, ${ago(grace * 1000)} late at most`);
  }
  return { measures };
}
