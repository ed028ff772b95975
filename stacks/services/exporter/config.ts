import {
  endpointFrom,
  type Inventory,
  provider,
  SECRETS_DIR as SECRETS,
  secretFile,
} from "../../../association/index.ts";
import { ALERTS_TOKEN_FILE, alertSettings, authorityAt, smtpOf } from "../../alerts.ts";
import { backupServices, repositoryUrl } from "../../backups.ts";
import { type DeployedService, deployedServices, type StackContext } from "../../context.ts";
import { vantageKeyFile } from "../vantage/key.ts";
import type { Settings } from "./kind.ts";

/** What the exporter's image is built with, as paths from the project's root. */
export const EXPORTER_IMAGE = {
  include: ["package.json", "association", "monitors", "dashboards", "runbooks", "stacks/hooks"],
  packages: "production",
} as const;

/**
 * The inventory without the settings of services: the lookout has no use for them, and a wiki's new title
 * need not restart it.
 */
export function watchedInventory(inventory: Inventory): Inventory {
  return {
    ...inventory,
    services: Object.fromEntries(
      Object.entries(inventory.services).map(([id, service]) => {
        if (service.delivery.by !== "us") return [id, service];
        const { settings: _, ...delivery } = service.delivery;
        return [id, { ...service, delivery }];
      }),
    ),
  };
}

/** Where Alertmanager's API is, for silences. */
function silencesAt(inventory: Inventory, here: string): { alertmanager?: string } {
  const alerts = provider("alerts", inventory.services);
  const address = alerts && endpointFrom(here, alerts, "http", inventory.hosts);
  return address === undefined ? {} : { alertmanager: `http://${address.host}:${address.port}` };
}

/** Where the exporter finds the rest of the stack. */
export function exporterConfig(service: DeployedService, context: Pick<StackContext, "inventory" | "certificates">) {
  const { inventory } = context;
  const settings = service.delivery.settings as Settings;
  const here = service.delivery.host;
  const proxy = provider("proxy", inventory.services, here);
  const authority = authorityAt(here, context);
  return {
    listen: service.ports.http!.container,
    address: "0.0.0.0",
    data: service.volumes.data!.path,
    host: here,
    gates: Object.fromEntries(
      deployedServices(inventory)
        .filter(({ provides }) => provides.includes("engine-state"))
        .flatMap((gate) => {
          const address = endpointFrom(here, gate, "http", inventory.hosts);
          return address === undefined
            ? []
            : [
                [
                  gate.delivery.host,
                  { url: `http://${address.host}:${address.port}`, tokenFile: `${SECRETS}/gate-${gate.delivery.host}` },
                ],
              ];
        }),
    ),
    repositories: backupServices(context).map((backup) => ({
      id: backup.id,
      url: repositoryUrl(backup, here, context),
      restUser: backup.id,
      restPasswordFile: `${SECRETS}/rest-${backup.id}`,
      passwordFile: `${SECRETS}/repository-password`,
    })),
    agents: Object.fromEntries(
      backupServices(context).flatMap((backup) => {
        const address = endpointFrom(here, backup, "report", inventory.hosts);
        return address === undefined
          ? []
          : [
              [
                backup.delivery.host,
                {
                  url: `http://${address.host}:${address.port}`,
                  keyFile: `${SECRETS}/report-${backup.id}`,
                  repository: backup.id,
                },
              ],
            ];
      }),
    ),
    trails: trailsOf(inventory, here),
    ...(authority === undefined ? {} : { trust: { url: authority } }),
    ...vantageOf(service, inventory),
    publicUrl: service.url,
    references: settings.references,
    alerts: alertsOf(service, context),
    history: retentionOf(settings.history),
    ...(proxy ? { proofFile: `${SECRETS}/proof` } : {}),
    ...silencesAt(inventory, here),
  };
}

/** The other places that are watched from. */
export const vantages = (inventory: Inventory): DeployedService[] =>
  deployedServices(inventory).filter(({ provides }) => provides.includes("vantage"));

/** Those that are asked what they see, and how many must agree; nothing where there are none. */
function vantageOf(service: DeployedService, inventory: Inventory) {
  const peers = vantages(inventory).flatMap((other) => {
    const address = endpointFrom(service.delivery.host, other, "http", inventory.hosts);
    return address === undefined ? [] : [{ name: other.id, url: urlAt(address), keyFile: vantageKeyFile(other.id) }];
  });
  const { quorum } = service.delivery.settings as Settings;
  return peers.length === 0
    ? {}
    : { vantage: { name: service.id, peers, ...(quorum === undefined ? {} : { quorum }) } };
}

const urlAt = ({ host, port }: { host: string; port: number }): string =>
  `http://${host.includes(":") ? `[${host}]` : host}:${port}`;

/** Where the audit trails of file servers are searched. The token is among the secrets of their checks. */
function trailsOf(inventory: Inventory, here: string): Record<string, { url: string; tokenFile: string }> {
  return Object.fromEntries(
    deployedServices(inventory)
      .filter(({ provides }) => provides.includes("shares"))
      .flatMap((nas) => {
        const address = endpointFrom(here, nas, "status", inventory.hosts);
        return address === undefined
          ? []
          : [
              [
                nas.id,
                {
                  url: `http://${address.host}:${address.port}/trail`,
                  tokenFile: secretFile({ derived: "nas/status" }),
                },
              ],
            ];
      }),
  );
}

const DAY = 86_400;

const retentionOf = ({ results, fiveMinutes, hours, days, maxMb }: Settings["history"]) => ({
  rawDays: results / DAY,
  fiveMinuteDays: fiveMinutes / DAY,
  hourDays: hours / DAY,
  dayDays: days / DAY,
  maxMb,
});

function alertsOf(service: DeployedService, context: Pick<StackContext, "inventory" | "certificates">) {
  const settings = alertSettings(context);
  return {
    tokenFile: ALERTS_TOKEN_FILE,
    smtp: smtpOf(service, context),
    ...(settings?.deadman === undefined ? {} : { deadmanFile: secretFile(settings.deadman) }),
  };
}
