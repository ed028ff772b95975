import { z } from "zod";
import { duration } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";
import { judge } from "./_heartbeat.ts";
import { type Disk, disk, troubleOf } from "./_smart.ts";
import { pushPurpose } from "./heartbeat.ts";

const params = z.strictObject({
  /** The check's own name in addresses: `SERVICE/JOB`; known by itself. */
  name: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, "SERVICE/JOB")
    .optional(),
  /** The name under which the host reports, below the service's: `disks` in `/push/SERVICE/disks`. */
  job: z
    .string()
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "lower-case words joined by hyphens")
    .default("disks"),
  /** How often the host reports. */
  expect: duration.prefault("1h"),
  /** How late it may be. */
  grace: duration.prefault("2h"),
  /** How many disks report: one that is no longer seen at all is the worst of signs. */
  disks: z.number().int().min(1).max(64).default(1),
  /** Degrees Celsius that a disk may have. */
  maxCelsius: z.number().min(20).max(100).default(60),
  /** Sectors that a disk may have replaced by spare ones. */
  maxReallocated: z.number().int().min(0).default(10),
  /** Sectors that it cannot read, or errors of its medium. */
  maxUnreadable: z.number().int().min(0).default(0),
  /** How much of an SSD's life may be used, from 0 to 1. */
  maxWorn: z.number().gt(0).lte(2).default(0.9),
});

const found = z.array(disk);

/** A metric's value for each disk that has one. */
const valuesOf = (disks: readonly Disk[]): Record<string, number> =>
  Object.fromEntries(
    disks.flatMap(({ name, passed, celsius, hours, reallocated, unreadable, worn }) =>
      Object.entries({
        healthy: passed === undefined ? undefined : Number(passed),
        temperature_celsius: celsius,
        power_on_seconds: hours === undefined ? undefined : hours * 3600,
        reallocated_sectors: reallocated,
        unreadable_sectors: unreadable,
        worn_ratio: worn,
      }).flatMap(([measure, value]) => (value === undefined ? [] : [[`${measure}/${name}`, value] as const])),
    ),
  );

export default defineCheck({
  summary:
    "The disks of a real host say of themselves that they are well (SMART): the host reports what smartctl found",
  params,
  resolve: (own, { service }) => ({ ...own, name: `${service.id}/${own.job}` }),
  secrets: ({ name }) => (name === undefined ? [] : [{ derived: pushPurpose(name) }]),
  target: ({ name, job }) => `/push/${name ?? job}`,
  measures: {
    healthy: {
      help: "1 where the disk says of itself that it is well (SMART).",
      metric: "vigie_disk_healthy",
      label: "disk",
    },
    temperature_celsius: { help: "How warm a disk is.", metric: "vigie_disk_temperature_celsius", label: "disk" },
    power_on_seconds: {
      help: "How long a disk has run in its life.",
      metric: "vigie_disk_power_on_seconds",
      label: "disk",
    },
    reallocated_sectors: {
      help: "Sectors of a disk that were replaced by spare ones.",
      metric: "vigie_disk_reallocated_sectors",
      label: "disk",
    },
    unreadable_sectors: {
      help: "Sectors of a disk that cannot be read, or errors of its medium.",
      metric: "vigie_disk_unreadable_sectors",
      label: "disk",
    },
    worn_ratio: {
      help: "Part of an SSD's life that is used; it may go beyond 1.",
      metric: "vigie_disk_worn_ratio",
      label: "disk",
    },
  },
  run: async (wish, { resources: { heartbeats }, step }) => {
    if (heartbeats === undefined) return failed("not-configured", "the exporter keeps no reports");
    const { signals, since, unheard, found: kept } = heartbeats.of(wish.name ?? "");
    const { problem } = judge(signals, { every: wish.expect, grace: wish.grace }, since, Date.now(), unheard);
    const disks = found.safeParse(kept).data ?? [];
    step("reading what the host reported", disks);
    const measures = valuesOf(disks);
    if (problem) return failed(problem.reason, problem.message, { measures });
    // Its first report is not due yet.
    if (signals.succeeded === undefined) return good();
    const limits = {
      celsius: wish.maxCelsius,
      reallocated: wish.maxReallocated,
      unreadable: wish.maxUnreadable,
      worn: wish.maxWorn,
    };
    const troubles = disks.flatMap((one) => {
      const trouble = troubleOf(one, limits);
      return trouble.length === 0 ? [] : [`${one.name}${one.label ? ` (${one.label})` : ""} ${trouble.join("; ")}`];
    });
    if (disks.length < wish.disks)
      troubles.push(`${disks.length} of ${wish.disks} disks reported: ${disks.map(({ name }) => name).join(", ")}`);
    return troubles.length === 0 ? good({ measures }) : failed("disk-failing", troubles.join(". "), { measures });
  },
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    smart: Omit<z.input<typeof params>, "name">;
  }
}
