import { association, type CollectionName, collections } from "../declaration.ts";
import { unknownName } from "../problems.ts";
import { findReferences, type Reference } from "../references.ts";
import type { Rule } from "./rule.ts";

/** Every name used is declared. Settings and check parameters are verified with their own schemas, in `kinds.ts`. */
export const references: Rule = ({ raw, names }) => {
  const found: Reference[] = findReferences(association, raw.association, ["association"]);
  for (const [collection, { entry }] of Object.entries(collections)) {
    for (const [key, value] of Object.entries((raw[collection] as object | undefined) ?? {})) {
      found.push(...findReferences(entry, value, [collection, key]));
    }
  }
  return unknownReferences(found, names);
};

/** The references that name nothing declared. */
export function unknownReferences(found: readonly Reference[], names: Record<CollectionName, string[]>) {
  return found.flatMap(({ path, kind, name }) => {
    const collection = collectionOf.get(kind);
    if (collection === undefined || names[collection].includes(name)) return [];
    return [unknownName(path, name, `a ${kind}`, names[collection])];
  });
}

const collectionOf = new Map(
  Object.entries(collections).map(([name, { ref }]) => [ref as string, name as CollectionName]),
);
