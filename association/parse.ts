import type { z } from "zod";
import { association, type CollectionName, collections, type Declared } from "./declaration.ts";
import { expectation, problemsOf } from "./issues.ts";
import { toPlain } from "./plain.ts";
import { describeValue, formatPath, nearestName, type Problem } from "./problems.ts";
import { type Found, salvage } from "./salvage.ts";

/** What could be read of a declaration, and what is wrong with the rest. */
export interface Parsed {
  /** The declaration as plain data, as it was written. */
  raw: Readonly<Record<string, unknown>>;
  /** The parts that are well formed, defaults filled in. */
  found: Found<Declared>;
  /** The same, where there is no problem at all; entries that are not whole are left out. */
  declared: Declared;
  /**
   * Every declared key, also of entries that are themselves malformed, so that one mistake is not reported twice;
   * undefined for a collection that cannot be read, whose names nobody knows.
   */
  names: Record<CollectionName, readonly string[] | undefined>;
  problems: Problem[];
  /** What could not even be read; any other problem at the same place comes from that. */
  unreadable: Problem[];
}

const OPTIONAL: ReadonlySet<CollectionName> = new Set([
  "suppliers",
  "hosts",
  "mailboxes",
  "lists",
  "shares",
  "maintenance",
  "incidents",
]);
const collectionNames = Object.keys(collections) as CollectionName[];
const TOP = ["association", ...collectionNames];

/** Reads each entry by its schema. References between entries are verified later, by the rules. */
export function parseDeclaration(input: unknown): Parsed {
  const { value, problems: unreadable } = toPlain(input);
  const problems: Problem[] = [];
  if (!isRecord(value)) {
    return { ...nothing(), unreadable, problems: [{ ...notADeclaration, found: describeValue(value) }] };
  }
  for (const key of Object.keys(value)) {
    if (TOP.includes(key)) continue;
    const nearest = nearestName(key, TOP);
    problems.push({
      path: formatPath([key]),
      found: "a field that does not exist here",
      expected: `one of ${TOP.join(", ")}`,
      ...(nearest === undefined ? {} : { nearest }),
    });
  }
  const parsed: Parsed = { ...nothing(), raw: value, problems, unreadable };
  const head = read(association, value.association, ["association"], problems);
  parsed.declared.association = head as Declared["association"];
  parsed.found = { association: salvage(association, value.association) };
  for (const name of collectionNames) {
    const { whole, found, keys } = readCollection(name, value[name], problems);
    Object.assign(parsed.declared, { [name]: whole });
    Object.assign(parsed.found, { [name]: found });
    parsed.names[name] = keys;
  }
  return parsed;
}

const notADeclaration = {
  path: formatPath([]),
  expected: "the default export of defineAssociation({...})",
};

const nothing = (): Parsed => ({
  raw: {},
  found: {},
  declared: Object.fromEntries(collectionNames.map((name) => [name, {}])) as Declared,
  names: {} as Parsed["names"],
  problems: [],
  unreadable: [],
});

function readCollection(name: CollectionName, value: unknown, problems: Problem[]) {
  // Without prototype: `constructor` is a name like any other.
  const whole: Record<string, unknown> = Object.create(null);
  const found: Record<string, unknown> = Object.create(null);
  if (value === undefined && OPTIONAL.has(name)) return { whole, found, keys: [] };
  if (!isRecord(value)) {
    const expected = `an object of ${name} by name${value === undefined ? ", which is required" : ""}`;
    problems.push({ path: name, found: describeValue(value), expected });
    return { whole, found, keys: undefined };
  }
  const { key: keySchema, entry } = collections[name];
  // Sorted, so that moving entries about in the file changes nothing downstream.
  const keys = Object.keys(value).sort();
  for (const key of keys) {
    const wrongKey = keySchema.safeParse(key).error;
    if (wrongKey) {
      problems.push({
        path: formatPath([name, key]),
        found: describeValue(key),
        expected: `as a name, ${expectation(wrongKey.issues[0]!)}`,
      });
    }
    const parsed = read(entry as z.ZodType, value[key], [name, key], problems);
    if (parsed !== undefined && !wrongKey) whole[key] = parsed;
    found[key] = parsed ?? salvage(entry as z.ZodType, value[key]) ?? {};
  }
  return { whole, found, keys };
}

/** The value as its schema reads it; undefined, with the problems added, where it cannot. */
export function read<T>(
  schema: z.ZodType<T>,
  value: unknown,
  path: readonly PropertyKey[],
  problems: Problem[],
): T | undefined {
  const { data, error } = schema.safeParse(value, { reportInput: true });
  if (error) problems.push(...problemsOf(schema, error, value, path));
  return data;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
