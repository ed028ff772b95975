import { z } from "zod";
import { defineKind } from "../../../association/index.ts";

const settings = z.strictObject({});

/** A window on a host's Docker engine that shows the state of its containers and nothing else. */
export default defineKind({
  summary: "Read-only view of a host's containers, for the lookout",
  software: ["caddy"],
  settings,
  provides: ["engine-state"],
  checks: () => [
    { check: "disk", every: "5m", severity: "ticket" },
    { check: "drift", every: "5m", severity: "ticket" },
  ],
  ports: { http: { container: 2375 } },
  volumes: {},
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    gate: z.input<typeof settings>;
  }
}
