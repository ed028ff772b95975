import { z } from "zod";
import { defineKind } from "../../../association/index.ts";

const settings = z.strictObject({
  /** Name of the Windows workgroup. */
  workgroup: z
    .string()
    .regex(/^[A-Z0-9-]{1,15}$/, "a NetBIOS name: up to 15 capitals, digits and hyphens")
    .default("WORKGROUP"),
});

/** Samba: one share a team, each access recorded. What it serves is declared in `shares`. */
export default defineKind({
  summary: "File server (Samba), a share per team, with an audit trail",
  software: ["samba"],
  settings,
  provides: ["shares"],
  ports: { smb: { container: 445, published: 445 } },
  volumes: {
    shares: { path: "/srv/shares", backup: true },
    audit: { path: "/var/log/samba-audit", backup: true },
  },
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    nas: z.input<typeof settings>;
  }
}
