import { z } from "zod";
import { duration, ref } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";
import { judgeJobs } from "./_jobs.ts";

const params = z.strictObject({
  /** The host whose backup agent is asked; the service's own when left out. */
  host: ref("host").optional(),
  /** The service whose data it is; the declaring one when left out. */
  service: ref("service").optional(),
  /** Its volumes, by the names its kind gives them; all that are backed up when left out. */
  volumes: z.array(z.string().min(1)).optional(),
  /** How long one snapshot may take. */
  limit: duration.prefault("6h"),
});

export default defineCheck({
  summary: "The backup agent takes the snapshots it should, as it says itself",
  params,
  resolve: (own, { service, host }) => {
    const { volumes } = service;
    const resolved = {
      ...own,
      host: own.host ?? host?.id,
      service: own.service ?? service.id,
      volumes: own.volumes ?? Object.keys(volumes).filter((name) => volumes[name]!.backup),
    };
    if (resolved.host === undefined) return "`host`: the one whose backup agent is asked";
    return resolved.volumes.length === 0 ? `\`volumes\`: ${service.id} has none that is backed up` : resolved;
  },
  target: ({ service, volumes = [] }) => `${service}: ${volumes.join(", ")}`,
  measures: {
    last_run_timestamp_seconds: {
      help: "When the agent's last run for a volume ended, whatever it led to, as a Unix time.",
      metric: "vigie_backup_last_run_timestamp_seconds",
      label: "volume",
    },
    last_run_success: {
      help: "Whether the agent's last run for a volume saved all of it.",
      metric: "vigie_backup_last_run_success",
      label: "volume",
    },
    last_run_seconds: {
      help: "How long the agent's last run for a volume took.",
      metric: "vigie_backup_last_run_seconds",
      label: "volume",
    },
    running_seconds: {
      help: "For how long a run for a volume has been under way; 0 where none is.",
      metric: "vigie_backup_running_seconds",
      label: "volume",
    },
    clock_offset_seconds: {
      help: "How far the clock of the backup agent is ahead of the lookout's.",
      metric: "vigie_backup_clock_offset_seconds",
    },
  },
  run: async ({ host = "", service = "", volumes = [], limit }, { resources, signal, step }) => {
    const agent = resources.agents.get(host);
    if (agent === undefined)
      return failed("not-configured", `the exporter's configuration names no backup agent for host ${host}`);
    step("asking the backup agent");
    const answer = await agent.report(signal);
    const { problem, measures } = judgeJobs({ service, volumes, limit, answer, now: Date.now() });
    return problem ? failed(problem.reason, problem.message, { measures }) : good({ measures });
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    "backup-job": z.input<typeof params>;
  }
}
