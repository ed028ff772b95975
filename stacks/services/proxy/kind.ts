import { z } from "zod";
import { defineKind } from "../../../association/index.ts";

const settings = z.strictObject({
  /** Where Let's Encrypt writes about certificates that will expire; needed outside the demo. */
  acmeEmail: z.email().optional(),
});

/** Caddy: terminates TLS for every service that has a host name. */
export default defineKind({
  summary: "Reverse proxy with TLS (Caddy)",
  software: ["caddy"],
  settings,
  provides: ["proxy"],
  uses: (_, services) =>
    Object.values(services)
      .filter(({ hostname }) => hostname !== undefined)
      .map(({ id }) => id),
  ports: {
    http: { container: 80, published: 80, same: true },
    https: { container: 443, published: 443, same: true },
    status: { container: 2020 },
  },
  volumes: {
    data: { path: "/var/lib/caddy", backup: true },
    // Copies of certificates that servers beside it present themselves, and of nothing else: see `image/share`.
    certificates: { path: "/var/lib/vigie-certificates", backup: false },
  },
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    proxy: z.input<typeof settings>;
  }
}
