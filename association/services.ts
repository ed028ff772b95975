import type { Declared } from "./declaration.ts";
import type { Deployment, Host, InventoryService, Port } from "./inventory.ts";
import type { Service } from "./schema/service.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** A declared service completed from its kind; what depends on other services comes later. */
export function buildService(
  id: string,
  service: Service,
  roles: Declared["roles"],
  { kinds }: Vocabulary,
  { prefix, portOffset }: Deployment,
): InventoryService {
  const { delivery, checks: _, ...rest } = service;
  const base = {
    ...rest,
    id,
    team: roles[service.owner]?.team ?? "",
    active: delivery.by !== "project",
    needs: asSet(service.needs),
    dependsOn: asSet(service.dependsOn),
    privacy:
      "none" in service.privacy
        ? service.privacy
        : { ...service.privacy, recipients: asSet(service.privacy.recipients) },
    checks: [],
    uses: [],
    provides: [],
    ports: {},
    volumes: {},
  };
  if (delivery.by !== "us") return { ...base, delivery };
  const kind = kinds[delivery.kind]!;
  const settings = kind.settings.parse(delivery.settings ?? {});
  return {
    ...base,
    delivery: { ...delivery, settings },
    container: `${prefix}-${id}`,
    provides: kind.provides ?? [],
    ports: mapEntries(kind.ports, (spec, name): Port => {
      const opened = delivery.publish?.[name] ?? spec.published;
      const published = opened === undefined ? {} : { published: opened + portOffset };
      return {
        container: (spec.same ? published.published : undefined) ?? spec.container,
        ...published,
        protocol: spec.protocol ?? "tcp",
      };
    }),
    volumes: mapEntries(kind.volumes, (spec, name) => ({ name: `${prefix}-${id}-${name}`, ...spec })),
  };
}

/** The services that one opens connections to. */
export function usesOf(
  service: InventoryService,
  services: Record<string, InventoryService>,
  { kinds }: Vocabulary,
): string[] {
  if (service.delivery.by !== "us") return [];
  return asSet(kinds[service.delivery.kind]!.uses?.(service, services) ?? []).filter((id) => id !== service.id);
}

/** Whether it needs a way out of its engine. */
export const callsOut = (service: InventoryService, { kinds }: Vocabulary): { callsOut?: true } =>
  service.delivery.by === "us" && kinds[service.delivery.kind]!.callsOut?.(service) ? { callsOut: true } : {};

const HTTPS = 443;

/** The port at which services of a host are opened over https. */
export const httpsPort = (host: string, services: Readonly<Record<string, InventoryService>>): number =>
  proxyFor(host, services)?.ports.https?.published ?? HTTPS;

/** A service's public address: a supplier's own, or its host name at the proxy's https port. */
export function urlOf(service: InventoryService, services: Record<string, InventoryService>): { url?: string } {
  if (service.delivery.by === "supplier")
    return service.delivery.url ? { url: service.delivery.url.replace(/\/$/, "") } : {};
  if (service.hostname === undefined || service.delivery.by !== "us") return {};
  const port = httpsPort(service.delivery.host, services);
  return { url: `https://${service.hostname}${port === HTTPS ? "" : `:${port}`}` };
}

/** The proxy that answers for services of a host: its own, else the first there is. */
export function proxyFor(
  host: string,
  services: Readonly<Record<string, InventoryService>>,
): InventoryService | undefined {
  return provider("proxy", services, host) ?? provider("proxy", services);
}

/** The first service that can do something for others, on one host or anywhere. */
export function provider(
  ability: InventoryService["provides"][number],
  services: Readonly<Record<string, InventoryService>>,
  host?: string,
): InventoryService | undefined {
  return providersOf(services)
    .get(ability)
    ?.find(({ delivery }) => delivery.by === "us" && (host === undefined || delivery.host === host));
}

type Providers = ReadonlyMap<InventoryService["provides"][number], readonly InventoryService[]>;
const known = new WeakMap<Readonly<Record<string, InventoryService>>, Providers>();

/** Who can do what, found once for each record of services: thousands of them ask, and records are not changed once made. */
function providersOf(services: Readonly<Record<string, InventoryService>>): Providers {
  let found = known.get(services);
  if (found === undefined) {
    const pairs = Object.values(services).flatMap((service) =>
      service.provides.map((ability) => ({ ability, service })),
    );
    const grouped = Map.groupBy(pairs, ({ ability }) => ability);
    found = new Map([...grouped].map(([ability, own]) => [ability, own.map(({ service }) => service)]));
    known.set(services, found);
  }
  return found;
}

/**
 * Where a port of a service is reached from a host: by the service's name on the same engine's networks,
 * else by the host's address, provided that the port is opened there.
 */
export function endpointFrom(
  from: string | undefined,
  service: InventoryService,
  portName: string,
  hosts: Readonly<Record<string, Host>>,
): { host: string; port: number } | undefined {
  const port = Object.hasOwn(service.ports, portName) ? service.ports[portName] : undefined;
  if (port === undefined || service.delivery.by !== "us") return undefined;
  if (service.delivery.host === from) return { host: service.id, port: port.container };
  return port.published === undefined
    ? undefined
    : { host: hosts[service.delivery.host]!.address, port: port.published };
}

/** The host that a service of ours runs on. */
export const hostOf = ({ delivery }: InventoryService): string | undefined =>
  delivery.by === "us" ? delivery.host : undefined;

/** A record with its values mapped. */
export const mapEntries = <T, U>(
  record: Readonly<Record<string, T>>,
  map: (value: T, key: string) => U,
): Record<string, U> => Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));

/** Names of which only the presence matters, in an order of their own. */
export const asSet = (names: readonly string[]): string[] => [...new Set(names)].sort();
