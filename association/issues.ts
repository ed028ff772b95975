import type { z } from "zod";
import { describeValue, formatPath, nearestName, type Problem } from "./problems.ts";
import { fieldsAt } from "./references.ts";

type Issue = z.core.$ZodIssue;

/** The problems in what zod found wrong with `input`, whose own place in the declaration is `base`. */
export function problemsOf(
  schema: z.ZodType,
  error: z.ZodError,
  input: unknown,
  base: readonly PropertyKey[],
): Problem[] {
  const issues = withoutEchoes(error.issues);
  return issues.flatMap((issue) => fromIssue(issue, input, base, (path) => fieldsAt(schema, input, path)));
}

/** Zod measures the length of whatever has one: of a list that should be text, that it is no text is enough. */
function withoutEchoes(issues: readonly Issue[]): Issue[] {
  const ofWrongType = new Set(issues.filter(({ code }) => code === "invalid_type").map(({ path }) => formatPath(path)));
  return issues.filter(({ code, path }) => code === "invalid_type" || !ofWrongType.has(formatPath(path)));
}

/** The names of the fields that may stand at a path below the input. */
type Fields = (path: readonly PropertyKey[]) => string[];

function fromIssue(issue: Issue, input: unknown, base: readonly PropertyKey[], fields: Fields): Problem[] {
  const value = at(input, issue.path);
  const path = [...base, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const known = fields(issue.path);
    return issue.keys.map((key) => ({
      path: formatPath([...path, key]),
      found: "a field that does not exist here",
      expected: "no such field",
      ...near(
        key,
        known.filter((field) => field !== key),
      ),
    }));
  }
  if (issue.code === "invalid_key") {
    return [
      { path: formatPath(path), found: describeValue(issue.path.at(-1)), expected: expectation(issue.issues[0]!) },
    ];
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    return fromUnion(issue, value, path, (below) => fields([...issue.path, ...below]));
  }
  const missing = value === undefined && (issue.code === "invalid_type" || issue.code === "invalid_value");
  return [
    {
      path: formatPath(path),
      found: describeValue(value),
      expected: `${expectation(issue)}${missing ? ", which is required" : ""}`,
      ...near(value, choices(issue)),
    },
  ];
}

/** The values that an issue leaves the choice of. */
function choices(issue: Issue): string[] {
  if (issue.code === "invalid_value") return issue.values.map(String);
  if (issue.code === "custom") return (issue.params?.choices as string[] | undefined) ?? [];
  return issue.code === "invalid_union" ? ((issue as { options?: unknown[] }).options?.map(String) ?? []) : [];
}

const near = (name: unknown, valid: readonly string[]): { nearest?: string } => {
  const nearest = typeof name === "string" ? nearestName(name, valid) : undefined;
  return nearest === undefined ? {} : { nearest };
};

/** What is wrong with the form that was most likely meant; where the value is of no form at all, all of them. */
function fromUnion(
  { errors: branches, message }: Extract<Issue, { code: "invalid_union" }>,
  value: unknown,
  path: PropertyKey[],
  fields: Fields,
): Problem[] {
  if (branches.every((issues) => issues.length === 1 && isAboutAll(issues[0]!))) {
    const forms = branches.flatMap((issues) => fromIssue(issues[0]!, value, path, fields));
    const own =
      message === "Invalid input" ? undefined : `${message}${value === undefined ? ", which is required" : ""}`;
    return [{ ...forms[0]!, expected: own ?? [...new Set(forms.map((form) => form.expected))].join(" or ") }];
  }
  const meant = [...branches].sort((a, b) => mismatch(a) - mismatch(b))[0]!;
  return withoutEchoes(meant).flatMap((inner) => fromIssue(inner, value, path, fields));
}

const isAboutAll = ({ code, path }: Issue): boolean => path.length === 0 && code !== "unrecognized_keys";

/** How far a value is from a form: a field that the form does not have tells more than one that is malformed. */
const mismatch = (issues: readonly Issue[]): number =>
  issues.reduce((sum, { code }) => sum + (code === "unrecognized_keys" ? 3 : 1), 0);

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const part of path) value = (value as Record<PropertyKey, unknown> | undefined | null)?.[part];
  return value;
}

/** What zod expected, in words; our own schemas carry theirs as the message. */
export function expectation(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return TYPES[issue.expected] ?? `a ${issue.expected}`;
    case "invalid_value":
      return oneOf(issue.values);
    case "invalid_union":
      return oneOf((issue as { options?: unknown[] }).options ?? []);
    case "too_small":
      return issue.message.startsWith("Too small")
        ? `${issue.inclusive ? "at least" : "more than"} ${amount(issue.minimum, issue.origin)}`
        : issue.message;
    case "too_big":
      return issue.message.startsWith("Too big")
        ? `${issue.inclusive ? "at most" : "less than"} ${amount(issue.maximum, issue.origin)}`
        : issue.message;
    case "invalid_format":
      return issue.message.startsWith("Invalid") ? (FORMATS[issue.format] ?? issue.message) : issue.message;
    default:
      return issue.message;
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

const FORMATS: Readonly<Record<string, string>> = {
  url: "an address such as https://example.org",
  email: "a mail address such as tresor@example.org",
  ipv4: "an IPv4 address such as 192.0.2.1",
  ipv6: "an IPv6 address such as 2001:db8::1",
};

const oneOf = (values: readonly unknown[]): string => {
  const shown = values.map((value) => JSON.stringify(value)).join(", ");
  return values.length === 1 ? shown : `one of ${shown}`;
};

function amount(count: number | bigint, origin: string): string {
  const unit = UNITS[origin];
  return unit === undefined ? `${count}` : `${count} ${unit[Number(count) === 1 ? 0 : 1]}`;
}

const UNITS: Readonly<Record<string, readonly [one: string, more: string]>> = {
  string: ["character", "characters"],
  array: ["entry", "entries"],
};
