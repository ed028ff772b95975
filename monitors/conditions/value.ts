/** A value as a condition writes it. */
export type Literal =
  | { is: "text"; text: string; quoted: boolean }
  | { is: "milliseconds"; ms: number; text: string }
  | { is: "pattern"; text: string; matches(value: string): boolean }
  | { is: "any"; of: readonly Literal[]; text: string };

const NUMBER = /^[+-]?(?:\d{1,20}(?:\.\d{1,20})?|\.\d{1,20})(?:[eE][+-]?\d{1,3})?$/;

/** The number that a text is, wholly; undefined where it is something else. */
export const numberIn = (text: string): number | undefined => (NUMBER.test(text) ? Number(text) : undefined);

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const LENGTH = /^(?:\d{1,9}(?:\.\d{1,9})?(?:ms|[smhdw]))+$/;

/** Milliseconds in `300ms`, `48h`, `1h30m`; undefined where it is no length of time. */
export function lengthIn(text: string): number | undefined {
  if (text.length > 40 || !LENGTH.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g))
    total += Number(amount) * UNIT_MS[unit!]!;
  return total;
}

/** A length of time for people. */
export function lengthWords(ms: number): string {
  const [unit, size] = (
    [
      ["d", UNIT_MS.d!],
      ["h", UNIT_MS.h!],
      ["min", UNIT_MS.m!],
      ["s", UNIT_MS.s!],
    ] as const
  ).find(([, one]) => Math.abs(ms) >= 2 * one) ?? ["ms", 1];
  return `${Number((ms / size).toPrecision(3))} ${unit}`;
}

/**
 * A pattern in which each `*` stands for any text. Matched piece by piece from the left, which never goes back: what a server sends
 * cannot make it slow.
 */
export function globMatcher(pattern: string): (text: string) => boolean {
  const pieces = pattern.split("*");
  if (pieces.length === 1) return (text) => text === pattern;
  const first = pieces[0]!;
  const last = pieces.at(-1)!;
  const middle = pieces.slice(1, -1).filter((piece) => piece !== "");
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    const end = text.length - last.length;
    for (const piece of middle) {
      const found = text.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return at <= end;
  };
}

/** Any value as the text that literals are compared with. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    // Read without recursion, written with it.
    return "(nested too deep)";
  }
}

/** Whether a value is the one written: the same text, or the same number. What is missing equals nothing. */
export function equals(value: unknown, literal: Literal): boolean {
  if (value === undefined) return false;
  switch (literal.is) {
    case "any":
      return literal.of.some((one) => equals(value, one));
    case "pattern":
      return literal.matches(textOf(value));
    case "milliseconds":
      return value === literal.ms || value === literal.text;
    case "text": {
      if (textOf(value) === literal.text) return true;
      // Only numbers are compared as numbers: version "1.10" is not "1.1".
      return typeof value === "number" && !literal.quoted && numberIn(literal.text) === value;
    }
  }
}

/** The number that a value is or is written as; undefined where it is none. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  return typeof value === "string" ? numberIn(value.trim()) : undefined;
}
