import type { z } from "zod";

/** A place in a value that names an entry of a collection. */
export interface Reference {
  path: PropertyKey[];
  /** `role`, `team` … */
  kind: string;
  name: string;
}

/**
 * Every reference in a value as it was written (before defaults and transformations), found by walking its schema: a field of type `ref("role")` needs no code of its own
 * to be verified.
 */
export function findReferences(schema: z.ZodType, value: unknown, path: PropertyKey[] = []): Reference[] {
  if (value === undefined || value === null) return [];
  const kind = schema.meta()?.ref;
  if (typeof kind === "string") return typeof value === "string" ? [{ path, kind, name: value }] : [];
  const def = schema.def as unknown as SchemaDef;
  switch (def.type) {
    case "object":
      if (typeof value !== "object") return [];
      return Object.entries(def.shape!).flatMap(([key, field]) =>
        findReferences(field, (value as Record<string, unknown>)[key], [...path, key]),
      );
    case "record":
      if (typeof value !== "object") return [];
      return Object.entries(value).flatMap(([key, item]) => [
        ...findReferences(def.keyType!, key, [...path, key]),
        ...findReferences(def.valueType!, item, [...path, key]),
      ]);
    case "array":
      return Array.isArray(value)
        ? value.flatMap((item, index) => findReferences(def.element!, item, [...path, index]))
        : [];
    case "union": {
      const option = def.options!.find((candidate) => candidate.safeParse(value).success) ?? def.options![0]!;
      return findReferences(option, value, path);
    }
    case "pipe":
      return findReferences(def.in!, value, path);
    default:
      return def.innerType ? findReferences(def.innerType, value, path) : [];
  }
}

/** The parts of zod's schema definitions that hold other schemas. */
interface SchemaDef {
  type: string;
  shape?: Record<string, z.ZodType>;
  element?: z.ZodType;
  keyType?: z.ZodType;
  valueType?: z.ZodType;
  options?: z.ZodType[];
  innerType?: z.ZodType;
  in?: z.ZodType;
}
