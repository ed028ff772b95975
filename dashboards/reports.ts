import { z } from "zod";

/*
 * Reports that commands leave beside the lookout's history, as pages and metrics read them: what they use of them and no more.
 * Texts come from programs that were looked at: hostile until escaped.
 */

const time = z.iso.datetime({ offset: true });

/** What `npm run versions` found; see `cli/upgrade/report.ts`. */
export const versionsReport = z.object({
  version: z.literal(1),
  made: time,
  services: z.record(
    z.string(),
    z.object({
      image: z.string(),
      edition: z.object({
        packages: z.string().optional(),
        hold: z.string().optional(),
        because: z.string().optional(),
      }),
      software: z.array(z.object({ package: z.string(), version: z.string() })),
      packages: z.number(),
      updates: z.array(
        z.object({ package: z.string(), from: z.string(), to: z.string(), security: z.boolean(), since: time }),
      ),
      decision: z.discriminatedUnion("do", [
        z.object({ do: z.literal("adopt"), within: z.number() }),
        z.object({ do: z.literal("test"), on: z.string(), why: z.string() }),
        z.object({ do: z.literal("wait"), until: z.string(), why: z.string() }),
      ]),
    }),
  ),
  bases: z.array(
    z.object({
      image: z.string(),
      digest: z.string().optional(),
      latest: z.string().optional(),
      newerTags: z.array(z.string()),
    }),
  ),
  npm: z.array(z.object({ package: z.string(), from: z.string(), wanted: z.string(), latest: z.string() })),
  unreached: z.array(z.string()),
});
export type VersionsReport = z.output<typeof versionsReport>;

/** What one recovery drill found; see `cli/drill/report.ts`. */
const drill = z.object({
  started: time,
  ended: time,
  passed: z.boolean(),
  commit: z.string().nullable(),
  rtoSeconds: z.number().nullable(),
  problem: z.string().optional(),
  volumes: z.array(
    z.object({
      service: z.string(),
      volume: z.string(),
      snapshot: z.string(),
      taken: time,
      rpoSeconds: z.number(),
      rpoGoalSeconds: z.number(),
      files: z.number(),
      bytes: z.number(),
    }),
  ),
  services: z.array(
    z.object({
      service: z.string(),
      rtoSeconds: z.number().nullable(),
      rtoGoalSeconds: z.number().nullable(),
      failing: z.array(z.string()),
      canary: z.enum(["found", "missing"]).optional(),
    }),
  ),
});

/** The last drills, the youngest first, each as it was signed. */
export const drillsReport = z.object({
  version: z.literal(1),
  drills: z.array(z.object({ report: drill, signature: z.string(), publicKey: z.string() })),
});
export type DrillsReport = z.output<typeof drillsReport>;
export type DrillReport = DrillsReport["drills"][number]["report"];

/** What the lookout was left; undefined where there is none, or none that can be read. */
export interface Reports {
  readonly versions?: VersionsReport;
  readonly drills?: DrillsReport;
}

/** The last drill that brought everything back. */
export const lastGoodDrill = ({ drills }: Reports): DrillReport | undefined =>
  drills?.drills.map(({ report }) => report).find(({ passed }) => passed);
