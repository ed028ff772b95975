/** What a query of Prometheus asks for. */
export interface Query {
  /** Metrics, with the labels by which their series are selected. */
  readonly selectors: readonly { readonly metric: string; readonly labels: readonly string[] }[];
  /** Labels that aggregations keep or drop, with the metrics they are about; of `on` and the like, with all of the query. */
  readonly groups: readonly { readonly labels: readonly string[]; readonly metrics: readonly string[] }[];
  /** Labels that the result has, where an aggregation says so: the outermost. */
  readonly kept: readonly string[] | undefined;
  /** What the query does that dashboards do not, or that is no query. */
  readonly faults: readonly string[];
}

const TOKEN =
  /\s+|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`|[a-zA-Z_:][\w:]*|\[[^\]]*\]|\d[\w.]*|=~|!~|!=|==|>=|<=|[-+*/%^<>=(){},]/y;
const NAME = /^[a-zA-Z_:][\w:]*$/;

const AGGREGATIONS = new Set(["sum", "min", "max", "avg", "count", "group", "topk", "bottomk", "quantile", "stddev"]);
const FUNCTIONS = new Set([
  ...["rate", "increase", "irate", "delta", "changes", "histogram_quantile", "time", "vector", "scalar", "absent"],
  ...["sort", "sort_desc", "abs", "clamp_min", "clamp_max", "avg_over_time", "max_over_time", "min_over_time"],
]);
const OPERATORS = new Set(["and", "or", "unless", "bool"]);
const MATCHING = new Set(["on", "ignoring", "group_left", "group_right"]);

/** Reads as much of the query language as dashboards use; the rest is a fault, so that nothing goes unread. */
export function readQuery(text: string): Query {
  const faults: string[] = [];
  const tokens = split(text, faults);
  const selectors: { metric: string; labels: string[]; at: number }[] = [];
  const groups: { labels: string[]; from: number; to: number }[] = [];
  const open: number[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!;
    if (token === "(") open.push(at);
    else if (token === ")") {
      if (open.pop() === undefined) faults.push("a parenthesis too many");
    } else if (token === "{") faults.push("a selector without a metric");
    else if (!NAME.test(token) || OPERATORS.has(token)) continue;
    else if (MATCHING.has(token)) {
      const labels = tokens[at + 1] === "(" ? list(tokens, at + 1) : undefined;
      if (labels === undefined) continue;
      groups.push({ labels: labels.items, from: 0, to: tokens.length });
      at = labels.end;
    } else if (AGGREGATIONS.has(token)) {
      if (tokens[at + 1] !== "by" && tokens[at + 1] !== "without") continue;
      const labels = list(tokens, at + 2);
      if (tokens[at + 1] === "without") faults.push("`without`: say what is kept, not what is dropped");
      groups.push({ labels: labels.items, from: labels.end, to: closing(tokens, labels.end + 1) });
      at = labels.end;
    } else if (tokens[at + 1] === "(") {
      if (!FUNCTIONS.has(token)) faults.push(`the function ${token}`);
    } else {
      const selector = { metric: token, labels: [] as string[], at };
      selectors.push(selector);
      if (tokens[at + 1] !== "{") continue;
      for (at += 2; at < tokens.length && tokens[at] !== "}"; at++) {
        const [label, operator, value] = tokens.slice(at, at + 3);
        if (!NAME.test(label!) || !/^(=|!=|=~|!~)$/.test(operator ?? "") || !/^["'`]/.test(value ?? ""))
          faults.push(`the matcher ${label}${operator}${value}`);
        selector.labels.push(label!);
        at += 2;
        if (tokens[at + 1] !== "," && tokens[at + 1] !== "}") faults.push(`no end of {${label}…`);
        if (tokens[at + 1] === ",") at++;
      }
    }
  }
  if (open.length > 0) faults.push("a parenthesis too few");
  if (selectors.length === 0) faults.push("no metric");
  const bare = text.replace(/"(?:[^"\\\n]|\\.)*"|\[[^\]]*\]/g, "");
  if (bare.includes("$")) faults.push("a choice outside quotes");
  return {
    selectors: selectors.map(({ metric, labels }) => ({ metric, labels })),
    groups: groups.map(({ labels, from, to }) => ({
      labels,
      metrics: selectors.filter(({ at }) => at >= from && at < to).map(({ metric }) => metric),
    })),
    kept: groups[0]?.labels,
    faults,
  };
}

function split(text: string, faults: string[]): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (found === null) {
      faults.push(`cannot be read from "${text.slice(at, at + 20)}"`);
      break;
    }
    if (found[0].trim() !== "") tokens.push(found[0]);
  }
  return tokens;
}

/** The names within the parentheses that begin at a token, and where they end. */
function list(tokens: readonly string[], start: number): { items: string[]; end: number } {
  const end = Math.max(start, tokens.indexOf(")", start));
  return { items: tokens.slice(start + 1, end).filter((token) => token !== ","), end };
}

/** Where the parenthesis that begins at a token ends. */
function closing(tokens: readonly string[], start: number): number {
  let depth = 0;
  for (let at = start; at < tokens.length; at++) {
    if (tokens[at] === "(") depth++;
    if (tokens[at] === ")" && --depth === 0) return at;
  }
  return tokens.length;
}
