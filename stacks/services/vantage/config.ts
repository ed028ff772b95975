import { type Check, type Inventory, type People, provider } from "../../../association/index.ts";
import { authorityAt, smtpOf } from "../../alerts.ts";
import type { DeployedService, StackContext } from "../../context.ts";
import { watchedInventory } from "../exporter/config.ts";
import { vantageKeyFile } from "./key.ts";
import type { VantageSettings } from "./kind.ts";

type Context = Pick<StackContext, "inventory" | "certificates">;

/** Kinds of checks that need to know who made a certificate. */
const ASK_FOR_CERTIFICATES = new Set(["http", "tls", "imap", "smtp"]);

/** What is watched from there: the same inventory, with the checks that can be run there, as they are addressed from there. */
export function vantageInventory(service: DeployedService, context: Context): Inventory {
  const { inventory, certificates } = context;
  // Certificates of our own authority's, which nobody tells it there, would all be doubted.
  const blind = certificates === "internal" && authorityAt(service.delivery.host, context) === undefined;
  const checks = Object.values(inventory.checks).flatMap(({ from, ...check }): Check[] => {
    const there = from?.[service.id];
    const ours = inventory.services[check.service]?.delivery.by === "us";
    if (there === undefined || (blind && ours && ASK_FOR_CERTIFICATES.has(check.kind))) return [];
    return [{ ...check, ...there }];
  });
  const ids = new Set(checks.map(({ id }) => id));
  const watched = watchedInventory(inventory);
  return {
    ...watched,
    checks: Object.fromEntries(checks.map((check) => [check.id, check])),
    services: Object.fromEntries(
      Object.entries(watched.services).map(([id, one]) => [
        id,
        { ...one, checks: one.checks.filter((check) => ids.has(check)) },
      ]),
    ),
    incidents: {},
  };
}

/** Nobody is named there. */
export const NOBODY: People = { version: 1, holders: {}, roles: {}, teams: {}, mailboxes: {} };

/** Who answers for the exporter: whoever is told from there when it is silent. */
export const ownerOf = ({ services }: Inventory): string | undefined => provider("lookout", services)?.owner;

/** How the program runs there. */
export function vantageConfig(service: DeployedService, context: Context) {
  const { references, tellsAfter } = service.delivery.settings as VantageSettings;
  const role = ownerOf(context.inventory);
  const authority = authorityAt(service.delivery.host, context);
  return {
    listen: service.ports.http!.container,
    address: "0.0.0.0",
    data: service.volumes.data!.path,
    host: service.delivery.host,
    references,
    ...(authority === undefined ? {} : { trust: { url: authority } }),
    vantage: {
      name: service.id,
      only: true,
      keyFile: vantageKeyFile(service.id),
      ...(role === undefined ? {} : { tells: { role, after: tellsAfter } }),
    },
    alerts: { smtp: smtpOf(service, context) },
    history: { rawDays: 1, fiveMinuteDays: 1, hourDays: 1, dayDays: 1, maxMb: 100 },
  };
}
