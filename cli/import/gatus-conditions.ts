import type { DraftCheck, Fields, Tell } from "./draft.ts";
import { globRegex } from "./regex.ts";
import { ANY_ANSWER, WHOLE_PAGES } from "./request.ts";

/** How a condition of Gatus is cut, in the order in which Gatus tries. */
const OPERATORS = ["==", "!=", "<=", ">=", ">", "<"] as const;

/** What a check expects so that it says the same as Gatus's conditions would. */
type Expected = Pick<DraftCheck, "conditions"> & { readonly fields: Fields };

/**
 * Conditions of Gatus as the lookout's, where the two languages differ: quotation marks are part of a value there, `pat`
 * knows `?` and `[a-z]`, and a kind of check may mean something else by the same words.
 */
export function conditionsFor({ check, fields }: DraftCheck, all: readonly string[], tell: Tell): Expected {
  const read = all.flatMap((text): Read[] => {
    const condition = cut(ownPlaceholders(text));
    if (condition === undefined) return [text];
    const quoted = [condition.left, condition.right].map(literal);
    if (quoted.includes(undefined)) {
      tell(`condition ${text}`, "its value has both kinds of quotation marks");
      return [];
    }
    return [{ text, left: quoted[0]!, operator: condition.operator, right: quoted[1]! }];
  });
  const kind = Object.hasOwn(KINDS, check) ? KINDS[check]! : asItIs;
  return kind(read, fields, tell);
}

interface Cut {
  readonly text: string;
  readonly left: string;
  readonly operator: (typeof OPERATORS)[number];
  readonly right: string;
}
type Read = string | Cut;

function cut(text: string): Omit<Cut, "text"> | undefined {
  const operator = OPERATORS.find((one) => text.includes(` ${one} `));
  if (operator === undefined) return undefined;
  const [left = "", right = ""] = text.split(` ${operator} `).map((side) => side.trim());
  return { left, operator, right };
}

const written = (one: Read): string => (typeof one === "string" ? one : `${one.left} ${one.operator} ${one.right}`);

/** Gatus reads placeholders in any case, and calls a header field's [HEADER]. */
const ownPlaceholders = (condition: string): string =>
  condition.replace(/\[([A-Za-z_]+)\](?=[.\s)[]|$)/g, (_, name: string) =>
    name.toUpperCase() === "HEADER" ? "[HEADERS]" : `[${name.toUpperCase()}]`,
  );

/** A value whose quotation marks are part of it, in quotation marks of the other kind; undefined where it has both. */
function literal(side: string): string | undefined {
  const inner = /^any\((.*)\)$/s.exec(side)?.[1];
  if (inner !== undefined) {
    const each = inner.split(",").map((one) => literal(one.trim()));
    return each.includes(undefined) ? undefined : `any(${each.join(", ")})`;
  }
  if (!/^["']/.test(side)) return side;
  const other = side.startsWith('"') ? "'" : '"';
  return side.includes(other) ? undefined : `${other}${side}${other}`;
}

type Kind = (all: readonly Read[], fields: Fields, tell: Tell) => Expected;

const asItIs: Kind = (all, _, tell) => ({
  conditions: all.flatMap((one) => {
    const glob = typeof one === "string" ? undefined : globOf(one.right);
    if (glob === undefined || !/[?[\\]/.test(glob)) return [written(one)];
    tell(`condition ${written(one)}`, "a pattern here knows no other sign than `*`");
    return [];
  }),
  fields: {},
});

const globOf = (side: string): string | undefined => /^pat\((.*)\)$/s.exec(side)?.[1];

const KINDS: Readonly<Record<string, Kind>> = {
  http(all, { redirects }, tell) {
    let body: string | undefined;
    const json: Record<string, Fields> = {};
    const kept = all.filter((one) => {
      if (typeof one === "string") return true;
      const glob = globOf(one.right);
      const [, path] = /^\[BODY\]\.?(.*)$/s.exec(one.left) ?? [];
      if (glob === undefined || path === undefined || !/[?[\\]/.test(glob) || one.operator !== "==") return true;
      const regex = globRegex(glob);
      if (regex === undefined || (path === "" ? body !== undefined : json[path] !== undefined)) return true;
      if (path === "") body = regex;
      else json[path] = { regex };
      return false;
    });
    const texts = kept.map(written);
    const expect = {
      ...(redirects !== 0 && texts.some(decides) ? {} : { status: redirects === 0 ? EVERY_ANSWER : ANY_ANSWER }),
      ...(body === undefined ? {} : { body: { regex: body } }),
      ...(Object.keys(json).length > 0 ? { json } : {}),
    };
    return {
      conditions: asItIs(kept, {}, tell).conditions ?? [],
      fields: {
        ...(Object.keys(expect).length > 0 ? { expect } : {}),
        ...(all.some((one) => written(one).includes("[BODY]")) ? { readKb: WHOLE_PAGES } : {}),
      },
    };
  },
  // Of a certificate, Gatus says only how long it is still good.
  tls: (all, fields, tell) => ({ ...asItIs(all, fields, tell), fields: { minRemaining: "1s" } }),
  // What a banner leaves of a command's exit code.
  ssh: (all, fields, tell) =>
    asItIs(
      all.filter((one) => written(one) !== "[STATUS] == 0"),
      fields,
      tell,
    ),
  dns(all, { type }, tell) {
    const includes: string[] = [];
    const kept = all.flatMap((one): Read[] => {
      if (typeof one === "string" || one.left !== "[BODY]" || !["==", "!="].includes(one.operator)) return [one];
      if (type === "SRV") {
        tell(`condition ${one.text}`, "a record is written as in a zone file here: name it in `expect`");
        return [];
      }
      if (one.operator === "==" && !/^(any|pat)\(|^["']/.test(one.right) && SINGLE.has(String(type))) {
        includes.push(one.right);
        return [];
      }
      return [{ ...one, right: somewhere(one.right) }];
    });
    const texts = kept.map(written);
    // Gatus is content with whatever a server says that no condition is about.
    const any =
      includes.length > 0 || texts.some((one) => /\[(DNS_RCODE|BODY)\]/.test(one)) ? [] : ["has([DNS_RCODE])"];
    return {
      conditions: [...(asItIs(kept, {}, tell).conditions ?? []), ...any],
      fields: includes.length > 0 ? { expect: { includes } } : {},
    };
  },
};

const EVERY_ANSWER = ["1xx", "2xx", "3xx", "4xx", "5xx"] as const;

/** Whether no redirect can fulfil it: Gatus judges what redirects lead to. */
const decides = (condition: string): boolean => /^\[STATUS\] == [1245]\d\d$/.test(condition);

/** Types of records of which Gatus compares all there is. */
const SINGLE = new Set(["A", "AAAA", "CNAME", "NS", "PTR"]);

/** Gatus compares the last of the records, and of some a part: here the text of all of them is looked through. */
function somewhere(side: string): string {
  const [, call, inner = ""] = /^(any|pat)\((.*)\)$/s.exec(side) ?? [];
  if (call === "any")
    return `any(${inner
      .split(",")
      .map((one) => somewhere(one.trim()))
      .join(", ")})`;
  const plain = call === "pat" ? inner : side.replace(/^(["'])(.*)\1$/s, "$2").replace(/\.$/, "");
  return `pat(${plain.startsWith("*") ? "" : "*"}${plain}${plain.endsWith("*") ? "" : "*"})`;
}
