import type { z } from "zod";
import { association, type CollectionName, collections, type Declared } from "./declaration.ts";
import { describeValue, formatPath, nearestName, type Problem, problemsOf } from "./problems.ts";

/** What could be read of a declaration: the well-formed entries, the names of all, and what is wrong with the others. */
export interface Parsed {
  declared: Declared;
  /** Every declared key, also of entries that are themselves malformed, so that one mistake is not reported twice. */
  names: Record<CollectionName, string[]>;
  problems: Problem[];
}

const OPTIONAL: ReadonlySet<CollectionName> = new Set(["suppliers", "hosts", "mailboxes", "lists", "shares"]);
const collectionNames = Object.keys(collections) as CollectionName[];

/** Reads each entry by its schema. References between entries are verified later, by the rules. */
export function parseDeclaration(raw: unknown): Parsed {
  const problems: Problem[] = [];
  if (!isRecord(raw)) {
    problems.push({
      path: "(the declaration)",
      found: describeValue(raw),
      expected: "the default export of defineAssociation({...})",
    });
    raw = {};
  }
  const input = raw as Record<string, unknown>;
  const top = ["association", ...collectionNames];
  for (const key of Object.keys(input)) {
    if (top.includes(key)) continue;
    const nearest = nearestName(key, top);
    problems.push({
      path: key,
      found: "a field that does not exist here",
      expected: `one of ${top.join(", ")}`,
      nearest,
    });
  }
  const head = read(association, input.association, ["association"], problems);
  const names = {} as Parsed["names"];
  const entries = {} as Record<CollectionName, Record<string, unknown>>;
  for (const name of collectionNames) {
    const { valid, keys } = readCollection(name, input[name], problems);
    names[name] = keys;
    entries[name] = valid;
  }
  return { declared: { association: head, ...entries } as Declared, names, problems };
}

function readCollection(name: CollectionName, value: unknown, problems: Problem[]) {
  const valid: Record<string, unknown> = {};
  if (value === undefined && OPTIONAL.has(name)) return { valid, keys: [] };
  if (!isRecord(value)) {
    problems.push({ path: name, found: describeValue(value), expected: `an object of ${name} by name` });
    return { valid, keys: [] };
  }
  const { key: keySchema, entry } = collections[name];
  // Sorted, so that moving entries about in the file changes nothing downstream.
  for (const key of Object.keys(value).sort()) {
    const wrongKey = keySchema.safeParse(key).error;
    if (wrongKey) {
      problems.push({
        path: formatPath([name, key]),
        found: describeValue(key),
        expected: wrongKey.issues[0]!.message,
      });
      continue;
    }
    const parsed = read(entry as z.ZodType, value[key], [name, key], problems);
    if (parsed !== undefined) valid[key] = parsed;
  }
  return { valid, keys: Object.keys(value) };
}

/** The value as its schema reads it; undefined, with the problems added, where it cannot. */
export function read<T>(
  schema: z.ZodType<T>,
  value: unknown,
  path: readonly PropertyKey[],
  problems: Problem[],
): T | undefined {
  const { data, error } = schema.safeParse(value, { reportInput: true });
  if (error) problems.push(...problemsOf(error, value, path));
  return data;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
