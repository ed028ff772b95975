import { createContext, Script } from "node:vm";

/** An expression as Go writes it (RE2), as JavaScript writes the same with the flag `u`; what has no like stays as it is. */
export function jsRegex(expression: string): string {
  const same = expression
    .replaceAll("(?P<", "(?<")
    .replace(/\\A/g, "^")
    .replace(/\\z/g, "$")
    // With the flag `u`, only what means something may be escaped.
    .replace(/\\([^\w\s^$\\.*+?()[\]{}|/-])/g, "$1")
    .replace(/\\-(?![^[]*\])/g, "-");
  const [, flags, rest] = /^\(\?([ims]+)\)(.*)$/s.exec(same) ?? [];
  return flags === undefined ? same : `(?${[...new Set(flags)].join("")}:${rest})`;
}

/** A pattern of Go's `path.Match`, in which Gatus sees no slashes, as an expression; undefined where it is none. */
export function globRegex(glob: string): string | undefined {
  const pieces = glob.match(/\*+|\?|\[\^?[^\]]+\]|\\[\s\S]|[^*?[\\]/g) ?? [];
  if (pieces.join("") !== glob) return undefined;
  const inner = pieces.map((piece) => {
    if (piece.startsWith("*")) return "[\\s\\S]*";
    if (piece === "?") return "[^/]";
    if (/^\[.+\]$/s.test(piece)) return piece.replace(/[[&|~{}()]/g, (sign, at) => (at === 0 ? sign : `\\${sign}`));
    if (piece === "/") return "/?";
    return escaped(piece.length > 1 ? piece.slice(1) : piece);
  });
  return `${START}${inner.join("")}${END}`.replace(`${START}[\\s\\S]*`, "").replace(`[\\s\\S]*${END}`, "");
}

/** Where a text begins and ends, whatever `^` and `$` mean. */
const START = "(?<![\\s\\S])";
const END = "(?![\\s\\S])";

/** Stands for itself in an expression with the flag `u`. */
export const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

/** One expression for a text in which some must match and others must not; undefined where there is none of them. */
export function together(wanted: readonly string[], unwanted: readonly string[]): string | undefined {
  if (wanted.length <= 1 && unwanted.length === 0) return wanted[0];
  const must = wanted.map((one) => `(?=[\\s\\S]*(?:${one}))`);
  const mustNot = unwanted.map((one) => `(?![\\s\\S]*(?:${one}))`);
  return START + [...must, ...mustNot].join("");
}

/** How long an expression of somebody else's file may take over one text, in milliseconds: a busy machine is slow, too. */
const LONGEST_MATCH = 2000;
/** Those that took longer once: nobody waits for them again. */
const endless = new Set<string>();

const replacing = new Script(
  "(() => { const found = new RegExp(source, 'us').exec(text); return found === null ? undefined : { all: [...found], named: { ...found.groups } }; })()",
);
const context = createContext({ source: "", text: "" });

/** What was found, and its groups. */
export interface Match {
  readonly all: readonly (string | undefined)[];
  readonly named: Readonly<Record<string, string | undefined>>;
}

/** What a whole text matched; undefined where it does not match, or nobody can wait for it. */
export function wholeMatch(expression: string, text: string): Match | undefined {
  if (endless.has(expression)) return undefined;
  Object.assign(context, { source: `^(?:${jsRegex(expression)})$`, text });
  try {
    return replacing.runInContext(context, { timeout: LONGEST_MATCH }) as Match | undefined;
  } catch {
    endless.add(expression);
    return undefined;
  }
}
