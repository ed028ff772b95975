import { type CheckState, isEarlyWarning, type Run } from "../../dashboards/view.ts";
import type { Reason } from "../reasons.ts";

/** What another lookout says of a check. */
export interface Vote {
  readonly vantage: string;
  readonly status: CheckState["status"];
  /** When it came into this status, in milliseconds since the epoch. */
  readonly since: number;
  /** Why its last run failed; left out where it was good. */
  readonly reason?: string;
  /** When its last run began, in milliseconds since the epoch; left out where that is not told. */
  readonly ranAt?: number;
}

/** A place without a network of its own sees nothing: what it last knew says nothing about now. */
const isBlind = (reason: string | undefined): boolean => reason === ("own-network" satisfies Reason);

/** Those that know something of now. */
const voicesOf = (votes: readonly Vote[]): Vote[] =>
  votes.filter(({ status, reason }) => status !== "pending" && !isBlind(reason));

/** How many of so many must see it down. */
const neededOf = (voices: number, quorum: number | undefined): number =>
  Math.min(quorum ?? Math.floor(voices / 2) + 1, voices);

/**
 * What several lookouts make of a check: down once `quorum` of them see it so, of those that know anything; more than half
 * when it is left out. With fewer voices than the quorum, all of them must agree.
 *
 * @param before the verdict so far, whose beginning stands as long as the verdict does
 */
export function verdict(
  own: CheckState,
  votes: readonly Vote[],
  quorum: number | undefined,
  before: CheckState = own,
): CheckState {
  const here = { status: own.status, since: own.since, vantage: undefined, reason: undefined };
  const others = voicesOf(votes);
  const voices =
    own.status === "pending" || (isBlind(own.lastRun?.reason) && others.length > 0) ? others : [here, ...others];
  if (voices.length === 0) return own;
  const down = voices.filter(({ status }) => status === "down");
  const status: "down" | "up" = down.length >= neededOf(voices.length, quorum) ? "down" : "up";
  const since = (fresh: number): number => (status === before.status ? before.since : fresh);
  const seen =
    down.length === 0 || down.length === voices.length
      ? {}
      : {
          seen: voices.map(({ vantage, status: one }) => ({
            ...(vantage ? { vantage } : {}),
            status: one as "up" | "down",
          })),
        };
  if (status === own.status) return { ...own, ...seen, since: since(own.since) };
  const agreeing = voices.filter((voice) => voice.status === status);
  // It has been so since as many as are needed have seen it.
  const agreed = { ...own, ...seen, status, since: since(Math.max(...agreeing.map((voice) => voice.since))) };
  if (status === "up" || own.lastRun === undefined) return agreed;
  const [witness] = agreeing;
  const message = `seen from ${agreeing.map(({ vantage }) => vantage).join(", ")}, not from here`;
  return { ...agreed, lastRun: { ...own.lastRun, reason: witness!.reason ?? "unreachable", message } };
}

/**
 * Whether a run that was made here counts as good, as all the places together saw it: it does not where as many as are needed failed
 * last. Thresholds play no part in it, nor do early warnings count as errors.
 */
export function countsAsGood({ ok, reason }: Run, votes: readonly Vote[], quorum: number | undefined): boolean {
  const failed = [
    !ok && !isEarlyWarning(reason),
    ...voicesOf(votes).map((vote) =>
      vote.reason === undefined ? vote.status === "down" : !isEarlyWarning(vote.reason),
    ),
  ];
  return failed.filter(Boolean).length < neededOf(failed.length, quorum);
}

/** Whether some place has not looked since a run began here: that it saw things work was before. */
export const isAwaited = ({ at }: Run, votes: readonly Vote[]): boolean =>
  voicesOf(votes).some(({ ranAt = at }) => ranAt < at);
