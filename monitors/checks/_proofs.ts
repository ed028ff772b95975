import type { Reason } from "../reasons.ts";
import type { AgentAnswer } from "../sources/backup-agent.ts";

export interface ProofInput {
  service: string;
  /** Seconds. */
  maxAge: number;
  answer: AgentAnswer;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Whether a restore of a service was proven, in time. Pure. */
export function judgeProof({ service, maxAge, answer, now }: ProofInput): {
  problem?: { reason: Reason; message: string };
  measures: Record<string, number>;
} {
  if (!answer.ok) return { problem: answer, measures: {} };
  const { proofs, since, startedAt } = answer.report;
  const proof = proofs.find((one) => one.service === service);
  const days = `${Math.round(maxAge / 8640) / 10} d`;
  if (proof === undefined) {
    const waiting = now - (since ?? startedAt);
    return waiting > maxAge * 1000
      ? {
          problem: {
            reason: "too-old",
            message: `no restore of ${service} has ever been proven, expected every ${days} at least`,
          },
          measures: {},
        }
      : { measures: {} };
  }
  const measures = {
    proof_timestamp_seconds: proof.at / 1000,
    proof_success: Number(proof.ok),
    ...(proof.seconds === undefined ? {} : { proof_seconds: proof.seconds }),
  };
  const fail = (reason: Reason, message: string) => ({ problem: { reason, message }, measures });
  if (!proof.ok)
    return fail("restore-failed", `the restore of ${service} does not work: ${proof.reason ?? "no reason was given"}`);
  if (now - proof.at > maxAge * 1000)
    return fail(
      "too-old",
      `the last restore of ${service} was proven at ${new Date(proof.at).toISOString().slice(0, 16)}Z, expected every ${days} at least`,
    );
  return { measures };
}
