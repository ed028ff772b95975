import { createContext, Script } from "node:vm";
import { z } from "zod";

/** A condition on text: it contains this, matches that regular expression, or does not contain that. */
export const textCondition = z.union([
  z.string().min(1),
  z.strictObject({
    /** A JavaScript regular expression, without slashes; `^` and `$` are the ends of lines. */
    regex: z.string().min(1).refine(isRegex, "a regular expression as JavaScript writes it"),
  }),
  z.strictObject({
    /** Text that must not be there. */
    not: z.string().min(1),
  }),
]);
export type TextCondition = z.output<typeof textCondition>;

function isRegex(source: string): boolean {
  try {
    return new RegExp(source, "mu") !== undefined;
  } catch {
    return false;
  }
}

/** How long a regular expression may look at what a server sent, in milliseconds: some take years on the right text, and all else waits. */
const LONGEST_MATCH = 40;
/** The limit is kept by the clock on the wall: on a busy machine it may pass while the expression hardly had its turn. */
const MOST_TRIES = 5;

const matcher = new Script("new RegExp(source, 'mu').test(text)");
/** Made once: to make a place takes four times as long as to look for something short. */
const place = createContext({ source: "", text: "" });

/** Whether the text fulfils the condition; an expression that takes too long does not match. */
export function matches(condition: TextCondition, text: string): boolean {
  if (typeof condition === "string") return text.includes(condition);
  if ("not" in condition) return !text.includes(condition.not);
  Object.assign(place, { source: condition.regex, text });
  for (let tries = 1; ; tries++) {
    const before = process.threadCpuUsage();
    try {
      return matcher.runInContext(place, { timeout: LONGEST_MATCH }) === true;
    } catch {
      const { user, system } = process.threadCpuUsage(before);
      if (tries === MOST_TRIES || (user + system) / 1000 > LONGEST_MATCH / 2) return false;
    }
  }
}

/** The condition in words, to be read after "expected". */
export function wanted(condition: TextCondition): string {
  if (typeof condition === "string") return JSON.stringify(condition);
  return "not" in condition ? `no ${JSON.stringify(condition.not)}` : `a match of /${condition.regex}/`;
}
