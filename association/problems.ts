import { closest, distance } from "fastest-levenshtein";

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
    const sorted = [...problems].sort((a, b) => inOrder.compare(a.path, b.path));
    super(
      `The declaration has ${problems.length === 1 ? "1 problem" : `${problems.length} problems`}:\n${sorted.map(describeProblem).join("\n")}`,
    );
    this.problems = sorted;
  }
}

const inOrder = new Intl.Collator("en", { numeric: true });

/** One problem as two lines of text. */
export function describeProblem({ path, found, expected, nearest }: Problem): string {
  const hint = nearest === undefined ? "" : `; did you mean ${describeValue(nearest)}?`;
  return `  ${path}\n    found ${found}; expected ${expected}${hint}`;
}

/** `["services","wiki","checks",0]` as `services.wiki.checks[0]`; keys that are not plain names are quoted. */
export function formatPath(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "(the declaration)";
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      const key = String(part);
      return isPlainName(key) ? `${index === 0 ? "" : "."}${key}` : `[${describeValue(key)}]`;
    })
    .join("");
}

const LONGEST_SHOWN = 80;

const isPlainName = (text: string): boolean => text.length <= LONGEST_SHOWN && /^[A-Za-z_][\w-]*$/.test(text);

/** A value as an error message shows it: short, on one line, with nothing in it that a terminal would obey. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value) && value.length === 0) return "an empty list";
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value}n`;
  const shown = typeof value === "object" || typeof value === "string" ? JSON.stringify(value) : String(value);
  const text = escapeInvisible(shown.replace(PASSWORD, "$1…@"));
  // Never half of a pair of code units.
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN).replace(/[\uD800-\uDBFF]$/, "")}…` : text;
}

/** A password in an address (RFC 3986 section 3.2.1): messages end up in logs. */
const PASSWORD = /(:\/\/[^\s/"'@:]*:)[^\s/"'@]+@/g;

/** What JSON leaves as it is although it moves the cursor or turns the direction of the text: C1 controls, line separators, bidi controls. */
const INVISIBLE = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const escapeInvisible = (text: string): string =>
  text.replace(INVISIBLE, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** Of more names than this the nearest is not looked for: ten thousand mistakes among them would take minutes. */
const MOST_COMPARED = 1000;

/** The valid name most like `name`, unless even that one is too far off to be what was meant. */
export function nearestName(name: string, valid: readonly string[]): string | undefined {
  if (valid.length === 0 || valid.length > MOST_COMPARED || name.length > LONGEST_SHOWN) return undefined;
  const best = closest(name, [...valid]);
  const close = distance(name, best) <= Math.max(2, Math.floor(name.length / 2));
  return close && [...name].some((letter) => best.includes(letter)) ? best : undefined;
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
  const shown = names.slice(0, MOST_LISTED).map((name) => (isShowable(name) ? name : describeValue(name)));
  return names.length > MOST_LISTED ? `${shown.join(", ")} …` : shown.join(", ").replace(/, ([^,]*)$/, " or $1");
}

const isShowable = (name: string): boolean => name.length <= LONGEST_SHOWN && /^[\w.@-]+$/.test(name);
