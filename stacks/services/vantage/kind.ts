import { z } from "zod";
import { defineKind, duration } from "../../../association/index.ts";
import { references } from "../exporter/kind.ts";

const settings = z.strictObject({
  /**
   * Places outside that answer as long as the network there works, `host:port`, as those of the exporter: while none of them does,
   * nothing is said from there.
   */
  references,
  /** After how long without a proof that alerts get through the role that owns the exporter is told from there, by its own channels. */
  tellsAfter: duration.prefault("15m"),
});
export type VantageSettings = z.output<typeof settings>;

/** A second place to watch from: it runs what can be seen from anywhere and tells the exporter, which decides. */
export default defineKind({
  summary: "A second place to watch from, on a host of its own: what the exporter tells is agreed on with it",
  settings,
  provides: ["vantage"],
  uses: ({ delivery }, services) =>
    Object.values(services)
      .filter(
        (other) =>
          other.delivery.by === "us" &&
          delivery.by === "us" &&
          other.delivery.host === delivery.host &&
          Object.keys(other.ports).length > 0,
      )
      .map(({ id }) => id),
  // The exporter asks there; answers and questions prove themselves by a key that is never sent.
  ports: { http: { container: 9464, published: 9464 } },
  volumes: { data: { path: "/var/lib/vigie", backup: false }, hooks: { path: "/hooks", backup: false } },
  checks: () => [{ check: "vantage", every: "30s", severity: "ticket" }],
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    vantage: z.input<typeof settings>;
  }
}
