import { z } from "zod";
import { defineKind, duration, ref } from "../../../association/index.ts";

/** Places outside that answer as long as our own network works. */
export const references = z
  .array(z.string().regex(/^(\[[0-9A-Fa-f:.]+\]|[^\s:/[\]@]+):\d{1,5}$/, "host:port"))
  .default([]);

const settings = z.strictObject({
  /** Teams whose members may read the internal pages: on-call, runbooks, directory. */
  readers: z.array(ref("team")).min(1),
  /**
   * Places outside that answer as long as our own network works, `host:port`, for instance public resolvers: while none
   * of them does, nothing else is blamed. Without any, what cannot be reached counts as down.
   */
  references,
  /** How many places, this one among them, must see a check down before it counts as down; more than half when left out. */
  quorum: z.number().int().min(1).optional(),
  /** How long what is seen is kept. */
  history: z
    .strictObject({
      /** Every single result. */
      results: duration.prefault("7d"),
      /** Results put together by five minutes: a day's chart. */
      fiveMinutes: duration.prefault("8d"),
      /** By the hour: a week's chart. */
      hours: duration.prefault("100d"),
      /** By the day, and every change of status. */
      days: duration.prefault("400d"),
      /** What the file may grow to, in megabytes: single results are given up sooner when it would outgrow that. */
      maxMb: z.number().int().min(50).default(800),
    })
    .prefault({}),
});

export type Settings = z.output<typeof settings>;

/** Vigie's own exporter: runs the checks, serves metrics and pages. */
export default defineKind({
  summary: "The lookout: checks, metrics, status pages and runbooks",
  software: ["restic"],
  settings,
  provides: ["lookout"],
  uses: (_, services) =>
    Object.values(services)
      .filter(({ ports }) => Object.keys(ports).length > 0)
      .map(({ id }) => id),
  ports: { http: { container: 9464 } },
  web: "http",
  volumes: {
    // Its databases are saved as copies of one moment, which it makes before each snapshot, and not as the files at work.
    data: {
      path: "/var/lib/vigie",
      backup: true,
      excludes: ["history", "incidents"].flatMap((name) => [`${name}.sqlite`, `${name}.sqlite-*`]),
    },
    hooks: { path: "/hooks", backup: false },
  },
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    exporter: z.input<typeof settings>;
  }
}
