import type { z } from "zod";

/** A place in a value that names an entry of a collection. */
export interface Reference {
  path: PropertyKey[];
  /** `role`, `team` … */
  kind: string;
  name: string;
}

/**
 * Every reference in a value as it was written (before defaults and transformations), found by walking its schema:
 * a field of type `ref("role")` needs no code of its own to be verified. What is malformed is passed over: the schema
 * reports it.
 */
export function findReferences(schema: z.ZodType, value: unknown, path: PropertyKey[] = []): Reference[] {
  if (value === undefined || value === null) return [];
  const kind = schema.meta()?.ref;
  if (typeof kind === "string") return typeof value === "string" && value !== "" ? [{ path, kind, name: value }] : [];
  const def = definition(schema);
  switch (def.type) {
    case "object":
      if (!isRecord(value)) return [];
      return Object.entries(def.shape!).flatMap(([key, field]) => findReferences(field, value[key], [...path, key]));
    case "record":
      if (!isRecord(value)) return [];
      return Object.entries(value).flatMap(([key, item]) => [
        ...findReferences(def.keyType!, key, [...path, key]),
        ...findReferences(def.valueType!, item, [...path, key]),
      ]);
    case "array":
      return Array.isArray(value)
        ? value.flatMap((item, index) => findReferences(def.element!, item, [...path, index]))
        : [];
    case "tuple":
      return Array.isArray(value)
        ? value.flatMap((item, index) =>
            def.items![index] ? findReferences(def.items![index], item, [...path, index]) : [],
          )
        : [];
    case "union":
      return optionsFor(schema, value).flatMap((option) => findReferences(option, value, path));
    case "pipe":
      return findReferences(def.in!, value, path);
    default:
      return def.innerType ? findReferences(def.innerType, value, path) : [];
  }
}

/** The names of the fields that a schema allows in the object at a path below a value. */
export function fieldsAt(schema: z.ZodType, value: unknown, path: readonly PropertyKey[]): string[] {
  const def = definition(schema);
  const [part, ...rest] = path;
  const below = part === undefined ? value : (value as Record<PropertyKey, unknown> | null | undefined)?.[part];
  switch (def.type) {
    case "object": {
      if (part === undefined) return Object.keys(def.shape!);
      const field = def.shape![String(part)];
      return field === undefined ? [] : fieldsAt(field, below, rest);
    }
    case "record":
      return part === undefined ? [] : fieldsAt(def.valueType!, below, rest);
    case "array":
      return part === undefined ? [] : fieldsAt(def.element!, below, rest);
    case "tuple": {
      const item = def.items![Number(part)];
      return item === undefined ? [] : fieldsAt(item, below, rest);
    }
    case "union":
      return optionsFor(schema, value).flatMap((option) => fieldsAt(option, value, path));
    case "pipe":
      return fieldsAt(def.in!, value, path);
    default:
      return def.innerType ? fieldsAt(def.innerType, value, path) : [];
  }
}

/** The forms of a union that a value may have been meant as: the one that accepts it or has its discriminator, else all. */
export function optionsFor(schema: z.ZodType, value: unknown): z.ZodType[] {
  const { options = [], discriminator } = definition(schema);
  const accepting = options.find((option) => option.safeParse(value).success);
  if (accepting) return [accepting];
  if (discriminator === undefined) return options;
  const tag = isRecord(value) ? value[discriminator] : undefined;
  return options.filter((option) => definition(option).shape?.[discriminator]?.safeParse(tag).success);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The parts of zod's schema definitions that hold other schemas. */
export interface SchemaDefinition {
  type: string;
  shape?: Record<string, z.ZodType>;
  /** Of an object: what its other fields must be; absent or `never` where there may be none. */
  catchall?: z.ZodType;
  element?: z.ZodType;
  items?: z.ZodType[];
  keyType?: z.ZodType;
  valueType?: z.ZodType;
  options?: z.ZodType[];
  discriminator?: string;
  innerType?: z.ZodType;
  in?: z.ZodType;
}

export const definition = (schema: z.ZodType): SchemaDefinition => schema.def as unknown as SchemaDefinition;
