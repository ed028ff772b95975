/** Something read, of which nothing is known yet. */
export type Unknown = Record<string, unknown>;

export const isObject = (value: unknown): value is Unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value);
