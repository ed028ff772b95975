import type { CheckState } from "../../dashboards/view.ts";

/** What another lookout says of a check. */
export interface Vote {
  readonly vantage: string;
  readonly status: CheckState["status"];
  /** When it came into this status, in milliseconds since the epoch. */
  readonly since: number;
  readonly reason?: string;
}

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
  const voices = [{ status: own.status, since: own.since, vantage: undefined, reason: undefined }, ...votes].filter(
    ({ status }) => status !== "pending",
  );
  if (voices.length === 0) return own;
  const down = voices.filter(({ status }) => status === "down");
  const needed = Math.min(quorum ?? Math.floor(voices.length / 2) + 1, voices.length);
  const status: "down" | "up" = down.length >= needed ? "down" : "up";
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
