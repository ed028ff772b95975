import { z } from "zod";
import { defineKind, duration } from "../../../association/index.ts";

const settings = z.strictObject({
  /** Name of the Windows workgroup. */
  workgroup: z
    .string()
    .regex(/^[A-Z0-9-]{1,15}$/, "a NetBIOS name: up to 15 capitals, digits and hyphens")
    .default("WORKGROUP"),
  /** How long it is kept who did what to which file: long enough to find out, no longer than the register of processing says. */
  auditFor: duration.refine((seconds) => seconds >= 86_400, "1d or more").prefault("1y"),
  /** Room, in per cent of the disk, that former states of files leave free: the oldest go while there is less. */
  versionsMinFree: z.number().min(0).max(90).default(10),
});
export type NasSettings = z.output<typeof settings>;

/** Samba: one share a team, each access recorded, former states kept. What it serves is declared in `shares`. */
export default defineKind({
  summary: "File server (Samba), a share per team, with an audit trail",
  software: ["samba"],
  settings,
  provides: ["shares"],
  ports: {
    smb: { container: 445, published: 445 },
    // For the lookout: how the shares fare, and the audit trail.
    status: { container: 4002 },
  },
  checks: () => [
    { check: "share-room", every: "1m", severity: "ticket" },
    { check: "share-versions", every: "5m", severity: "ticket" },
  ],
  items: {
    share: {
      summary: "a whole share",
      volume: "shares",
      example: "technique",
      places: (name) => (/^[^/\0]+$/.test(name) && !/^\.\.?$/.test(name) ? [name] : undefined),
    },
    file: {
      summary: "a file or folder of a share, by the path that members see",
      volume: "shares",
      example: "technique/plans/rez-de-chaussee.odg",
      places: (name) => {
        const parts = name.replaceAll("\\", "/").replace(/^\/+/, "").split("/").filter(Boolean);
        return parts.length > 1 && !parts.some((part) => part === "." || part === ".." || part.includes("\0"))
          ? [parts.join("/")]
          : undefined;
      },
    },
  },
  volumes: {
    shares: { path: "/srv/shares", backup: true },
    audit: { path: "/var/log/samba-audit", backup: true },
    // Snapshots of the shares hold the same and more: what is in here is for members to help themselves.
    versions: { path: "/srv/versions", backup: false },
  },
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    nas: z.input<typeof settings>;
  }
}
