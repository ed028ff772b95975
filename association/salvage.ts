import type { z } from "zod";
import { definition, optionsFor } from "./references.ts";
import type { Maintenance } from "./schema/maintenance.ts";
import type { Schedule } from "./schema/schedule.ts";
import type { Service } from "./schema/service.ts";

/** Read whole or not at all: half of one says nothing. */
type Whole = Schedule | Service["backup"] | Service["privacy"] | Maintenance["when"];

/** What could be read of a value: malformed fields and list entries are undefined. */
export type Found<T> = T extends string | Whole
  ? T
  : T extends readonly (infer Item)[]
    ? readonly (Found<Item> | undefined)[]
    : T extends object
      ? { [Key in keyof T]?: Found<T[Key]> }
      : T;

/**
 * The well-formed parts of a value, defaults filled in, so that one malformed field does not keep the rules from
 * judging the others: all problems of a declaration come at once.
 */
export function salvage<T>(schema: z.ZodType<T>, value: unknown): Found<T> | undefined {
  return readable(schema, value) as Found<T> | undefined;
}

function readable(schema: z.ZodType, value: unknown): unknown {
  const { success, data } = schema.safeParse(value);
  if (success) return data;
  const def = definition(schema);
  switch (def.type) {
    case "object":
      return isRecord(value) ? fields(def.shape!, value, def.catchall?.type === "unknown") : undefined;
    case "array":
      return Array.isArray(value) ? value.map((item) => readable(def.element!, item)) : undefined;
    case "record":
      return isRecord(value)
        ? bare(Object.entries(value).map(([key, item]) => [key, readable(def.valueType!, item)]))
        : undefined;
    case "union": {
      const [option, ...others] = optionsFor(schema, value);
      return option && others.length === 0 ? readable(option, value) : undefined;
    }
    default:
      return def.innerType ? readable(def.innerType, value) : undefined;
  }
}

function fields(shape: Record<string, z.ZodType>, value: Record<string, unknown>, loose: boolean): unknown {
  const own = Object.entries(shape).map(([key, field]): [string, unknown] => [key, readable(field, value[key])]);
  const others = loose ? Object.entries(value).filter(([key]) => !Object.hasOwn(shape, key)) : [];
  return bare([...own, ...others]);
}

/** A record of what is there, that inherits nothing. */
const bare = (entries: readonly [string, unknown][]): Record<string, unknown> =>
  Object.assign(Object.create(null), Object.fromEntries(entries.filter(([, item]) => item !== undefined)));

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
