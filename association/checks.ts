import type { Declared } from "./declaration.ts";
import { derivations } from "./derived.ts";
import type { Check, Host, InventoryService } from "./inventory.ts";
import { lookup } from "./lookup.ts";
import { read } from "./parse.ts";
import { describeValue, formatPath, type Problem } from "./problems.ts";
import { ownParams } from "./rules/kinds.ts";
import { checkBase } from "./schema/service.ts";
import { deliveredSecrets } from "./secrets.ts";
import { endpointFrom, hostOf, httpsPort, provider } from "./services.ts";
import type { CheckInputLoose, ResolveContext, Vocabulary } from "./vocabulary.ts";

type ParsedCheck = Declared["services"][string]["checks"][number];

interface Written {
  input: ParsedCheck;
  origin: Check["origin"];
  path: PropertyKey[];
}

/** Every check of some services, declared and derived, by id; and why some cannot be completed. */
export function buildChecks(
  services: Readonly<Record<string, InventoryService>>,
  declared: Pick<Declared, "services" | "domains">,
  hosts: Readonly<Record<string, Host>>,
  vocabulary: Vocabulary,
  /** The host that the lookout is on. */
  from: string | undefined,
): { checks: Record<string, Check>; problems: Problem[] } {
  const problems: Problem[] = [];
  const checks = Object.values(services).flatMap((service) => {
    const context = contextFor(service, services, hosts, from);
    return writtenChecks(service, declared, vocabulary, problems).flatMap((written) =>
      buildCheck(service, written, context, vocabulary, problems),
    );
  });
  return { checks: Object.fromEntries(checks.map((check) => [check.id, check])), problems };
}

/** The checks that are run from other places as well: those that any machine may run, need no secret, and mean the same from there. */
export function fromVantages(
  checks: Readonly<Record<string, Check>>,
  services: Readonly<Record<string, InventoryService>>,
  declared: Pick<Declared, "services" | "domains">,
  hosts: Readonly<Record<string, Host>>,
  vocabulary: Vocabulary,
): Record<string, NonNullable<Check["from"]>> {
  const found: Record<string, Record<string, Pick<Check, "target" | "params">>> = {};
  for (const { id, provides, delivery } of Object.values(services)) {
    if (delivery.by !== "us" || !provides.includes("vantage")) continue;
    const there = buildChecks(services, declared, hosts, vocabulary, delivery.host).checks;
    for (const { id: check, kind, secrets, target, params } of Object.values(there)) {
      if (!vocabulary.checks[kind]?.anywhere || secrets !== undefined || checks[check] === undefined) continue;
      if (meansAnother(params, delivery.host, services)) continue;
      found[check] = { ...found[check], [id]: { target, params } };
    }
  }
  return found;
}

/** Whether an address is one that means another machine at each place: this machine itself, or a service by its name among those of its engine. */
function meansAnother(
  params: Check["params"],
  from: string,
  services: Readonly<Record<string, InventoryService>>,
): boolean {
  return [params.url, params.address].some((value) => {
    if (typeof value !== "string") return false;
    const text = value.includes("://") ? value : `tcp://${value}`;
    const name = URL.canParse(text) ? new URL(text).hostname : "";
    if (/(^|\.)localhost$|^127\.|^\[::1\]$/.test(name)) return true;
    const named = lookup(services, name);
    return named?.delivery.by === "us" && named.delivery.host !== from;
  });
}

function writtenChecks(
  service: InventoryService,
  { services, domains }: Pick<Declared, "services" | "domains">,
  vocabulary: Vocabulary,
  problems: Problem[],
): Written[] {
  const { id } = service;
  const written = services[id]!.checks.map(
    (input, index): Written => ({ input, origin: "declared", path: ["services", id, "checks", index] }),
  );
  const taken = new Set(written.map(({ input }) => input.id ?? input.check));
  const added = derivedChecks(service, Object.keys(domains).sort(), vocabulary)
    .filter((input) => !taken.has(input.id ?? input.check))
    .flatMap((loose): Written[] => {
      const path = ["services", id, `derived ${loose.check}`];
      const input = read(checkBase, loose, path, problems) as ParsedCheck | undefined;
      return input === undefined ? [] : [{ input, origin: "derived", path }];
    });
  return [...written, ...added];
}

function derivedChecks(
  service: InventoryService,
  domains: readonly string[],
  { kinds, checks }: Vocabulary,
): CheckInputLoose[] {
  const own = service.delivery.by === "us" ? (kinds[service.delivery.kind]?.checks?.(service, domains) ?? []) : [];
  const general = derivations.flatMap(({ check, derive }) => {
    const fields = checks[check] === undefined ? undefined : derive(service);
    return fields === undefined ? [] : [{ ...fields, check } as CheckInputLoose];
  });
  return [...own, ...general];
}

function contextFor(
  service: InventoryService,
  services: Readonly<Record<string, InventoryService>>,
  hosts: Readonly<Record<string, Host>>,
  from: string | undefined,
): ResolveContext {
  return {
    service,
    host: service.delivery.by === "us" ? hosts[service.delivery.host] : undefined,
    webUrl: service.url,
    // Where nothing watches, as seen from beside it: that nothing does is no fault of the check.
    endpoint: (port) => endpointFrom(from ?? hostOf(service), service, port, hosts),
    reach: (ability, port) => {
      const other = provider(ability, services, from) ?? provider(ability, services);
      return other && endpointFrom(from ?? hostOf(service), other, port, hosts);
    },
    httpsPort: httpsPort(service.delivery.by === "us" ? service.delivery.host : "", services),
    settingsOf: (ability) => {
      const found = provider(ability, services, from) ?? provider(ability, services);
      return found?.delivery.by === "us" ? found.delivery.settings : undefined;
    },
    container: service.container,
  };
}

function buildCheck(
  service: InventoryService,
  { input, origin, path }: Written,
  context: ResolveContext,
  { checks }: Vocabulary,
  problems: Problem[],
): Check[] {
  const kind = lookup(checks, input.check);
  const params = kind && read(kind.params, ownParams(input), path, problems);
  if (kind === undefined || params === undefined) return [];
  const resolved = kind.resolve?.(params, context) ?? params;
  if (typeof resolved === "string") {
    // A project has no address yet: its checks wait, incomplete, until it is in production.
    if (service.active)
      problems.push({ path: formatPath(path), found: describeValue(ownParams(input)), expected: resolved });
    return [];
  }
  if (!service.active) return [];
  const secrets = deliveredSecrets(kind.secrets?.(resolved) ?? []);
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
      ...(secrets.length === 0 ? {} : { secrets }),
      origin,
    },
  ];
}
