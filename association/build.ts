import type { Declared } from "./declaration.ts";
import { derivations } from "./derived.ts";
import { deepFreeze } from "./freeze.ts";
import {
  type Check,
  type Deployment,
  type Host,
  INVENTORY_VERSION,
  type Inventory,
  type InventoryService,
  type People,
  type Port,
  type Role,
} from "./inventory.ts";
import { parseDeclaration, read } from "./parse.ts";
import { buildPeople } from "./people.ts";
import { DeclarationError, describeProblem, formatPath, type Problem } from "./problems.ts";
import { rules } from "./rules/index.ts";
import { ownParams } from "./rules/kinds.ts";
import { checkBase } from "./schema/service.ts";
import type { CheckInputLoose, ResolveContext, Vocabulary } from "./vocabulary.ts";

type DeclaredService = Declared["services"][string];

/**
 * The inventory and the people of a declaration.
 *
 * @throws DeclarationError listing everything that is wrong, each with its path, what was found and what was expected.
 */
export function buildInventory(
  raw: unknown,
  vocabulary: Vocabulary,
  deployment: Partial<Deployment> = {},
): { inventory: Inventory; people: People } {
  const { declared, names, problems } = parseDeclaration(raw);
  const source = (typeof raw === "object" && raw !== null ? raw : {}) as Record<string, unknown>;
  for (const rule of rules) problems.push(...rule({ declared, names, raw: source, vocabulary }));
  if (problems.length > 0) throw new DeclarationError(unique(problems));

  const where: Deployment = { prefix: declared.association.id, portOffset: 0, ...deployment };
  const hosts = mapEntries(declared.hosts, (host, id): Host => ({ ...host, id }));
  const services = mapEntries(declared.services, (service, id) =>
    buildService(id, service, declared, vocabulary, where),
  );
  const withUrls = mapEntries(services, (service) => ({ ...service, ...urlOf(service, services) }));
  const checks = buildChecks(withUrls, declared, hosts, vocabulary);
  const inventory: Inventory = {
    version: INVENTORY_VERSION,
    association: declared.association,
    deployment: where,
    domains: declared.domains,
    teams: declared.teams,
    roles: mapEntries(declared.roles, (role, id) => publicRole(role, addressOf(id, declared))),
    suppliers: declared.suppliers,
    hosts,
    services: mapEntries(withUrls, (service, id) => ({
      ...service,
      uses: usesOf(service, withUrls, vocabulary),
      checks: Object.values(checks)
        .filter((check) => check.service === id)
        .map((check) => check.id),
    })),
    checks,
    lists: declared.lists,
    shares: declared.shares,
    roleMailboxes: Object.fromEntries(
      Object.entries(declared.mailboxes).flatMap(([id, { holder: _, role, ...box }]) =>
        role ? [[id, { ...box, role }]] : [],
      ),
    ),
  };
  return deepFreeze({ inventory: canonical(inventory), people: canonical(buildPeople(declared)) });
}

function buildService(
  id: string,
  service: DeclaredService,
  declared: Declared,
  { kinds }: Vocabulary,
  { prefix, portOffset }: Deployment,
): InventoryService {
  const { delivery, checks: _, ...rest } = service;
  const base = {
    ...rest,
    id,
    team: declared.roles[service.owner]!.team,
    active: delivery.by !== "project",
    needs: [...service.needs].sort(),
    dependsOn: [...service.dependsOn].sort(),
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
    volumes: mapEntries(kind.volumes, ({ path, backup }, name) => ({ name: `${prefix}-${id}-${name}`, path, backup })),
  };
}

const HTTPS = 443;

function usesOf(
  service: InventoryService,
  services: Record<string, InventoryService>,
  { kinds }: Vocabulary,
): string[] {
  if (service.delivery.by !== "us") return [];
  return [...new Set(kinds[service.delivery.kind]!.uses?.(service, services) ?? [])]
    .filter((id) => id !== service.id)
    .sort();
}

/** A service's public address: a supplier's own, or its host name at the proxy's https port. */
function urlOf(service: InventoryService, services: Record<string, InventoryService>): { url?: string } {
  if (service.delivery.by === "supplier")
    return service.delivery.url ? { url: service.delivery.url.replace(/\/$/, "") } : {};
  if (service.hostname === undefined || service.delivery.by !== "us") return {};
  const port = proxyFor(service.delivery.host, services)?.ports.https?.published ?? HTTPS;
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
  return Object.values(services).find(
    ({ provides, delivery }) =>
      provides.includes(ability) && delivery.by === "us" && (host === undefined || delivery.host === host),
  );
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
  const port = service.ports[portName];
  if (port === undefined || service.delivery.by !== "us") return undefined;
  if (service.delivery.host === from) return { host: service.id, port: port.container };
  return port.published === undefined
    ? undefined
    : { host: hosts[service.delivery.host]!.address, port: port.published };
}

function buildChecks(
  services: Record<string, InventoryService>,
  declared: Declared,
  hosts: Record<string, Host>,
  vocabulary: Vocabulary,
): Record<string, Check> {
  const problems: Problem[] = [];
  const lookout = provider("lookout", services);
  const from = lookout?.delivery.by === "us" ? lookout.delivery.host : undefined;
  const checks = Object.entries(services).flatMap(([id, service]) => {
    const context = contextFor(service, hosts, from);
    const written = declared.services[id]!.checks.map((check, index) => ({
      input: check as unknown as ParsedCheck,
      origin: "declared" as const,
      path: ["services", id, "checks", index] as PropertyKey[],
    }));
    const taken = new Set(written.map(({ input }) => input.id ?? input.check));
    const added = derivedChecks(service, vocabulary)
      .filter((input) => !taken.has(input.id ?? input.check))
      .map((input) => {
        const path = ["services", id, `derived ${input.check}`];
        return { input: read(checkBase, input, path, problems) as ParsedCheck, origin: "derived" as const, path };
      });
    return [...written, ...added].flatMap(({ input, origin, path }) =>
      input === undefined ? [] : buildCheck(service, input, origin, path, context, vocabulary, problems),
    );
  });
  if (problems.length > 0) throw new DeclarationError(problems);
  return Object.fromEntries(checks.map((check) => [check.id, check]));
}

type ParsedCheck = Declared["services"][string]["checks"][number];

function derivedChecks(service: InventoryService, { kinds, checks }: Vocabulary): CheckInputLoose[] {
  const own = service.delivery.by === "us" ? (kinds[service.delivery.kind]?.checks?.(service) ?? []) : [];
  const general = derivations.flatMap(({ check, derive }) => {
    const fields = checks[check] === undefined ? undefined : derive(service);
    return fields === undefined ? [] : [{ ...fields, check } as CheckInputLoose];
  });
  return [...own, ...general];
}

function contextFor(service: InventoryService, hosts: Record<string, Host>, from: string | undefined): ResolveContext {
  return {
    service,
    host: service.delivery.by === "us" ? hosts[service.delivery.host] : undefined,
    webUrl: service.url,
    endpoint: (port) => endpointFrom(from, service, port, hosts),
    container: service.container,
  };
}

function buildCheck(
  service: InventoryService,
  input: ParsedCheck,
  origin: Check["origin"],
  path: PropertyKey[],
  context: ResolveContext,
  { checks }: Vocabulary,
  problems: Problem[],
): Check[] {
  const kind = checks[input.check];
  const params = kind && read(kind.params, ownParams(input), path, problems);
  if (kind === undefined || params === undefined) return [];
  const resolved = kind.resolve?.(params, context) ?? params;
  if (typeof resolved === "string") {
    // A project has no address yet: its checks wait, incomplete, until it is in production.
    if (service.active)
      problems.push({ path: formatPath(path), found: `a check of ${service.id}`, expected: resolved });
    return [];
  }
  if (!service.active) return [];
  const { check, id, every, timeout, retries, failAfter, recoverAfter, severity } = input;
  return [
    {
      id: `${service.id}/${id ?? check}`,
      service: service.id,
      kind: check,
      schedule: every,
      timeoutSeconds: timeout,
      retries,
      failAfter,
      recoverAfter,
      severity,
      target: kind.target(resolved),
      params: resolved as Record<string, unknown>,
      origin,
    },
  ];
}

function publicRole({ holders, ...role }: Declared["roles"][string], address: string | undefined): Role {
  return { ...role, holderCount: new Set(holders).size, ...(address === undefined ? {} : { address }) };
}

const addressOf = (role: string, { mailboxes }: Declared): string | undefined =>
  Object.values(mailboxes).find((box) => box.role === role)?.address;

const mapEntries = <T, U>(record: Readonly<Record<string, T>>, map: (value: T, key: string) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));

const unique = (problems: readonly Problem[]): Problem[] => [
  ...new Map(problems.map((problem) => [describeProblem(problem), problem])).values(),
];

/** A copy with sorted keys and no undefined, so that equal inventories are equal text. */
function canonical<T>(value: T): T {
  if (Array.isArray(value)) return value.map(canonical) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, canonical(item)]),
  ) as T;
}
