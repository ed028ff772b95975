import { parseJsonPath } from "./path.ts";
import { PLACES, type PlaceName } from "./places.ts";
import { globMatcher, type Literal, lengthIn } from "./value.ts";

export const OPERATORS = ["==", "!=", "<=", ">=", "<", ">"] as const;
export type Operator = (typeof OPERATORS)[number];

/** Something of the answer. */
export interface Look {
  place: PlaceName;
  /** Into a document. */
  steps: readonly (string | number)[];
  /** Of `HEADERS`. */
  field: string;
  /** The value itself, its length, or whether it is there. */
  as: "value" | "length" | "presence";
  /** As it was written. */
  text: string;
}

export type Operand = { look: Look } | { literal: Literal };

export interface Comparison {
  left: Look;
  operator: Operator;
  right: Operand;
}

/** What is wrong with a condition, as the thing expected. */
export class Malformed extends Error {
  override name = "Malformed";
}

const SPACED = `an operator with spaces around it (${OPERATORS.join(" ")})`;

export const MOST_CHARACTERS = 500;
const MOST_ALTERNATIVES = 50;

/**
 * Reads one condition, for instance `[BODY].status == UP`, `len([BODY].items) > 2`, `has([BODY].error) == false`,
 * `[IP] == any(192.0.2.1, 192.0.2.2)`, `[BODY] == pat(*ok*)`.
 *
 * @param offered the placeholders that this kind of check has
 * @throws Malformed
 */
export function parseCondition(text: string, offered: readonly PlaceName[]): Comparison {
  if (text.length > MOST_CHARACTERS) throw new Malformed(`a condition of ${MOST_CHARACTERS} characters at most`);
  const { left, operator, right } = split(text);
  if (operator === undefined) {
    const look = lookIn(left, offered);
    if (look?.as !== "presence") throw new Malformed(SPACED);
    return typed({ left: look, operator: "==", right: { literal: { is: "text", text: "true", quoted: false } } });
  }
  const [one, two] = [operand(left, offered), operand(right, offered)];
  if ("look" in one) return typed({ left: one.look, operator, right: two });
  if ("look" in two) return typed({ left: two.look, operator: MIRRORED[operator], right: one });
  throw new Malformed(`a placeholder on one side: ${placeholders(offered)}`);
}

const MIRRORED: Readonly<Record<Operator, Operator>> = {
  "==": "==",
  "!=": "!=",
  "<": ">",
  ">": "<",
  "<=": ">=",
  ">=": "<=",
};

const placeholders = (offered: readonly PlaceName[]): string => offered.map((name) => `[${name}]`).join(", ");

/** Cut at its first operator outside of quotation marks and brackets. */
function split(text: string): { left: string; operator?: Operator; right: string } {
  let quote = "";
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (quote !== "") {
      if (character === quote) quote = "";
      continue;
    }
    if ((character === '"' || character === "'") && /[\s(,]/.test(text[at - 1] ?? " ")) quote = character;
    else if ("([".includes(character)) depth++;
    else if (")]".includes(character)) depth--;
    else if (depth === 0 && /\s/.test(text[at - 1] ?? " ")) {
      const operator = OPERATORS.find((one) => text.startsWith(one, at) && /^(\s|$)/.test(text.slice(at + one.length)));
      if (operator) return { left: text.slice(0, at).trim(), operator, right: text.slice(at + operator.length).trim() };
    }
  }
  return { left: text.trim(), right: "" };
}

function operand(text: string, offered: readonly PlaceName[]): Operand {
  if (text === "") throw new Malformed("a value on both sides of the operator");
  const look = lookIn(text, offered);
  return look ? { look } : { literal: literalIn(text) };
}

const WRAPPED = /^(len|has)\((.*)\)$/s;
const AS = { len: "length", has: "presence" } as const;

/** What the name after a placeholder is of, with an example. */
const NAMED = { fields: ["a header's", "content-type"], carried: ["a value's", "total"] } as const;

/** The placeholder that a text is, with what is done to it; undefined where it begins like none. */
function lookIn(text: string, offered: readonly PlaceName[]): Look | undefined {
  const [, wrapper, inner] = WRAPPED.exec(text) ?? [];
  const own = (inner ?? text).trim();
  const [whole, name] = /^\[([A-Z_]+)\]/.exec(own) ?? [];
  if (whole === undefined || name === undefined) {
    if (wrapper !== undefined) throw new Malformed(`a placeholder in ${wrapper}(…): ${placeholders(offered)}`);
    if (/^\[\s*[A-Za-z_]/.test(own)) throw new Malformed(`one of ${placeholders(offered)}`);
    return undefined;
  }
  if (!(offered as readonly string[]).includes(name)) throw new Malformed(`one of ${placeholders(offered)}`);
  const place = name as PlaceName;
  const rest = own.slice(whole.length);
  const look: Look = {
    place,
    steps: [],
    field: "",
    as: wrapper === undefined ? "value" : AS[wrapper as "len" | "has"],
    text,
  };
  const { is } = PLACES[place];
  if (is === "fields" || is === "carried") {
    const [whose, example] = NAMED[is];
    if (!/^\.[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/.test(rest))
      throw new Malformed(`${whose} name after [${place}], as in [${place}].${example}`);
    return { ...look, field: rest.slice(1).toLowerCase() };
  }
  if (rest === "") return look;
  if (/^\s*[=!<>]/.test(rest)) throw new Malformed(SPACED);
  if (is !== "document") throw new Malformed(`nothing after [${place}], which has no parts`);
  const steps = rest.startsWith(".") || rest.startsWith("[") ? parseJsonPath(rest.replace(/^\./, "")) : undefined;
  if (steps === undefined) throw new Malformed(`a path after [${place}], as in [${place}].data[0].name`);
  return { ...look, steps };
}

function literalIn(text: string): Literal {
  const [, call, inner] = /^(pat|any)\((.*)\)$/s.exec(text) ?? [];
  if (call === "pat") return { is: "pattern", text: inner!, matches: globMatcher(inner!) };
  if (call === "any") {
    const of = alternatives(inner!).map(literalIn);
    if (of.length === 0 || of.length > MOST_ALTERNATIVES)
      throw new Malformed(`one to ${MOST_ALTERNATIVES} values in any(…)`);
    if (of.some(({ is }) => is === "any")) throw new Malformed("no any(…) within any(…)");
    return { is: "any", of, text };
  }
  const [, , quoted] = /^(["'])(.*)\1$/s.exec(text) ?? [];
  if (quoted !== undefined) return { is: "text", text: quoted, quoted: true };
  if (/^["']/.test(text)) throw new Malformed(`a closing ${text[0]}`);
  const ms = lengthIn(text);
  return ms === undefined ? { is: "text", text, quoted: false } : { is: "milliseconds", ms, text };
}

/** Pieces between commas outside of quotation marks. */
const alternatives = (text: string): string[] =>
  (text.match(/\s*("[^"]*"|'[^']*'|[^,]+)\s*(?:,|$)/g) ?? [])
    .map((piece) => piece.replace(/,$/, "").trim())
    .filter((piece) => piece !== "");

/** Refuses comparisons that could never hold, or never fail. */
function typed(comparison: Comparison): Comparison {
  const { left, operator, right } = comparison;
  const ordered = operator !== "==" && operator !== "!=";
  const is = left.as === "length" ? "number" : left.as === "presence" ? "truth" : PLACES[left.place].is;
  if ("look" in right) {
    if (left.as === "presence" || right.look.as === "presence") throw new Malformed("true or false after has(…)");
    return comparison;
  }
  const { literal } = right;
  if (is === "truth" && (ordered || !all(literal, (one) => one.is === "text" && /^(true|false)$/.test(one.text))))
    throw new Malformed(`== true or == false after ${left.text}`);
  if (ordered && (is === "text" || is === "fields" || is === "carried"))
    throw new Malformed(`== or != after ${left.text}, which is text`);
  if (ordered && (literal.is === "any" || literal.is === "pattern"))
    throw new Malformed(`a number or a length of time after ${operator}`);
  if (is === "number" && !all(literal, (one) => one.is === "pattern" || isNumber(one)))
    throw new Malformed(`a number beside ${left.text}`);
  if (is === "milliseconds" && !all(literal, (one) => one.is === "milliseconds" || isNumber(one)))
    throw new Malformed(`a length of time such as 500ms or 48h beside ${left.text}`);
  if (ordered && literal.is === "text" && !isNumber(literal))
    throw new Malformed(`a number or a length of time after ${operator}`);
  return comparison;
}

const all = (literal: Literal, holds: (one: Literal) => boolean): boolean =>
  literal.is === "any" ? literal.of.every(holds) : holds(literal);
const isNumber = (one: Literal): boolean =>
  one.is === "text" && one.text.trim() !== "" && Number.isFinite(Number(one.text));
