import { z } from "zod";
import { defineKind, duration } from "../../../association/index.ts";

const settings = z.strictObject({
  /** How long level 1 has before an alert goes to level 2, the role that the owner escalates to (N32). */
  escalateAfter: duration.prefault("30m"),
});

/** Alertmanager: takes alerts to the role that owns the service. */
export default defineKind({
  summary: "Routing of alerts to roles (Alertmanager)",
  software: ["prometheus-alertmanager"],
  settings,
  provides: ["alerts"],
  uses: (_, services) =>
    Object.values(services)
      .filter(({ provides }) => provides.includes("lookout"))
      .map(({ id }) => id),
  ports: { http: { container: 9093 } },
  volumes: { data: { path: "/var/lib/alertmanager", backup: false } },
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    alertmanager: z.input<typeof settings>;
  }
}
