import type { Inventory } from "../inventory.ts";
import { provider } from "../services.ts";
import { addressRecord, type DnsRecord } from "./record.ts";

/** The names of the zones' name servers, ours first; none where somebody else serves them. */
export function nameServersOf({ services }: Inventory): readonly string[] {
  const delivery = provider("names", services)?.delivery;
  if (delivery?.by !== "us") return [];
  return (delivery.settings as { nameServers?: readonly string[] }).nameServers ?? [];
}

/** The address of our own name server, without which a zone that it is in does not load (RFC 1912 section 2.3). */
export function nameServerRecords(inventory: Inventory): DnsRecord[] {
  const [own] = nameServersOf(inventory);
  const delivery = provider("names", inventory.services)?.delivery;
  if (own === undefined || delivery?.by !== "us") return [];
  return [addressRecord(own, inventory.hosts[delivery.host]!.address, "names")];
}
