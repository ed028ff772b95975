import { unknownName } from "../problems.ts";
import { longestGapSeconds } from "../schema/schedule.ts";
import type { Ability } from "../vocabulary.ts";
import { problem, type Rule, type RuleContext, words } from "./rule.ts";

type Services = [string, RuleContext["declared"]["services"][string]][];

const services = ({ declared }: RuleContext): Services => Object.entries(declared.services);

/** The services run by us that can do something for others, on one host or on any. */
const providers = (context: RuleContext, ability: Ability, host?: string): string[] =>
  services(context)
    .filter(([, { delivery }]) => delivery.by === "us" && (host === undefined || delivery.host === host))
    .filter(
      ([, { delivery }]) =>
        delivery.by === "us" && context.vocabulary.kinds[delivery.kind]?.provides?.includes(ability),
    )
    .map(([key]) => key);

/** No two services open one port on one address of one host. */
export const distinctPorts: Rule = (context) => {
  const taken = new Map<string, string>();
  return services(context).flatMap(([key, { delivery }]) => {
    if (delivery.by !== "us") return [];
    const { ports = {} } = context.vocabulary.kinds[delivery.kind] ?? {};
    return Object.entries(ports).flatMap(([name, spec]) => {
      const published = delivery.publish?.[name] ?? spec.published;
      if (published === undefined) return [];
      const slot = `${delivery.host} ${published}/${spec.protocol ?? "tcp"}`;
      const holder = taken.get(slot);
      taken.set(slot, holder ?? key);
      if (holder === undefined) return [];
      return [
        problem(
          ["services", key, "delivery", "publish", name],
          published,
          `a port that ${holder} does not use on host ${delivery.host}`,
        ),
      ];
    });
  });
};

/** Two hosts never share an engine: their containers would clash. */
export const distinctEngines: Rule = ({ declared }) => {
  const first = new Map<string, string>();
  return Object.entries(declared.hosts).flatMap(([key, { engine }]) => {
    const earlier = first.get(engine);
    first.set(engine, earlier ?? key);
    return earlier === undefined
      ? []
      : [problem(["hosts", key, "engine"], engine, `an engine of its own: ${earlier} has this one`)];
  });
};

/** A service with a web address has a proxy in front of it that can reach it. */
export const reachableByProxy: Rule = (context) =>
  services(context).flatMap(([key, { delivery, hostname }]) => {
    if (delivery.by !== "us" || hostname === undefined) return [];
    const path = ["services", key, "hostname"];
    const proxies = providers(context, "proxy");
    if (proxies.length === 0)
      return [problem(path, hostname, "a service of kind proxy to answer for it, and none is declared")];
    const kind = context.vocabulary.kinds[delivery.kind];
    const web = kind?.web;
    if (web === undefined || providers(context, "proxy", delivery.host).length > 0 || delivery.publish?.[web])
      return [];
    return [
      problem(
        path,
        hostname,
        `a proxy on host ${delivery.host}, or \`publish: { ${web}: … }\` for the proxy to reach it`,
      ),
    ];
  });

/** Services depend only on what exists already. */
export const dependsOnReality: Rule = ({ declared }) =>
  Object.entries(declared.services).flatMap(([key, service]) =>
    service.delivery.by === "project"
      ? []
      : service.dependsOn.flatMap((name, index) =>
          declared.services[name]?.delivery.by === "project"
            ? [
                problem(
                  ["services", key, "dependsOn", index],
                  name,
                  "a service in production, and this one is still a project",
                ),
              ]
            : [],
        ),
  );

/** A backup policy can be carried out: there is something to copy, somebody to copy it, and the RPO leaves time for it. */
export const backups: Rule = (context) =>
  services(context).flatMap(([key, { delivery, backup }]) => {
    if ("none" in backup || delivery.by !== "us") return [];
    const path = ["services", key, "backup"];
    const kind = context.vocabulary.kinds[delivery.kind];
    const gap = longestGapSeconds(backup.schedule, context.declared.association?.timeZone ?? "Europe/Paris");
    return [
      ...(kind && !Object.values(kind.volumes).some((volume) => volume.backup)
        ? [
            problem(
              path,
              words("a policy"),
              `\`{ none: "why" }\`: ${delivery.kind} keeps nothing that a backup could copy`,
            ),
          ]
        : []),
      ...(kind && providers(context, "backup", delivery.host).length === 0
        ? [problem(path, words("a policy"), `a service of kind backup on host ${delivery.host} to carry it out`)]
        : []),
      ...(gap > backup.rpo
        ? [
            problem(
              [...path, "rpo"],
              words(`${backup.rpo} s`),
              `at least the ${gap} s between two snapshots of the schedule`,
            ),
          ]
        : []),
    ];
  });

/** Shares are served by a NAS that is backed up; lists by a list server; in both cases ours or a supplier's. */
export const servedCollections: Rule = (context) => [
  ...serving(context, "shares", "shares"),
  ...serving(context, "lists", "lists"),
  ...Object.entries(context.declared.shares).flatMap(([key, { service }]) => {
    const backup = context.declared.services[service]?.backup;
    if (backup === undefined || !("none" in backup)) return [];
    return [
      problem(
        ["shares", key, "service"],
        service,
        `a service with a backup, and ${service} has none ("${backup.none}")`,
      ),
    ];
  }),
];

function serving(context: RuleContext, collection: "shares" | "lists", ability: Ability) {
  return Object.entries(context.declared[collection]).flatMap(([key, { service }]) => {
    const delivery = context.declared.services[service]?.delivery;
    if (delivery?.by !== "us" || context.vocabulary.kinds[delivery.kind]?.provides?.includes(ability) !== false)
      return [];
    return [
      problem(
        [collection, key, "service"],
        service,
        `a service that serves ${collection}, and ${delivery.kind} does not`,
      ),
    ];
  });
}

/** Each service's runbook is written. */
export const runbooks: Rule = ({ declared, vocabulary }) =>
  Object.entries(declared.services).flatMap(([key, { runbook }]) =>
    vocabulary.runbooks.includes(runbook)
      ? []
      : [unknownName(["services", key, "runbook"], runbook, "a file of runbooks/services", vocabulary.runbooks)],
  );
