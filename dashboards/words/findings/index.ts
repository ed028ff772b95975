import { french as counting } from "../plural.ts";
import { frenchSpaces } from "../typography.ts";
import { network } from "./network.ts";
import { services } from "./services.ts";

const FORMS = /\{([^{}|]+)\|([^{}|]+)\}/g;

/**
 * What checks find, in the reader's language. Checks say it in English, in one line, which history, logs, other lookouts and
 * `/probe` carry as it is; only pages and mails turn it into French, sentence by sentence, as gettext does: the English is the key.
 *
 * Holes of an English sentence: `{}` is any text, `{n}` a number, `{d}` a date, `{a}` an address, `{s}` one word, `{q}` what was
 * quoted. In the French they are filled in order. A test reads every check's source, and fails for a sentence that is missing here.
 *
 * `{one|several}` agrees with the number before it: the English is there in both forms, the French takes that of its own number.
 */
const FRENCH: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries<string>({ ...network, ...services }).flatMap(([english, words]) =>
    [1, 2].map((form) => [english.replace(FORMS, `$${form}`), words]),
  ),
);

export interface Finding {
  readonly text: string;
  /** English where there are no words in the reader's language: an error of a library, for instance. */
  readonly lang: string;
}

export function findingWords(message: string, lang: string): Finding {
  if (lang !== "fr" || message === "") return { text: message, lang: message === "" ? lang : "en" };
  const known = KNOWN.get(message);
  if (known !== undefined) return known;
  const found = inFrench(message);
  if (KNOWN.size >= MOST_KNOWN) KNOWN.clear();
  if (message.length <= LONGEST) KNOWN.set(message, found);
  return found;
}

/** What fails is shown again and again, in several places: a thousand checks take some 40 ms. */
const KNOWN = new Map<string, Finding>();
const MOST_KNOWN = 5000;

function inFrench(message: string): Finding {
  // What a machine said is quoted (as JSON), and never taken for words of ours.
  const quoted: string[] = [];
  const bare = message
    .slice(0, LONGEST)
    .replace(MARK, "")
    .replace(/"(?:[^"\\]|\\.)*"/g, (whole) => MARK_OF(quoted.push(whole) - 1));
  const french = translated(bare, 0);
  if (french === undefined) return { text: message, lang: "en" };
  return { text: french.replace(MARK, (_, at) => quoted[Number(at)] ?? ""), lang: "fr" };
}

const LONGEST = 2000;
const MARK = /\ue000(\d{0,4})\ue001?/g;
const MARK_OF = (at: number): string => `\ue000${at}\ue001`;

const KINDS: Readonly<Record<string, RegExp>> = {
  n: /^[+-]?\d+(?:\.\d+)?$/,
  d: /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:\.\d+)?Z?)?$/,
  a: /^[[\]\d.:a-f]*[.:][[\]\d.:a-f]+$/i,
  s: /^[^\s,;]+$/,
  q: /^\ue000\d+\ue001$/,
};

interface Sentence {
  /** What is between the holes. */
  readonly fixed: readonly string[];
  readonly holes: readonly (RegExp | undefined)[];
  readonly french: readonly string[];
}

const HOLE = /\{([ndasq]?)\}/;

function sentence([english, french]: readonly [string, string]): Sentence {
  const pieces = english.split(HOLE);
  return {
    fixed: pieces.filter((_, at) => at % 2 === 0),
    holes: pieces.filter((_, at) => at % 2 === 1).map((kind) => KINDS[kind]),
    french: frenchSpaces(french).split("{}"),
  };
}

const weight = ({ fixed }: Sentence): number => fixed.join("").length;
/** What begins with a word that ends within a hole (`_dmarc.{}`) is looked for with those that begin with a hole. */
const firstWord = (text: string): string => /^\S+(?=\s)/.exec(text)?.[0] ?? "";

const WHOLE = new Map(Object.entries(FRENCH).map(([english, french]) => [english, frenchSpaces(french)]));

/** By their first word, or under "" where they begin with a hole; the most telling first: what has the most words of ours. */
const SENTENCES: ReadonlyMap<string, readonly Sentence[]> = Map.groupBy(
  Object.entries(FRENCH)
    .filter(([english]) => HOLE.test(english))
    .map(sentence)
    .sort((a, b) => weight(b) - weight(a)),
  ({ fixed }) => firstWord(fixed[0]!),
);

const DEEPEST = 4;
/** Several findings are told in one message. */
const JOINTS = ["; ", ". ", ", "] as const;

function translated(text: string, depth: number): string | undefined {
  if (depth > DEEPEST) return undefined;
  const whole = WHOLE.get(text);
  if (whole !== undefined) return whole;
  if (!text.includes(" ")) return undefined;
  return (
    bySentence(text, depth, false) ?? byParts(text, depth) ?? bySentence(text, depth, true) ?? afterColon(text, depth)
  );
}

function bySentence(text: string, depth: number, several: boolean): string | undefined {
  for (const one of [...(SENTENCES.get(firstWord(text)) ?? []), ...SENTENCES.get("")!]) {
    const found = match(one, text);
    if (found === undefined || (!several && found.some((value) => value.includes("; ")))) continue;
    return one.french
      .map((piece, at) => (at === 0 ? piece : filled(found[at - 1]!, depth) + agreeing(piece, found[at - 1]!)))
      .join("");
  }
  return undefined;
}

const agreeing = (piece: string, number: string): string =>
  piece.replace(FORMS, (_, one: string, several: string) =>
    counting.form(Number(/[\d.]*$/.exec(number)![0] || Number.NaN), one, several),
  );

/** What fills the holes, each as short as it may be: nothing is tried twice, so that no text takes long. */
function match({ fixed, holes }: Sentence, text: string): string[] | undefined {
  const last = fixed.length - 1;
  if (!text.startsWith(fixed[0]!) || !text.endsWith(fixed[last]!)) return undefined;
  const found: string[] = [];
  let from = fixed[0]!.length;
  for (let at = 1; at <= last; at++) {
    const to = at === last ? text.length - fixed[at]!.length : text.indexOf(fixed[at]!, from + 1);
    if (to <= from) return undefined;
    const value = text.slice(from, to);
    if (holes[at - 1]?.test(value) === false) return undefined;
    found.push(value);
    from = to + fixed[at]!.length;
  }
  return found;
}

/** Several findings: each in French, as far as there are words. */
function byParts(text: string, depth: number): string | undefined {
  for (const joint of JOINTS) {
    const [first, ...rest] = cut(text, joint);
    if (rest.length === 0) continue;
    for (let count = rest.length; count >= 1; count--) {
      const head = [first, ...rest.slice(0, count - 1)].join(joint);
      const french = WHOLE.get(head) ?? bySentence(head, depth, false);
      if (french === undefined) continue;
      const tail = rest.slice(count - 1).join(joint);
      return `${french}${frenchSpaces(joint === "; " ? " ; " : joint)}${translated(tail, depth + 1) ?? tail}`;
    }
  }
  return undefined;
}

const MOST_PARTS = 12;

function cut(text: string, joint: string): string[] {
  const parts = text.split(joint);
  return parts.length <= MOST_PARTS
    ? parts
    : [...parts.slice(0, MOST_PARTS - 1), parts.slice(MOST_PARTS - 1).join(joint)];
}

/** `example.org MX: what was found`. */
function afterColon(text: string, depth: number): string | undefined {
  const at = text.indexOf(": ");
  const tail = at < 0 ? undefined : translated(text.slice(at + 2), depth + 1);
  return tail === undefined ? undefined : frenchSpaces(`${text.slice(0, at)} : ${tail}`);
}

const DATE = new Intl.DateTimeFormat("fr", { dateStyle: "long", timeZone: "UTC" });
const MOMENT = new Intl.DateTimeFormat("fr", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });

/** French counts the first day of a month alone. */
const first = (date: string): string => date.replace(/^1 /, "1er ");

function filled(value: string, depth: number): string {
  const [, whole, rest, unit = ""] = /^([+-]?\d+)(\.\d+)?( (?:ms|s|min|h|d))?$/.exec(value) ?? [];
  if (whole !== undefined) return `${whole}${rest?.replace(".", ",") ?? ""}${unit === " d" ? " j" : unit}`;
  if (KINDS.d!.test(value)) {
    const time = Date.parse(value.includes("T") ? value.replace(/Z?$/, "Z") : value);
    if (!Number.isNaN(time))
      return value.includes("T") ? first(`${MOMENT.format(time)} UTC`) : first(DATE.format(time));
  }
  return translated(value, depth + 1) ?? value;
}
