/**
 * French sets a space before high punctuation and inside its quotation marks, which must not begin a line: a narrow one before
 * `;`, `?` and `!`, a whole one elsewhere (Lexique des règles typographiques, Imprimerie nationale).
 */
export const frenchSpaces = (text: string): string =>
  text
    .replace(/ (?=[;?!])/g, "\u202f")
    .replace(/ (?=[:»])/g, "\u00a0")
    .replace(/« /g, "«\u00a0");

/** Words with those spaces, in what their functions say too. */
export function typeset<Words>(words: Words): Words {
  if (typeof words === "string") return frenchSpaces(words) as Words;
  if (typeof words === "function") {
    const say = words as (...values: unknown[]) => unknown;
    return ((...values: unknown[]) => typeset(say(...values))) as Words;
  }
  if (Array.isArray(words)) return words.map(typeset) as Words;
  if (typeof words !== "object" || words === null) return words;
  return Object.fromEntries(Object.entries(words).map(([key, word]) => [key, typeset(word)])) as Words;
}
