import { z } from "zod";
import { defineKind } from "../../../association/index.ts";

const settings = z.strictObject({});

/** restic's rest-server, append-only: a service that is broken into cannot delete its snapshots. */
export default defineKind({
  summary: "Append-only store of snapshots (restic rest-server)",
  software: ["restic", "restic-rest-server"],
  settings,
  provides: ["backup-repository"],
  ports: { rest: { container: 8000 } },
  volumes: { data: { path: "/var/lib/restic", backup: false } },
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    "backup-repository": z.input<typeof settings>;
  }
}
