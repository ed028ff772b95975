/**
 * Values in a document at most: what is long is quickly read, what is many is not (two megabytes of empty objects or of different keys take a
 * third of a second, in which nothing else is done).
 */
const MOST_VALUES = 100_000;

const [COMMA, BRACE, BRACKET] = [...",{["].map((character) => character.charCodeAt(0));

/** More values than are looked through. */
export class TooManyValues extends Error {
  override name = "TooManyValues";
}

/** What a server sent, as JSON. @throws TooManyValues, SyntaxError */
export function parseJson(text: string): unknown {
  let values = 0;
  if (text.length > MOST_VALUES)
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if ((code === COMMA || code === BRACE || code === BRACKET) && ++values > MOST_VALUES)
        throw new TooManyValues(`the JSON has more than ${MOST_VALUES} values`);
    }
  return JSON.parse(text);
}
