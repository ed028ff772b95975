import { z } from "zod";
import { duration, ref } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";
import { judgeProof } from "./_proofs.ts";

const params = z.strictObject({
  /** The host whose backup agent is asked; the service's own when left out. */
  host: ref("host").optional(),
  /** The service whose restore it is; the declaring one when left out. */
  service: ref("service").optional(),
  /** How old the last proof may be; twice as long as the service's policy says when left out. */
  maxAge: duration.optional(),
});

export default defineCheck({
  summary:
    "A restore was proven: snapshots brought back into scratch, the service started on them, planted values found",
  params,
  resolve: (own, { service, host }) => {
    const { backup } = service;
    const resolved = {
      host: own.host ?? host?.id,
      service: own.service ?? service.id,
      maxAge: own.maxAge ?? ("none" in backup ? undefined : 2 * backup.prove),
    };
    if (resolved.host === undefined) return "`host`: the one whose backup agent is asked";
    if (resolved.maxAge === undefined) return `\`maxAge\`: ${service.id} has no backup policy to take it from`;
    return resolved;
  },
  target: ({ service }) => service ?? "",
  measures: {
    proof_timestamp_seconds: {
      help: "When a restore of the service was last proven, or found not to work, as a Unix time.",
      metric: "vigie_backup_restore_proof_timestamp_seconds",
    },
    proof_success: {
      help: "Whether the last proof of a restore found all that it looked for.",
      metric: "vigie_backup_restore_proof_success",
    },
    proof_seconds: {
      help: "How long the last proof of a restore took.",
      metric: "vigie_backup_restore_proof_seconds",
    },
  },
  run: async ({ host = "", service = "", maxAge = 0 }, { resources, signal, step }) => {
    const agent = resources.agents.get(host);
    if (agent === undefined)
      return failed("not-configured", `the exporter's configuration names no backup agent for host ${host}`);
    step("asking the backup agent");
    const { problem, measures } = judgeProof({ service, maxAge, answer: await agent.report(signal), now: Date.now() });
    return problem ? failed(problem.reason, problem.message, { measures }) : good({ measures });
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    "restore-proof": z.input<typeof params>;
  }
}
