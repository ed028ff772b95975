import { type Inventory, type InventoryService, proxyFor } from "../association/index.ts";

/** Services that one cannot work without: the declared ones, and the proxy of those that have a host name with us. */
export function parentsOf({ services }: Inventory, service: InventoryService): string[] {
  const proxy =
    service.hostname !== undefined && service.delivery.by === "us"
      ? proxyFor(service.delivery.host, services)?.id
      : undefined;
  return [...new Set([...service.dependsOn, ...(proxy === undefined || proxy === service.id ? [] : [proxy])])];
}

/** The same, and what those depend on in turn, nearest first. A loop, were there one, is gone through once. */
export function ancestorsOf(inventory: Inventory, service: InventoryService): string[] {
  const found = new Set<string>();
  const waiting = parentsOf(inventory, service);
  for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
    const parent = inventory.services[id];
    if (parent === undefined || id === service.id || found.has(id)) continue;
    found.add(id);
    waiting.push(...parentsOf(inventory, parent));
  }
  return [...found];
}

/** By service, those that directly depend on it. */
export function childrenOf(inventory: Inventory, id: string): string[] {
  return Object.values(inventory.services)
    .filter((service) => parentsOf(inventory, service).includes(id))
    .map((service) => service.id);
}
