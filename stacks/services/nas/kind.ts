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
  },
});

declare module "../../../association/vocabulary.ts" {
  interface ServiceKinds {
    nas: z.input<typeof settings>;
  }
}
