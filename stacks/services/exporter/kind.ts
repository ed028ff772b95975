import { z } from "zod";
import { defineKind, ref } from "../../../association/index.ts";

const settings = z.strictObject({
  /** Teams whose members may read the internal pages: on-call, runbooks, directory. */
  readers: z.array(ref("team")).min(1),
});

/** Vigie's own exporter: runs the checks, serves metrics and pages. */
export default defineKind({
  summary: "The lookout: checks, metrics, status pages and runbooks",
  settings,
  provides: ["lookout"],
  uses: (_, services) =>
    Object.values(services)
      .filter(({ ports }) => Object.keys(ports).length > 0)
      .map(({ id }) => id),
  ports: { http: { container: 9464 } },
  web: "http",
  volumes: { data: { path: "/var/lib/vigie", backup: true } },
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    exporter: z.input<typeof settings>;
  }
}
