import { problemsOf } from "../issues.ts";
import { lookup } from "../lookup.ts";
import { unknownName } from "../problems.ts";
import { findReferences } from "../references.ts";
import type { Found } from "../salvage.ts";
import type { Service } from "../schema/service.ts";
import { unknownReferences } from "./references.ts";
import { entriesOf, itemsOf, problem, type Rule, type RuleContext, words } from "./rule.ts";

/** Services run by us are of a kind that exists, with settings and ports that it knows. */
export const serviceKinds: Rule = (context) =>
  entriesOf(context.found.services).flatMap(([key, { delivery, hostname }]) => {
    if (delivery?.by !== "us" || delivery.kind === undefined) return [];
    const path = ["services", key, "delivery"];
    const { kinds } = context.vocabulary;
    const kind = lookup(kinds, delivery.kind);
    if (kind === undefined) {
      return [unknownName([...path, "kind"], delivery.kind, "a folder of stacks/services", Object.keys(kinds))];
    }
    return [
      ...problemsIn(kind.settings, delivery.settings ?? {}, [...path, "settings"], context),
      ...Object.keys(delivery.publish ?? {})
        .filter((name) => lookup(kind.ports, name) === undefined)
        .map((name) =>
          unknownName([...path, "publish", name], name, `a port of ${delivery.kind}`, Object.keys(kind.ports)),
        ),
      ...(hostname && kind.web === undefined && !kind.provides?.includes("proxy")
        ? [problem(["services", key, "hostname"], hostname, `no host name: ${delivery.kind} has no web pages`)]
        : []),
    ];
  });

/** Checks are of a kind that exists, with parameters that it knows, and each has an identifier of its own. */
export const checkKinds: Rule = (context) =>
  entriesOf(context.found.services).flatMap(([key, service]) => {
    const seen = new Set<string>();
    return itemsOf(service.checks).flatMap(([index, check]) => {
      if (check.check === undefined) return [];
      const path = ["services", key, "checks", index];
      const { checks } = context.vocabulary;
      const kind = lookup(checks, check.check);
      if (kind === undefined) {
        return [unknownName([...path, "check"], check.check, "a file of monitors/checks", Object.keys(checks))];
      }
      const id = check.id ?? check.check;
      const twice = seen.has(id);
      seen.add(id);
      return [
        ...problemsIn(kind.params, ownParams(check), path, context),
        ...(twice ? [problem([...path, "id"], id, "an id that no other check of this service has")] : []),
        ...impossiblePace(path, check),
      ];
    });
  });

/** Every attempt of a check ends before its next run. */
function impossiblePace(path: PropertyKey[], { every, timeout, retries }: Found<Service["checks"][number]>) {
  if (every === undefined || !("everySeconds" in every) || timeout === undefined || retries === undefined) return [];
  const longest = timeout * (1 + retries);
  if (longest <= every.everySeconds) return [];
  return [
    problem(
      [...path, "timeout"],
      words(`up to ${longest} s (timeout ${timeout} s, ${retries} retries)`),
      `all attempts to fit in the ${every.everySeconds} s between two runs`,
    ),
  ];
}

const BASE_FIELDS = ["check", "id", "every", "timeout", "retries", "failAfter", "recoverAfter", "severity"];

/** The fields of a check that belong to its kind. */
export const ownParams = (check: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(check).filter(([field]) => !BASE_FIELDS.includes(field)));

function problemsIn(
  schema: RuleContext["vocabulary"]["kinds"][string]["settings"],
  value: unknown,
  path: PropertyKey[],
  { names }: RuleContext,
) {
  const { error } = schema.safeParse(value, { reportInput: true });
  return [
    ...(error ? problemsOf(schema, error, value, path) : []),
    ...unknownReferences(findReferences(schema, value, path), names),
  ];
}
