import { z } from "zod";
import { defineKind, ref } from "../../../association/index.ts";

const settings = z.strictObject({
  /** Teams whose members may read the internal pages: on-call, runbooks, directory. */
  readers: z.array(ref("team")).min(1),
  /**
   * Places outside that answer as long as our own network works, `host:port`, for instance public resolvers: while none
   * of them does, nothing else is blamed. Without any, what cannot be reached counts as down.
   */
  references: z.array(z.string().regex(/^(\[[0-9A-Fa-f:.]+\]|[^\s:/[\]@]+):\d{1,5}$/, "host:port")).default([]),
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
