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
  {
    check: "backup-content",
    derive: (service) =>
      covered(service) && {
        every: "5m",
        timeout: "60s",
        severity: "ticket",
        service: service.id,
        volumes: covered(service),
        keep: "none" in service.backup ? undefined : service.backup.keep,
      },
  },
  {
    check: "backup-job",
    derive: (service) =>
      covered(service) && {
        every: "1m",
        timeout: "20s",
        severity: "ticket",
        host: service.delivery.by === "us" ? service.delivery.host : undefined,
        service: service.id,
        volumes: covered(service),
      },
  },
  {
    check: "restore-proof",
    derive: (service) =>
      covered(service) && {
        every: "5m",
        timeout: "20s",
        severity: "ticket",
        host: service.delivery.by === "us" ? service.delivery.host : undefined,
        service: service.id,
        maxAge: "none" in service.backup ? undefined : `${2 * service.backup.prove}s`,
      },
  },
];

/** The volumes of a service that are backed up; undefined where there is none. */
function covered({ delivery, backup, volumes }: InventoryService): string[] | undefined {
  if (delivery.by !== "us" || "none" in backup) return undefined;
  const names = Object.keys(volumes).filter((name) => volumes[name]!.backup);
  return names.length > 0 ? names.sort() : undefined;
}
