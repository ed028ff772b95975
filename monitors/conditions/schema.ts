import { z } from "zod";
import { Malformed, parseCondition } from "./parse.ts";
import type { PlaceName } from "./places.ts";

/** A condition on some placeholders, as far as the compiler can follow: the rest is verified when the declaration is read. */
export type Condition<Name extends PlaceName> =
  | `[${Name}]${string}`
  | `len([${Name}]${string}`
  | `has([${Name}]${string}`;

const MOST_CONDITIONS = 20;

/** The schema of a check's `conditions`: every one must hold. What is wrong with one is told as the thing expected. */
export function conditions<const Name extends PlaceName>(...offered: readonly Name[]) {
  const one = z.string().superRefine((text, context) => {
    try {
      parseCondition(text, offered);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      context.addIssue({ code: "custom", message: `as a condition, ${error.message}` });
    }
  }) as unknown as z.ZodType<Condition<Name>, Condition<Name>>;
  return z
    .array(one)
    .min(1)
    .max(MOST_CONDITIONS)
    .meta({ places: [...offered] });
}
