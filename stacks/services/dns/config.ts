import { dnsRecords, isPlaceholder, mailService, zoneText } from "../../../association/dns/index.ts";
import type { Inventory } from "../../../association/index.ts";
import { lookup } from "../../../association/lookup.ts";
import type { DeployedService } from "../../context.ts";
import type { DnsSettings } from "./kind.ts";

/** What the image puts in the place of each zone's serial: the time at which it first served these very records. */
const SERIAL_MARK = "@SERIAL@";

/** Where the mail server's public keys are seen in the name server's container. */
export const KEYS = "/srv/mail";

/** A zone file for each domain of the association. DKIM keys are not in them: the image adds those the mail server has made. */
export function zoneFiles(service: DeployedService, inventory: Inventory): Record<string, string> {
  const { nameServers } = service.delivery.settings as DnsSettings;
  const contact = `postmaster@${inventory.association.mainDomain}`;
  return Object.fromEntries(
    Object.entries(dnsRecords(inventory)).map(([domain, records]) => {
      const served = records.filter((one) => !isPlaceholder(one));
      return [`zones/${domain}.zone`, zoneText({ domain, nameServers, contact, serial: SERIAL_MARK }, served)];
    }),
  );
}

/** The volume with the mail server's public keys, where it is on the same host. */
export function keysVolume(service: DeployedService, inventory: Inventory): Record<string, string> {
  const mail = mailService(inventory)?.service;
  const volume = lookup(mail?.volumes, "records");
  return mail?.delivery.by === "us" && volume && mail.delivery.host === service.delivery.host
    ? { [volume.name]: KEYS }
    : {};
}

/** The file with those who may copy zones, where there are any: no empty file can be delivered. */
export function transfers(service: DeployedService): Record<string, string> {
  const { transfersTo } = service.delivery.settings as DnsSettings;
  return transfersTo.length === 0 ? {} : { transfers: transfersTo.map((address) => `${address}\n`).join("") };
}
