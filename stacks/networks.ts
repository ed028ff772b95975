import { mailFiles } from "../association/dns/index.ts";
import type { Inventory } from "../association/index.ts";
import { type DeployedService, deployedServices } from "./deployed.ts";

/** A network on one host: one server and the services that use it. */
export interface NetworkPlan {
  /** The server's id: each server has a network of its own. */
  server: string;
  host: string;
  name: string;
  /** No way out of the engine: true unless the server opens a port or calls the outside. */
  internal: boolean;
  /** Ids of the services on it, the server first. */
  members: string[];
  /** Names by which the members find the server. */
  aliases: string[];
}

/** Kinds that call the world outside: for certificates, and to watch it. */
const CALLS_OUT = new Set(["proxy", "lookout", "vantage"]);

/**
 * One network for each server, with its clients and nobody else: two services that do not use each other share none
 * but those of servers that both use.
 */
export function planNetworks(inventory: Inventory): NetworkPlan[] {
  const services = deployedServices(inventory);
  return services.flatMap((server) => {
    const clients = services.filter(
      ({ uses, delivery }) => uses.includes(server.id) && delivery.host === server.delivery.host,
    );
    const opens = Object.values(server.ports).some(({ published }) => published !== undefined);
    const callsOut = server.callsOut === true || server.provides.some((ability) => CALLS_OUT.has(ability));
    if (clients.length === 0 && !opens && !callsOut) return [];
    return [
      {
        server: server.id,
        host: server.delivery.host,
        name: `${inventory.deployment.prefix}-${server.id}`,
        internal: !opens && !callsOut,
        members: [server.id, ...clients.map(({ id }) => id)],
        aliases: aliasesOf(server, inventory),
      },
    ];
  });
}

/** A server answers to its id, and the proxy to the host names it serves: checks use the very URLs that members use. */
function aliasesOf(server: DeployedService, inventory: Inventory): string[] {
  const { names = [], hostname } = (server.delivery.settings ?? {}) as { names?: string[]; hostname?: string };
  if (server.provides.includes("proxy")) {
    const served = deployedServices(inventory).flatMap((service) => service.hostname ?? []);
    return [...new Set([server.id, ...served, ...mailFiles(inventory).map((file) => file.hostname)])].sort();
  }
  return [server.id, ...names, ...(server.provides.includes("mail") && hostname ? [hostname] : [])].sort();
}
