import { z } from "zod";
import { defineKind, ref } from "../../../association/index.ts";

const settings = z.strictObject({
  /** The service that keeps the snapshots. */
  repository: ref("service"),
});

/** restic, on each host: snapshots of the host's volumes by the services' own policies. */
export default defineKind({
  summary: "Snapshots of a host's volumes (restic)",
  software: ["restic"],
  settings,
  provides: ["backup"],
  uses: ({ delivery }) => (delivery.by === "us" ? [(delivery.settings as z.output<typeof settings>).repository] : []),
  ports: {},
  volumes: { cache: { path: "/var/cache/restic", backup: false } },
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    backup: z.input<typeof settings>;
  }
}
