import { z } from "zod";
import { ref } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";
import { judgeContent } from "./_content.ts";

const count = z.number().int().min(0);
const params = z.strictObject({
  /** The service whose data it is; the declaring one when left out. */
  service: ref("service").optional(),
  /** Its volumes, by the names its kind gives them; all that are backed up when left out. */
  volumes: z.array(z.string().min(1)).optional(),
  /** How many snapshots of each period must be there; the service's own policy when left out. */
  keep: z
    .strictObject({
      /** The last snapshot of each of so many days. */
      daily: count,
      /** The last snapshot of each of so many weeks. */
      weekly: count,
      /** The last snapshot of each of so many months. */
      monthly: count,
      /** The last snapshot of each of so many years. */
      yearly: count,
    })
    .optional(),
  /** Share of its files or bytes, between 0 and 1, that a volume may lose from what is usual to the youngest snapshot. */
  shrink: z.number().gt(0).lt(1).default(0.5),
});

export default defineCheck({
  summary: "Snapshots hold as much as usual, are dated rightly, and none is gone that the policy keeps",
  params,
  resolve: (own, { service }) => {
    const { backup, volumes } = service;
    const resolved = {
      ...own,
      service: own.service ?? service.id,
      volumes: own.volumes ?? Object.keys(volumes).filter((name) => volumes[name]!.backup),
      ...(own.keep === undefined && "keep" in backup ? { keep: backup.keep } : {}),
    };
    return resolved.volumes.length === 0 ? `\`volumes\`: ${service.id} has none that is backed up` : resolved;
  },
  target: ({ service, volumes = [] }) => `${service}: ${volumes.join(", ")}`,
  measures: {
    snapshots: {
      help: "How many snapshots of a volume there are.",
      metric: "vigie_backup_snapshots",
      label: "volume",
    },
    snapshots_missing: {
      help: "Snapshots that are gone and that the declared policy keeps.",
      metric: "vigie_backup_snapshots_missing",
      label: "volume",
    },
    usual_size_bytes: {
      help: "Size of the data that is usual for a volume: the middle of the snapshots before the youngest.",
      metric: "vigie_backup_usual_size_bytes",
      label: "volume",
    },
    usual_files: {
      help: "Number of files that is usual for a volume: the middle of the snapshots before the youngest.",
      metric: "vigie_backup_usual_files",
      label: "volume",
    },
  },
  run: async ({ service = "", volumes = [], keep, shrink }, { resources, signal, step }) => {
    if (resources.repositories.length === 0)
      return failed("not-configured", "the exporter's configuration names no backup repository");
    const listings = await Promise.all(
      resources.repositories.map((repository) => {
        step("listing snapshots", repository.id);
        return repository.snapshots(signal);
      }),
    );
    const { problem, measures } = judgeContent({
      service,
      volumes,
      shrink,
      listings,
      now: Date.now(),
      ...(keep ? { keep } : {}),
    });
    return problem ? failed(problem.reason, problem.message, { measures }) : good({ measures });
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    "backup-content": z.input<typeof params>;
  }
}
