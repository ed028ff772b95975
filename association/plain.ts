import { describeValue, formatPath, type Problem } from "./problems.ts";

/** A declaration this deep is a mistake, and would exhaust the stack of whatever walks it. */
const DEEPEST = 32;
/** Where it is, is told by its first steps. */
const SHOWN_OF_DEEP = 5;

const PLAIN = "plain data: objects, lists, text, numbers, true or false";

/**
 * A copy of a value as plain data, read once and only once: what a getter, a cycle or a class instance would do later
 * can no longer happen. Objects of the copy have no prototype, so that no name such as `constructor` is inherited.
 *
 * What cannot be read is left out and reported.
 */
export function toPlain(value: unknown): { value: unknown; problems: Problem[] } {
  const problems: Problem[] = [];
  const copies = new Map<object, unknown>();
  const open = new Set<object>();

  const refuse = (path: PropertyKey[], found: string, expected: string): undefined => {
    problems.push({ path: formatPath(path), found, expected });
  };

  const copy = (item: unknown, path: PropertyKey[]): unknown => {
    if (typeof item !== "object" || item === null) return item;
    if (open.has(item)) return refuse(path, "an object that contains itself", PLAIN);
    if (copies.has(item)) return copies.get(item);
    if (path.length > DEEPEST) {
      return refuse(path.slice(0, SHOWN_OF_DEEP), "data nested without end", `at most ${DEEPEST} levels`);
    }
    open.add(item);
    const copied = Array.isArray(item) ? copyList(item, path) : copyObject(item, path);
    open.delete(item);
    copies.set(item, copied);
    return copied;
  };

  const copyList = (list: readonly unknown[], path: PropertyKey[]): unknown[] =>
    Array.from({ length: list.length }, (_, index) => member(list, index, [...path, index]));

  const copyObject = (object: object, path: PropertyKey[]): unknown => {
    const { kind, keys = [], error } = describe(object);
    if (error !== undefined) return refuse(path, `a field that cannot be read (${error})`, PLAIN);
    if (kind !== undefined) return refuse(path, kind, PLAIN);
    const copied: Record<string, unknown> = Object.create(null);
    for (const key of keys) copied[key] = member(object, key, [...path, key]);
    return copied;
  };

  const member = (from: object, key: PropertyKey, path: PropertyKey[]): unknown => {
    let found: unknown;
    try {
      found = Reflect.get(from, key);
    } catch (error) {
      return refuse(path, `a field that cannot be read (${messageOf(error)})`, PLAIN);
    }
    return copy(found, path);
  };

  return { value: copy(value, []), problems };
}

/** The keys of an object literal or an imported module, or what else an object is: `a Map`, `a Date` … */
function describe(object: object): { keys?: string[]; kind?: string; error?: string } {
  try {
    const [, tag = "Object"] = /^\[object (\w+)\]$/.exec(Object.prototype.toString.call(object)) ?? [];
    return tag === "Object" || tag === "Module" ? { keys: Object.keys(object) } : { kind: `a ${tag}` };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

const messageOf = (error: unknown): string => describeValue(error instanceof Error ? error.message : "an error");
