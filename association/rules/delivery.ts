import { lookup } from "../lookup.ts";
import { unknownName } from "../problems.ts";
import { longestGapSeconds } from "../schema/schedule.ts";
import type { Ability } from "../vocabulary.ts";
import { isKnownHost, surelyNone } from "./providers.ts";
import { entriesOf, itemsOf, problem, type Rule, type RuleContext, words } from "./rule.ts";

/** Two hosts never share an engine: their containers would clash. */
export const distinctEngines: Rule = ({ found }) => {
  const first = new Map<string, string>();
  return entriesOf(found.hosts).flatMap(([key, { engine }]) => {
    if (engine === undefined) return [];
    const earlier = first.get(engine);
    first.set(engine, earlier ?? key);
    return earlier === undefined
      ? []
      : [problem(["hosts", key, "engine"], engine, `an engine of its own: ${earlier} has this one`)];
  });
};

/** A service with a web address has a proxy in front of it that can reach it. */
export const reachableByProxy: Rule = (context) =>
  entriesOf(context.found.services).flatMap(([key, { delivery, hostname }]) => {
    if (delivery?.by !== "us" || hostname === undefined) return [];
    const path = ["services", key, "hostname"];
    if (surelyNone(context, "proxy"))
      return [problem(path, hostname, "a service of kind proxy to answer for it, and none is declared")];
    const { host, publish } = delivery;
    const web = lookup(context.vocabulary.kinds, delivery.kind)?.web;
    if (web === undefined || host === undefined || !isKnownHost(context, host)) return [];
    if (!surelyNone(context, "proxy", host) || Object.hasOwn(publish ?? {}, web)) return [];
    return [
      problem(path, hostname, `a proxy on host ${host}, or \`publish: { ${web}: … }\` for the proxy to reach it`),
    ];
  });

/** Services depend only on what exists already. */
export const dependsOnReality: Rule = ({ found }) =>
  entriesOf(found.services).flatMap(([key, { delivery, dependsOn }]) =>
    delivery === undefined || delivery.by === "project"
      ? []
      : itemsOf(dependsOn).flatMap(([index, name]) =>
          lookup(found.services, name)?.delivery?.by === "project"
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
  entriesOf(context.found.services).flatMap(([key, { delivery, backup }]) => {
    if (backup === undefined || "none" in backup || delivery?.by !== "us") return [];
    const path = ["services", key, "backup"];
    const kind = lookup(context.vocabulary.kinds, delivery.kind);
    const gap = longestGapSeconds(backup.schedule);
    const nothingToCopy = kind !== undefined && !Object.values(kind.volumes).some((volume) => volume.backup);
    const nobodyToCopy =
      kind !== undefined && isKnownHost(context, delivery.host) && surelyNone(context, "backup", delivery.host);
    return [
      ...(nothingToCopy
        ? [
            problem(
              path,
              words("a policy"),
              `\`{ none: "why" }\`: ${delivery.kind} keeps nothing that a backup could copy`,
            ),
          ]
        : []),
      ...(nobodyToCopy
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

/** Sections of smb.conf that mean something else than a share of that name (smb.conf(5), "Special sections"). */
const SPECIAL_SHARES: ReadonlySet<string> = new Set(["global", "homes", "printers", "netlogon", "sysvol"]);

/** No share has a name that its server reads in another way. */
export const plainShares: Rule = ({ found }) =>
  entriesOf(found.shares).flatMap(([key]) =>
    SPECIAL_SHARES.has(key) ? [problem(["shares", key], key, "a name that Samba has no other meaning for")] : [],
  );

/** Shares are served by a NAS that is backed up; lists by a list server; in both cases ours or a supplier's. */
export const servedCollections: Rule = (context) => [
  ...serving(context, "shares", "shares"),
  ...serving(context, "lists", "lists"),
  ...entriesOf(context.found.shares).flatMap(([key, { service }]) => {
    const backup = lookup(context.found.services, service)?.backup;
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
  return entriesOf(context.found[collection] as Record<string, { service?: string }>).flatMap(([key, { service }]) => {
    const delivery = lookup(context.found.services, service)?.delivery;
    if (delivery?.by !== "us") return [];
    const kind = lookup(context.vocabulary.kinds, delivery.kind);
    if (kind === undefined || kind.provides?.includes(ability)) return [];
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
export const runbooks: Rule = ({ found, vocabulary }) =>
  entriesOf(found.services).flatMap(([key, { runbook }]) =>
    runbook === undefined || vocabulary.runbooks.includes(runbook)
      ? []
      : [unknownName(["services", key, "runbook"], runbook, "a file of runbooks/services", vocabulary.runbooks)],
  );
