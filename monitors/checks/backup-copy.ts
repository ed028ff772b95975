import { z } from "zod";
import { duration, ref } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";
import type { AgentAnswer } from "../sources/backup-agent.ts";

const params = z.strictObject({
  /** The host whose backup agent is asked. */
  host: ref("host"),
  /** The name that the backup service's declaration gives the copy. */
  copy: z.string(),
  /** How long ago everything was last copied, at most. */
  maxAge: duration.prefault("2d"),
});

export default defineCheck({
  summary: "All snapshots are copied to another repository, elsewhere, in time",
  params,
  target: ({ host, copy }) => `${copy} of ${host}`,
  measures: {
    copy_timestamp_seconds: {
      help: "When all snapshots were last copied to another repository, as a Unix time.",
      metric: "vigie_backup_copy_timestamp_seconds",
    },
    copy_lag_seconds: {
      help: "Time since all snapshots were last copied to another repository.",
      metric: "vigie_backup_copy_lag_seconds",
    },
  },
  run: async ({ host, copy, maxAge }, { resources, signal, step }) => {
    const agent = resources.agents.get(host);
    if (agent === undefined)
      return failed("not-configured", `the exporter's configuration names no backup agent for host ${host}`);
    step("asking the backup agent");
    return judgeCopy(await agent.report(signal), copy, maxAge, Date.now());
  },
});

/** Whether everything was copied in time. Pure. @param maxAge in seconds @param now in milliseconds since the epoch */
export function judgeCopy(answer: AgentAnswer, copy: string, maxAge: number, now: number) {
  if (!answer.ok) return failed(answer.reason, answer.message);
  const { copies, startedAt } = answer.report;
  const { goodAt, code, reason } = copies.find(({ id }) => id === copy) ?? {};
  const measures: Record<string, number> =
    goodAt === undefined
      ? {}
      : { copy_timestamp_seconds: goodAt / 1000, copy_lag_seconds: Math.max(0, (now - goodAt) / 1000) };
  if (code) return failed(code, `the copy to ${copy} fails: ${reason ?? ""}`, { measures });
  if (now - (goodAt ?? startedAt) <= maxAge * 1000) return good({ measures });
  const last =
    goodAt === undefined
      ? "nothing has ever been copied"
      : `the last good copy was at ${new Date(goodAt).toISOString().slice(0, 16)}Z`;
  return failed("too-old", `${copy}: ${last}, expected every ${Math.round(maxAge / 3600)} h at least`, { measures });
}

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    "backup-copy": z.input<typeof params>;
  }
}
