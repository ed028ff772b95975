import { z } from "zod";
import { defineKind, hostname } from "../../../association/index.ts";

const settings = z.strictObject({
  /** The host names it answers to, inside the stack's networks only. */
  names: z.array(hostname).min(1),
  /** TCP ports on which it accepts connections, as a till or a router does. */
  tcpPorts: z.array(z.number().int().min(1024).max(65_535)).default([]),
});

/** Plays the suppliers' sites in demos and tests, so that trying Vigie out never calls a real company. */
export default defineKind({
  summary: "Plays suppliers' sites in demos and tests",
  software: ["caddy"],
  settings,
  ports: { http: { container: 80 } },
  volumes: {},
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    "stand-in": z.input<typeof settings>;
  }
}
