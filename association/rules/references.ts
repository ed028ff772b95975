import { association, type CollectionName, collections } from "../declaration.ts";
import { formatPath, type Problem, unknownName } from "../problems.ts";
import { findReferences, type Reference } from "../references.ts";
import type { Rule, RuleContext } from "./rule.ts";

/** Every name used is declared. Settings and check parameters are verified with their own schemas, in `kinds.ts`. */
export const references: Rule = ({ raw, names }) => {
  const found: Reference[] = findReferences(association, raw.association, ["association"]);
  for (const [collection, { entry }] of Object.entries(collections)) {
    // A collection that cannot be read has been reported as such.
    for (const key of names[collection as CollectionName] ?? []) {
      found.push(...findReferences(entry, (raw[collection] as Record<string, unknown>)[key], [collection, key]));
    }
  }
  return unknownReferences(found, names);
};

/** The references that name nothing declared. */
export function unknownReferences(found: readonly Reference[], names: RuleContext["names"]): Problem[] {
  // One mistake is often made many times over: looking for the nearest of many names is done once for each.
  const answers = new Map<string, Omit<Problem, "path"> | undefined>();
  const declared = new Map<CollectionName, ReadonlySet<string>>();
  return found.flatMap((reference) => {
    const key = `${reference.kind} ${reference.name}`;
    if (!answers.has(key)) answers.set(key, answerFor(reference, names, declared));
    const answer = answers.get(key);
    return answer === undefined ? [] : [{ path: formatPath(reference.path), ...answer }];
  });
}

/** @param declared the names of each collection once more, to look one up among thousands */
function answerFor(
  { kind, name }: Reference,
  names: RuleContext["names"],
  declared: Map<CollectionName, ReadonlySet<string>>,
): Omit<Problem, "path"> | undefined {
  const collection = collectionOf.get(kind);
  const valid = collection && names[collection];
  if (valid === undefined) return undefined;
  if (!declared.has(collection!)) declared.set(collection!, new Set(valid));
  if (declared.get(collection!)!.has(name)) return undefined;
  const { path: _, ...answer } = unknownName([], name, `a ${kind}`, valid);
  return answer;
}

const collectionOf = new Map(
  Object.entries(collections).map(([name, { ref }]) => [ref as string, name as CollectionName]),
);
