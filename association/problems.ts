import { closest, distance } from "fastest-levenshtein";
import type { z } from "zod";

/** One thing wrong in a declaration. */
export interface Problem {
  /** Where, as written in the declaration: `services.wiki.checks[0].every`. */
  path: string;
  /** What stands there. */
  found: string;
  /** What should stand there. */
  expected: string;
  /** The nearest valid name, where the expected thing is a name. */
  nearest?: string;
}

/** A declaration that cannot be used. Its message lists every problem at once. */
export class DeclarationError extends Error {
  override name = "DeclarationError";
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const sorted = [...problems].sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
    super(
      `The declaration has ${problems.length === 1 ? "1 problem" : `${problems.length} problems`}:\n${sorted.map(describeProblem).join("\n")}`,
    );
    this.problems = sorted;
  }
}

/** One problem as two lines of text. */
export function describeProblem({ path, found, expected, nearest }: Problem): string {
  return `  ${path}\n    found ${found}; expected ${expected}${nearest ? `; did you mean "${nearest}"?` : ""}`;
}

/** `["services","wiki","checks",0]` as `services.wiki.checks[0]`; keys that are not plain names are quoted. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      const plain = /^[A-Za-z_][\w-]*$/.test(String(part));
      return plain ? `${index === 0 ? "" : "."}${String(part)}` : `[${JSON.stringify(String(part))}]`;
    })
    .join("");
}

const LONGEST_SHOWN = 80;

/** A value as an error message shows it: short, on one line, control characters escaped. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value) && value.length === 0) return "an empty list";
  const text = typeof value === "function" ? "a function" : (JSON.stringify(value) ?? String(value));
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

/** The valid name most like `name`, unless even that one is too far off to be what was meant. */
export function nearestName(name: string, valid: readonly string[]): string | undefined {
  if (valid.length === 0) return undefined;
  const best = closest(name, [...valid]);
  return distance(name, best) <= Math.max(2, Math.floor(name.length / 2)) ? best : undefined;
}

/** A name that is not one of the valid ones. */
export function unknownName(
  path: readonly PropertyKey[],
  name: unknown,
  what: string,
  valid: readonly string[],
): Problem {
  const nearest = typeof name === "string" ? nearestName(name, valid) : undefined;
  return {
    path: formatPath(path),
    found: describeValue(name),
    expected: valid.length === 0 ? `${what}, but none is declared` : `${what} (${list(valid)})`,
    ...(nearest === undefined ? {} : { nearest }),
  };
}

const MOST_LISTED = 8;

/** `a, b or c`, cut after eight. */
export function list(names: readonly string[]): string {
  const shown = names.slice(0, MOST_LISTED);
  return names.length > MOST_LISTED ? `${shown.join(", ")} …` : shown.join(", ").replace(/, ([^,]*)$/, " or $1");
}

/** The problems in what zod found wrong with `input`, whose own place in the declaration is `base`. */
export function problemsOf(error: z.ZodError, input: unknown, base: readonly PropertyKey[]): Problem[] {
  return error.issues.flatMap((issue) => fromIssue(issue, input, base));
}

type Issue = z.core.$ZodIssue;

function fromIssue(issue: Issue, input: unknown, base: readonly PropertyKey[]): Problem[] {
  const value = at(input, issue.path);
  const path = [...base, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: formatPath([...path, key]),
      found: "a field that does not exist here",
      expected: "no such field",
    }));
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const branch = [...issue.errors].sort((a, b) => a.length - b.length)[0]!;
    return branch.flatMap((inner) => fromIssue(inner, value, path));
  }
  const missing = value === undefined && issue.code === "invalid_type";
  return [{ path: formatPath(path), found: describeValue(value), expected: expectation(issue, missing) }];
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const part of path) value = (value as Record<PropertyKey, unknown> | undefined | null)?.[part];
  return value;
}

/** What zod expected, in words; our own schemas carry theirs as the message. */
function expectation(issue: Issue, missing: boolean): string {
  switch (issue.code) {
    case "invalid_type":
      return `${article(issue.expected)}${missing ? ", which is required" : ""}`;
    case "invalid_value":
      return `one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
    case "invalid_union":
      return `one of ${(issue as { options?: string[] }).options?.map((option) => JSON.stringify(option)).join(", ") ?? "the allowed forms"}`;
    case "too_small":
      return issue.message.startsWith("Too small") ? `at least ${issue.minimum}${unit(issue.origin)}` : issue.message;
    case "too_big":
      return issue.message.startsWith("Too big") ? `at most ${issue.maximum}${unit(issue.origin)}` : issue.message;
    default:
      return issue.message;
  }
}

const unit = (origin: string): string => (origin === "string" ? " characters" : origin === "array" ? " entries" : "");
const article = (type: string): string => (/^[aeio]/.test(type) ? `an ${type}` : `a ${type}`);
