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

/** How long expressions of somebody else's file may take over one text, in milliseconds. */
const LONGEST_MATCH = 100;

const replacing = new Script(
  "(() => { const found = new RegExp(source, 'us').exec(text); return found === null ? undefined : [...found]; })()",
);
const context = createContext({ source: "", text: "" });

/** What a whole text matched, and its groups; undefined where it does not match, or nobody can wait for it. */
export function wholeMatch(expression: string, text: string): readonly (string | undefined)[] | undefined {
  Object.assign(context, { source: `^(?:${jsRegex(expression)})$`, text });
  try {
    const found = replacing.runInContext(context, { timeout: LONGEST_MATCH }) as
      | ArrayLike<string | undefined>
      | undefined;
    return found === undefined ? undefined : Array.from(found);
  } catch {
    return undefined;
  }
}
