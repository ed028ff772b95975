import { buildChecks, fromVantages } from "./checks.ts";
import type { Declared } from "./declaration.ts";
import { deepFreeze } from "./freeze.ts";
import {
  type Deployment,
  type Host,
  INVENTORY_VERSION,
  type Inventory,
  type MaintenanceWindow,
  type People,
  type Role,
  type WrittenIncident,
} from "./inventory.ts";
import { lookup } from "./lookup.ts";
import { instantOf } from "./maintenance.ts";
import { type Parsed, parseDeclaration } from "./parse.ts";
import { buildPeople } from "./people.ts";
import { DeclarationError, describeProblem, formatPath, type Problem } from "./problems.ts";
import { rules } from "./rules/index.ts";
import { providers, surelyNone } from "./rules/providers.ts";
import type { RuleContext } from "./rules/rule.ts";
import { asSet, buildService, callsOut, mapEntries, urlOf, usesOf } from "./services.ts";
import type { Vocabulary } from "./vocabulary.ts";

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
  const parsed = parseDeclaration(raw);
  const { declared } = parsed;
  const context: RuleContext = { ...parsed, vocabulary, portOffset: deployment.portOffset ?? 0 };
  const problems = [...parsed.problems, ...rules.flatMap((rule) => rule(context))];
  if (problems.length + parsed.unreadable.length > 0) {
    const all = [...problems, ...incompleteChecks(parsed, context, problems)];
    throw new DeclarationError(unique([...parsed.unreadable, ...elsewhere(all, parsed.unreadable)]));
  }

  const where: Deployment = { prefix: declared.association.id, portOffset: 0, ...deployment };
  const hosts = hostsOf(declared);
  const services = servicesOf(declared.services, declared, vocabulary, where);
  const { checks, problems: incomplete } = buildChecks(services, declared, hosts, vocabulary, lookoutHost(context));
  if (incomplete.length > 0) throw new DeclarationError(incomplete);
  const seenFrom = fromVantages(checks, services, declared, hosts, vocabulary);
  const checksOf = Map.groupBy(Object.values(checks), ({ service }) => service);
  const inventory: Inventory = {
    version: INVENTORY_VERSION,
    association: declared.association,
    deployment: where,
    domains: declared.domains,
    teams: declared.teams,
    roles: mapEntries(declared.roles, (role, id) => publicRole(role, addressOf(id, declared))),
    suppliers: declared.suppliers,
    hosts,
    services: mapEntries(services, (service, id) => ({
      ...service,
      uses: usesOf(service, services, vocabulary),
      ...callsOut(service, vocabulary),
      checks: asSet((checksOf.get(id) ?? []).map((check) => check.id)),
    })),
    checks: mapEntries(checks, (check) => ({ ...check, ...(seenFrom[check.id] ? { from: seenFrom[check.id] } : {}) })),
    lists: mapEntries(declared.lists, (list) => ({
      ...list,
      owners: asSet(list.owners),
      editors: asSet(list.editors),
      teams: asSet(list.teams),
      digest: asSet(list.digest) as typeof list.digest,
    })),
    shares: mapEntries(declared.shares, (share) => ({ ...share, readers: asSet(share.readers) })),
    maintenance: mapEntries(declared.maintenance, (window) => windowOf(window, declared)),
    incidents: mapEntries(declared.incidents, (incident) => incidentOf(incident, declared.association.timeZone)),
    roleMailboxes: Object.fromEntries(
      Object.entries(declared.mailboxes).flatMap(([id, { holder: _, role, ...box }]) =>
        role ? [[id, { ...box, role, aliases: asSet(box.aliases) }]] : [],
      ),
    ),
  };
  return deepFreeze({ inventory: canonical(inventory), people: canonical(buildPeople(declared)) });
}

const hostsOf = ({ hosts }: Pick<Declared, "hosts">): Record<string, Host> =>
  mapEntries(hosts, (host, id): Host => ({ ...host, id }));

function servicesOf(
  chosen: Declared["services"],
  declared: Declared,
  vocabulary: Vocabulary,
  where: Deployment,
): Inventory["services"] {
  const services = mapEntries(chosen, (service, id) => buildService(id, service, declared.roles, vocabulary, where));
  return mapEntries(services, (service) => ({ ...service, ...urlOf(service, services) }));
}

function windowOf(
  { services, hosts, title, text, when, timeZone }: Declared["maintenance"][string],
  declared: Declared,
): MaintenanceWindow {
  const zone = timeZone ?? declared.association.timeZone;
  const onHosts = Object.entries(declared.services)
    .filter(([, { delivery }]) => delivery.by === "us" && hosts.includes(delivery.host))
    .map(([id]) => id);
  return {
    services: asSet([...services, ...onHosts]),
    title,
    ...(text === undefined ? {} : { text }),
    when:
      "from" in when
        ? { from: instantOf(when.from, zone), until: instantOf(when.until, zone) }
        : { cron: (when.every as { cron: string }).cron, seconds: when.lasting, timeZone: zone },
  };
}

function incidentOf(
  { started, detected, resolved, updates, ...told }: Declared["incidents"][string],
  zone: string,
): WrittenIncident {
  return {
    ...told,
    started: instantOf(started, zone),
    ...(detected === undefined ? {} : { detected: instantOf(detected, zone) }),
    ...(resolved === undefined ? {} : { resolved: instantOf(resolved, zone) }),
    updates: updates.map(({ at, ...update }) => ({ at: instantOf(at, zone), ...update })).sort((a, b) => a.at - b.at),
  };
}

function lookoutHost(context: RuleContext): string | undefined {
  const [lookout] = providers(context, "lookout");
  const delivery = lookup(context.found.services, lookout)?.delivery;
  return delivery?.by === "us" ? delivery.host : undefined;
}

/**
 * In a declaration that has other problems: the checks that could not be completed either, of those services whose
 * delivery is sound. Nothing where the lookout may be among the unsound, for the checks run from where it is.
 */
function incompleteChecks(
  { declared, found }: Parsed,
  context: RuleContext,
  problems: readonly Problem[],
): readonly Problem[] {
  const from = lookoutHost(context);
  if (from === undefined && !surelyNone(context, "lookout")) return [];
  const wrong = new Set(problems.map(({ path }) => path.split(/(?<=\.delivery)[.[]/)[0]!));
  const sound = Object.entries(declared.services).filter(([id, { delivery }]) => {
    const known = delivery.by !== "us" || lookup(declared.hosts, delivery.host) !== undefined;
    return known && !wrong.has(formatPath(["services", id, "delivery"]));
  });
  const where: Deployment = { prefix: found.association?.id ?? "", portOffset: context.portOffset };
  const services = servicesOf(Object.fromEntries(sound), declared, context.vocabulary, where);
  return buildChecks(services, declared, hostsOf(declared), context.vocabulary, from).problems;
}

function publicRole({ holders, ...role }: Declared["roles"][string], address: string | undefined): Role {
  return { ...role, holderCount: new Set(holders).size, ...(address === undefined ? {} : { address }) };
}

const addressOf = (role: string, { mailboxes }: Declared): string | undefined =>
  Object.values(mailboxes).find((box) => box.role === role)?.address;

/** What could not be read is reported as such, and not once more as missing. */
function elsewhere(problems: readonly Problem[], unreadable: readonly Problem[]): Problem[] {
  const reported = new Set(unreadable.map(({ path }) => path));
  return problems.filter(({ path }) => !reported.has(path));
}

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
