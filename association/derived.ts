import type { InventoryService } from "./inventory.ts";
import type { CheckInputLoose } from "./vocabulary.ts";

/** A check that a service gets because of what it is. */
interface Derivation {
  /** Its kind and id; a declared check of the same id takes its place. */
  check: string;
  /** The check, or undefined where it does not apply. */
  derive(service: InventoryService): Omit<CheckInputLoose, "check"> | undefined;
}

/** Checks that nobody has to remember to declare. */
export const derivations: readonly Derivation[] = [
  {
    check: "container",
    derive: ({ delivery, container }) =>
      delivery.by === "us" ? { every: "30s", host: delivery.host, container } : undefined,
  },
  {
    check: "tls",
    derive: ({ delivery, hostname }) => (delivery.by === "us" && hostname ? { every: "15m" } : undefined),
  },
  {
    check: "backup",
    derive: ({ id, delivery, backup, volumes }) =>
      delivery.by === "us" && !("none" in backup)
        ? {
            every: "5m",
            timeout: "60s",
            severity: "ticket",
            service: id,
            volumes: Object.entries(volumes)
              .filter(([, volume]) => volume.backup)
              .map(([name]) => name)
              .sort(),
            maxAge: `${backup.rpo}s`,
          }
        : undefined,
  },
];
