import type { Host, Inventory, InventoryService } from "../inventory.ts";
import { type MailDns, mailDns } from "../schema/mail.ts";

/** The mail server, with what its DNS records depend on. */
export interface MailService {
  service: InventoryService;
  host: Host;
  /** Its public name. */
  hostname: string;
  dns: MailDns;
  /** Where reports on DMARC and TLS go. */
  reports: string;
}

/** The mail service that we run; undefined where there is none. */
export function mailService(inventory: Inventory): MailService | undefined {
  const service = Object.values(inventory.services).find(
    ({ provides, delivery }) => delivery.by === "us" && provides.includes("mail"),
  );
  if (service?.delivery.by !== "us") return undefined;
  const { hostname, dns, probe } = service.delivery.settings as { hostname: string; dns?: unknown; probe?: string };
  const parsed = mailDns.parse(dns ?? {});
  return {
    service,
    host: inventory.hosts[service.delivery.host]!,
    hostname,
    dns: parsed,
    reports: parsed.reports ?? probe ?? `postmaster@${inventory.association.mainDomain}`,
  };
}
