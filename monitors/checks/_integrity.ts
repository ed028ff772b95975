import { english } from "../../dashboards/words/plural.ts";
import type { Reason } from "../reasons.ts";
import type { AgentAnswer } from "../sources/backup-agent.ts";
import type { SnapshotListing } from "../sources/repository.ts";

export interface IntegrityInput {
  /** Seconds. */
  maxAge: number;
  readAllWithin: number;
  answer: AgentAnswer;
  /** What the repository itself answers us. */
  listing: SnapshotListing | undefined;
  /** Milliseconds since the epoch. */
  now: number;
}

interface Problem {
  reason: Reason;
  message: string;
}

/** Nobody gets in, who can reach it: the password is another, or the key is damaged that it opens. */
const CLOSED = new Set<Reason>(["wrong-password", "repository-damaged"]);

/** What the reading of all data may be late by, as a share of its period. */
const SLACK = 1.25;

/** Whether a repository has been verified, in time and without a fault. Pure. */
export function judgeIntegrity({ maxAge, readAllWithin, answer, listing, now }: IntegrityInput): {
  problem?: Problem;
  measures: Record<string, number>;
} {
  const measures: Record<string, number> = {};
  // Whether the password opens it is not the agent's to say: we try it ourselves.
  if (listing) measures.key_usable = Number(listing.ok || !CLOSED.has(listing.reason));
  if (listing && !listing.ok) return { problem: listing, measures };
  if (listing?.unreadable !== undefined)
    return {
      problem: { reason: "repository-damaged", message: `a snapshot cannot be read: ${listing.unreadable}` },
      measures,
    };
  if (!answer.ok) return { problem: answer, measures };
  const { integrity, startedAt } = answer.report;
  const fail = (reason: Reason, message: string) => ({ problem: { reason, message }, measures });
  if (integrity === undefined)
    return now - startedAt > maxAge * 1000 ? fail("too-old", "the repository has never been verified") : { measures };
  const { at, code, reason, errors, seconds, readAt, unread, parts, goodAt } = integrity;
  const oldest = Math.min(...readAt);
  const inTime = readAt.filter((time) => now - time <= readAllWithin * 1000).length - Math.min(unread, parts);
  measures.data_read_ratio = Math.max(0, inTime) / parts;
  measures.data_read_timestamp_seconds = oldest / 1000;
  if (at !== undefined) measures.verified_timestamp_seconds = at / 1000;
  if (errors !== undefined) measures.errors = errors;
  if (seconds !== undefined) measures.verification_seconds = seconds;
  if (code === "repository-damaged")
    return fail(
      code,
      `the verification of ${iso(at)} found ${errors ?? 1} ${english.form(errors ?? 1, "fault", "faults")}: ${reason ?? ""}`,
    );
  const last = Math.max(goodAt ?? 0, startedAt);
  if (now - last > maxAge * 1000)
    return fail(
      code ?? "too-old",
      goodAt === undefined
        ? `the repository has never been verified${reason ? `: ${reason}` : ""}`
        : `the last good verification was at ${iso(goodAt)}, expected every ${Math.round(maxAge / 3600)} h at least${reason ? `: ${reason}` : ""}`,
    );
  if (now - oldest > readAllWithin * 1000 * SLACK + maxAge * 1000)
    return fail(
      "too-old",
      `part of the data has not been read since ${iso(oldest)}, expected every ${Math.round(readAllWithin / 86_400)} d`,
    );
  return { measures };
}

const iso = (at: number | undefined): string =>
  at === undefined ? "?" : `${new Date(at).toISOString().slice(0, 16)}Z`;
