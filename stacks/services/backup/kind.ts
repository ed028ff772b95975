import { z } from "zod";
import { defineKind, duration, ref } from "../../../association/index.ts";
import { destination, isOutside } from "./destinations.ts";

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time such as 08:00");
const rate = z.number().int().positive();

const settings = z.strictObject({
  /** The service that keeps the snapshots. */
  repository: ref("service"),
  /** How the repository is verified: all that it says of itself each time, and one part of its data by reading it. */
  verify: z
    .strictObject({
      /** How often. */
      every: duration.prefault("1d"),
      /** In what time every byte has been read once. */
      readAllWithin: duration.prefault("30d"),
    })
    .refine(({ every, readAllWithin }) => readAllWithin >= every, "`readAllWithin` not shorter than `every`")
    .prefault({}),
  /** Where else all snapshots are copied to, on other hosts: one fire or thief must not take both. */
  copies: z
    .record(z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "lower-case letters, digits and hyphens"), destination)
    .default({}),
  /** How long one snapshot may take before it is stopped. */
  limit: duration.prefault("6h"),
  /** Rates not to be passed, in KiB a second, so that members' own traffic is not slowed down. */
  bandwidth: z
    .strictObject({
      /** To the repository. */
      upload: rate.optional(),
      /** From the repository. */
      download: rate.optional(),
    })
    .prefault({}),
  /** Between these times nothing starts by itself: what is due waits for the end of them. */
  quietHours: z
    .strictObject({
      /** When they begin. */
      from: clock,
      /** When they end; earlier than `from` where that is on the next morning. */
      until: clock,
    })
    .optional(),
});
export type BackupSettings = z.output<typeof settings>;

/** restic, on each host: snapshots of the host's volumes by the services' own policies. */
export default defineKind({
  summary: "Snapshots of a host's volumes (restic)",
  software: ["restic"],
  settings,
  provides: ["backup"],
  uses: ({ delivery }) => {
    if (delivery.by !== "us") return [];
    const { repository, copies } = delivery.settings as BackupSettings;
    return [repository, ...Object.values(copies).flatMap((copy) => copy.repository ?? [])];
  },
  callsOut: ({ delivery }) =>
    delivery.by === "us" && Object.values((delivery.settings as BackupSettings).copies).some(isOutside),
  // The lookout asks here how the jobs are going.
  ports: { report: { container: 9465 } },
  volumes: { cache: { path: "/var/cache/restic", backup: false } },
  checks: ({ delivery }) => {
    if (delivery.by !== "us") return [];
    const { verify, copies } = delivery.settings as BackupSettings;
    return [
      ...Object.entries(copies).map(([copy, { every }]) => ({
        check: "backup-copy",
        id: `backup-copy-${copy}`,
        every: "5m",
        timeout: "20s",
        severity: "ticket" as const,
        host: delivery.host,
        copy,
        maxAge: `${2 * every + 3600}s`,
      })),
      {
        check: "backup-integrity",
        every: "5m",
        timeout: "60s",
        severity: "ticket",
        host: delivery.host,
        maxAge: `${2 * verify.every + 3600}s`,
        readAllWithin: `${verify.readAllWithin}s`,
      },
    ];
  },
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    backup: z.input<typeof settings>;
  }
}
