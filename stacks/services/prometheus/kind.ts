import { z } from "zod";
import { defineKind, duration } from "../../../association/index.ts";

const settings = z.strictObject({
  /** How long samples are kept. */
  retention: duration.prefault("90d"),
});

/** Prometheus, scraping the lookout and evaluating the rules derived from the inventory. */
export default defineKind({
  summary: "Metrics and alert rules (Prometheus)",
  software: ["prometheus"],
  settings,
  provides: ["metrics"],
  uses: (_, services) =>
    Object.values(services)
      .filter(({ provides }) => provides.includes("lookout") || provides.includes("alerts"))
      .map(({ id }) => id),
  ports: { http: { container: 9090 } },
  volumes: { data: { path: "/var/lib/prometheus", backup: false } },
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    prometheus: z.input<typeof settings>;
  }
}
