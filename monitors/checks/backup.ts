import { z } from "zod";
import { duration, ref } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";
import { judge } from "./_freshness.ts";

const params = z.strictObject({
  /** The service whose data it is; the declaring one when left out. */
  service: ref("service").optional(),
  /** Its volumes, by the names its kind gives them; all that are backed up when left out. */
  volumes: z.array(z.string().min(1)).optional(),
  /** How old the youngest snapshot of a volume may be; the service's RPO when left out. */
  maxAge: duration.optional(),
});

export default defineCheck({
  summary: "Every volume of a service has a recent snapshot, as the backup repository itself tells",
  params,
  resolve: (own, { service }) => {
    const { backup, volumes } = service;
    const covered = Object.keys(volumes).filter((name) => volumes[name]!.backup);
    const resolved = {
      service: own.service ?? service.id,
      volumes: own.volumes ?? covered,
      maxAge: own.maxAge ?? ("none" in backup ? undefined : backup.rpo),
    };
    if (resolved.maxAge === undefined) return `\`maxAge\`: ${service.id} has no backup policy to take it from`;
    if (resolved.volumes.length === 0) return `\`volumes\`: ${service.id} has none that is backed up`;
    return resolved;
  },
  target: ({ service, volumes = [] }) => `${service}: ${volumes.join(", ")}`,
  measures: {
    last_snapshot_timestamp_seconds: {
      help: "When the youngest snapshot of a volume was taken, as a Unix time.",
      metric: "vigie_backup_last_snapshot_timestamp_seconds",
      label: "volume",
    },
    snapshot_size_bytes: {
      help: "Size of the data in the youngest snapshot of a volume.",
      metric: "vigie_backup_snapshot_size_bytes",
      label: "volume",
    },
    snapshot_files: {
      help: "Files in the youngest snapshot of a volume.",
      metric: "vigie_backup_snapshot_files",
      label: "volume",
    },
    oldest_age_seconds: { help: "Age of the youngest snapshot of the volume that has the oldest one." },
  },
  run: async ({ service, volumes = [], maxAge = 0 }, { resources, signal, step }) => {
    if (resources.repositories.length === 0)
      return failed("not-configured", "the exporter's configuration names no backup repository");
    const listings = await Promise.all(
      resources.repositories.map((repository) => {
        step("listing snapshots", repository.id);
        return repository.snapshots(signal);
      }),
    );
    const { problem, measures } = judge({ service: service ?? "", volumes, maxAge, listings, now: Date.now() });
    return problem ? failed(problem.reason, problem.message, { measures }) : good({ measures });
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    backup: z.input<typeof params>;
  }
}
