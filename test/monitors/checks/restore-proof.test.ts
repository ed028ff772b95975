import { describe, expect, it, test } from "vitest";
import { judgeProof } from "../../../monitors/checks/_proofs.ts";
import type { AgentAnswer, AgentReport } from "../../../monitors/sources/backup-agent.ts";

const DAY = 86_400_000;
const NOW = Date.parse("2027-03-31T12:00:00Z");
const proof = { service: "wiki", at: NOW - DAY, ok: true, seconds: 40 };
const answer = (own: Partial<AgentReport>): AgentAnswer => ({
  ok: true,
  clockOffset: 0,
  report: {
    version: 1,
    host: "main",
    now: NOW,
    startedAt: NOW,
    repository: "ready",
    jobs: [],
    proofs: [],
    copies: [],
    since: NOW - 30 * DAY,
    ...own,
  },
});
const judge = (from: AgentAnswer) => judgeProof({ service: "wiki", maxAge: 14 * 86_400, answer: from, now: NOW });

describe("a proof of a restore", () => {
  it("is good when it was made in time and all was found", () => {
    expect(judge(answer({ proofs: [proof] }))).toEqual({
      measures: { proof_timestamp_seconds: NOW / 1000 - 86_400, proof_success: 1, proof_seconds: 40 },
    });
  });

  it("may still be to come in the first days", () =>
    expect(judge(answer({ since: NOW - 3 * DAY })).problem).toBeUndefined());

  test.each<[string, AgentAnswer, string]>([
    ["nobody has ever made one", answer({}), "too-old"],
    ["another service's is the only one", answer({ proofs: [{ ...proof, service: "nas" }] }), "too-old"],
    ["it is weeks old", answer({ proofs: [{ ...proof, at: NOW - 15 * DAY }] }), "too-old"],
    ["it failed", answer({ proofs: [{ ...proof, ok: false, reason: "does not start" }] }), "restore-failed"],
    ["the agent is silent", { ok: false, reason: "agent-unreachable", message: "" }, "agent-unreachable"],
  ])("is missed where %s", (_, from, reason) => expect(judge(from).problem?.reason).toBe(reason));
});
