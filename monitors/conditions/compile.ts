import { whyUndecodable } from "../checks/_unpack.ts";
import type { Reason } from "../reasons.ts";
import { parseJson, TooManyValues } from "./json.ts";
import { type Comparison, type Look, type Operator, parseCondition } from "./parse.ts";
import { valueAt } from "./path.ts";
import { PLACES, type PlaceName } from "./places.ts";
import { equals, type Literal, lengthWords, numberOf, textOf } from "./value.ts";

/** A body, read no further than conditions need. */
export interface Document {
  text(): string;
  /** True where more was sent than was read. */
  cut: boolean;
}

/** What a run found, by placeholder; what is left out is missing. */
export interface Facts {
  numbers?: Partial<Record<PlaceName, number>>;
  texts?: Partial<Record<PlaceName, string>>;
  truths?: Partial<Record<PlaceName, boolean>>;
  body?: Document;
  field?(name: string): string | undefined;
  /** Values that an earlier step found. */
  carried?: ReadonlyMap<string, string>;
}

export interface Unmet {
  reason: Reason;
  message: string;
}

export interface Conditions {
  /** What does not hold; undefined where all does. */
  unmet(facts: Facts): Unmet | undefined;
  /** True where a condition looks at it. */
  mentions(place: PlaceName): boolean;
}

const MOST_TOLD = 4;
const NONE: Conditions = { unmet: () => undefined, mentions: () => false };
const compiled = new WeakMap<readonly string[], Conditions>();

/** Conditions made ready once for each declared list: a run only calls closures. */
export function conditionsOf(texts: readonly string[] | undefined): Conditions {
  if (texts === undefined || texts.length === 0) return NONE;
  const known = compiled.get(texts);
  if (known) return known;
  const comparisons = texts.map((text) => parseCondition(text, EVERYTHING));
  const judges = comparisons.map(judge);
  const places = new Set(
    comparisons.flatMap(({ left, right }) => ("look" in right ? [left.place, right.look.place] : [left.place])),
  );
  const made: Conditions = {
    mentions: (place) => places.has(place),
    unmet(facts) {
      const reader = new Reader(facts);
      let first: Unmet | undefined;
      const told: string[] = [];
      let more = 0;
      for (const one of judges) {
        const problem = one(reader);
        if (problem === undefined) continue;
        first ??= problem;
        if (told.length < MOST_TOLD) told.push(problem.message);
        else more++;
      }
      return first && { reason: first.reason, message: told.join("; ") + (more > 0 ? `; and ${more} more` : "") };
    },
  };
  compiled.set(texts, made);
  return made;
}

const EVERYTHING = Object.keys(PLACES) as PlaceName[];

/** Why a body cannot be looked into. */
class Unreadable extends Error {
  readonly reason: Reason;
  constructor(reason: Reason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The facts of one run; a body is decoded and parsed once, and only where a condition asks. */
class Reader {
  readonly facts: Facts;
  #text: string | undefined;
  #json: { value: unknown } | undefined;

  constructor(facts: Facts) {
    this.facts = facts;
  }

  text(): string | undefined {
    const { body } = this.facts;
    if (body === undefined) return undefined;
    try {
      this.#text ??= body.text();
    } catch (error) {
      throw new Unreadable(whyUndecodable(error), `the body cannot be decoded: ${(error as Error).message}`);
    }
    return this.#text;
  }

  /** For whoever needs the whole body. */
  wantsAll(): void {
    if (this.facts.body?.cut)
      throw new Unreadable("too-large", `the body is longer than the ${this.text()!.length} characters read`);
  }

  /** What the whole body measures: its JSON's items where it is JSON, else its characters. */
  size(): number | undefined {
    const text = this.text()?.trim();
    if (text === undefined || this.facts.body!.cut || !/^[[{"]/.test(text)) return text?.length;
    try {
      return sizeOf(this.json());
    } catch {
      return text.length;
    }
  }

  json(): unknown {
    const text = this.text();
    if (text === undefined) return undefined;
    if (this.#json) return this.#json.value;
    this.wantsAll();
    try {
      this.#json = { value: parseJson(text) };
    } catch (error) {
      if (error instanceof TooManyValues) throw new Unreadable("too-large", error.message);
      throw new Unreadable("malformed", `expected JSON; the body begins ${quote(text)}`);
    }
    return this.#json.value;
  }
}

type Get = (reader: Reader) => unknown;

/** How each type of placeholder is read. */
const READ: Readonly<Record<(typeof PLACES)[PlaceName]["is"], (look: Look) => Get>> = {
  number:
    ({ place }) =>
    ({ facts }) =>
      facts.numbers?.[place],
  milliseconds:
    ({ place }) =>
    ({ facts }) =>
      facts.numbers?.[place],
  text:
    ({ place }) =>
    ({ facts }) =>
      facts.texts?.[place],
  truth:
    ({ place }) =>
    ({ facts }) =>
      facts.truths?.[place],
  fields:
    ({ field }) =>
    ({ facts }) =>
      facts.field?.(field),
  carried:
    ({ field }) =>
    ({ facts }) =>
      facts.carried?.get(field),
  // The end of a line after the last word is not meant when a text is compared.
  document: ({ steps }) =>
    steps.length === 0 ? (reader) => reader.text()?.trim() : (reader) => valueAt(reader.json(), steps),
};

const isWholeBody = ({ place, steps }: Look): boolean => PLACES[place].is === "document" && steps.length === 0;

function getter(look: Look): Get {
  const read = READ[PLACES[look.place].is](look);
  const isBody = isWholeBody(look);
  if (look.as === "value") return read;
  if (look.as === "presence")
    return isBody ? (reader) => !!read(reader) : (reader) => (read(reader) ?? undefined) !== undefined;
  return isBody ? (reader) => reader.size() : (reader) => sizeOf(read(reader));
}

/** Items of a list, characters of a text, and of anything else those of its JSON. */
function sizeOf(value: unknown): number | undefined {
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  return value === undefined || value === null ? undefined : textOf(value).length;
}

const ORDER: Readonly<Partial<Record<Operator, readonly [holds: (a: number, b: number) => boolean, words: string]>>> = {
  "<": [(a, b) => a < b, "less than"],
  "<=": [(a, b) => a <= b, "at most"],
  ">": [(a, b) => a > b, "more than"],
  ">=": [(a, b) => a >= b, "at least"],
};

function judge({ left, operator, right }: Comparison): (reader: Reader) => Unmet | undefined {
  const get = getter(left);
  const isLength = left.as === "value" && PLACES[left.place].is === "milliseconds";
  const reason: Reason = left.steps.length > 0 ? "wrong-json" : PLACES[left.place].reason;
  const holds = comparing(operator, right);
  const expected = expectation(operator, right, isLength);
  const isBody = left.as === "value" && isWholeBody(left);
  return (reader) => {
    try {
      const value = get(reader);
      const does = holds(value, reader);
      // What is looked for, or must not be there, may stand in the part that was not read.
      if (isBody && does === (operator === "!=")) reader.wantsAll();
      if (does) return undefined;
      return { reason, message: `${subject(left)} ${found(value, left, isLength)}, expected ${expected(reader)}` };
    } catch (error) {
      if (error instanceof Unreadable) return { reason: error.reason, message: error.message };
      throw error;
    }
  };
}

function comparing(operator: Operator, right: Comparison["right"]): (value: unknown, reader: Reader) => boolean {
  const order = ORDER[operator]?.[0];
  if ("literal" in right) {
    const { literal } = right;
    if (order === undefined) {
      const wanted = operator === "==";
      return (value) => equals(value, literal) === wanted;
    }
    const bound = literal.is === "milliseconds" ? literal.ms : Number((literal as { text: string }).text);
    return (value) => {
      const number = numberOf(value);
      return number !== undefined && order(number, bound);
    };
  }
  const other = getter(right.look);
  if (order === undefined) {
    const wanted = operator === "==";
    return (value, reader) => {
      const against = other(reader);
      return (value !== undefined && against !== undefined && textOf(value) === textOf(against)) === wanted;
    };
  }
  return (value, reader) => {
    const [one, two] = [numberOf(value), numberOf(other(reader))];
    return one !== undefined && two !== undefined && order(one, two);
  };
}

function expectation(operator: Operator, right: Comparison["right"], isLength: boolean): (reader: Reader) => string {
  const before = ORDER[operator]?.[1] ?? (operator === "!=" ? "anything but" : "");
  const say = (what: string) => `${before} ${what}`.trim();
  if ("literal" in right) {
    const words = say(wordsOf(right.literal, isLength));
    return () => words;
  }
  const other = getter(right.look);
  return (reader) => say(`${right.look.text}, which is ${shown(other(reader))}`);
}

function wordsOf(literal: Literal, isLength: boolean): string {
  switch (literal.is) {
    case "any":
      return `one of ${literal.of.map((one) => wordsOf(one, isLength)).join(", ")}`;
    case "pattern":
      return `text like ${literal.text}`;
    case "milliseconds":
      return literal.text;
    case "text":
      return isLength
        ? lengthWords(Number(literal.text))
        : literal.quoted
          ? JSON.stringify(literal.text)
          : literal.text;
  }
}

const subject = ({ as, text }: Look): string => (as === "presence" ? `there being ${text.slice(4, -1)}` : text);

function found(value: unknown, { as }: Look, isLength: boolean): string {
  if (value === undefined) return "is missing";
  if (as === "presence") return `is ${value}`;
  return `is ${isLength && typeof value === "number" ? lengthWords(value) : shown(value)}`;
}

const MOST_QUOTED = 120;
const cutShort = (text: string): string => (text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED)}…` : text);
const quote = (text: string): string => JSON.stringify(cutShort(text));
const shown = (value: unknown): string =>
  value === undefined ? "missing" : typeof value === "string" ? quote(value) : cutShort(textOf(value));
