import { Parser } from "htmlparser2";
import { z } from "zod";
import { parseJson } from "../conditions/json.ts";
import { parseJsonPath, valueAt } from "../conditions/path.ts";
import type { Answer } from "./_exchange.ts";
import { headerName, jsonPath } from "./_expectations.ts";
import { readMarkup } from "./_markup.ts";

/** Names that values are carried under from one step to the next. */
export const carriedName = z.string().regex(/^[a-z][a-z0-9_]{0,30}$/, "a name of lower-case letters, digits, _");

/** Where in an answer a value is found. */
export const source = z.union(
  [
    z.strictObject({
      /** In a JSON body, at this path. */
      json: jsonPath,
    }),
    z.strictObject({
      /** In a header. */
      header: headerName,
    }),
    z.strictObject({
      /** In a page's form: the value of the first field of that name. */
      field: z.string().min(1).max(100),
    }),
    z.strictObject({
      /** In the text, after this … */
      after: z.string().min(1).max(200),
      /** … and before that. */
      before: z.string().min(1).max(200),
    }),
  ],
  "`{ json }`, `{ header }`, `{ field }` or `{ after, before }`",
);
export type Source = z.output<typeof source>;

/** What is carried is a token or an identifier: no more than this, in characters. */
const MOST = 4096;

/** The value there; undefined where there is none, or one that is too long. */
export async function found(from: Source, answer: Pick<Answer, "header" | "text">): Promise<string | undefined> {
  const value = await find(from, answer);
  return value === undefined || value === "" || value.length > MOST ? undefined : value;
}

async function find(from: Source, answer: Pick<Answer, "header" | "text">): Promise<string | undefined> {
  if ("header" in from) return answer.header(from.header);
  let text: string;
  try {
    text = answer.text();
  } catch {
    // A body that cannot be decoded, or grows without end, holds nothing.
    return undefined;
  }
  if ("field" in from) return fieldOf(text, from.field);
  if ("after" in from) {
    const start = text.indexOf(from.after);
    const end = start < 0 ? -1 : text.indexOf(from.before, start + from.after.length);
    return end < 0 ? undefined : text.slice(start + from.after.length, end);
  }
  let document: unknown;
  try {
    document = parseJson(text);
  } catch {
    return undefined;
  }
  const value = valueAt(document, parseJsonPath(from.json)!);
  return typeof value === "object" || value === undefined ? undefined : String(value);
}

/** The parser's own work grows with the square of the depth. */
const MOST_DEPTH = 256;

async function fieldOf(html: string, name: string): Promise<string | undefined> {
  let value: string | undefined;
  let depth = 0;
  const parser = new Parser({
    onopentag(tag, attributes) {
      depth++;
      if (value === undefined && /^(input|button)$/.test(tag) && attributes.name === name)
        value = attributes.value ?? "";
    },
    onclosetag() {
      depth--;
    },
  });
  await readMarkup(parser, html, () => value !== undefined || depth > MOST_DEPTH);
  return value;
}

/** JSON to send, of any depth. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export const jsonValue: z.ZodType<Json, Json> = z.lazy(() =>
  z.union(
    [
      z.string(),
      z.number(),
      z.boolean(),
      z.null(),
      z.array(jsonValue).max(100),
      z.record(z.string().min(1).max(100), jsonValue),
    ],
    "a text, a number, true, false, null, a list or an object",
  ),
);

/** Every text within, keys left out. */
export const textsIn = (value: Json): string[] =>
  typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(textsIn)
      : [];

/** The same with each text of it written anew. */
export function mapTexts(value: Json, write: (text: string) => string): Json {
  if (typeof value === "string") return write(value);
  if (Array.isArray(value)) return value.map((one) => mapTexts(one, write));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapTexts(one, write)]));
}

/** Names that a condition compares with. */
export const namesInCondition = (text: string): string[] =>
  [...text.matchAll(/\[CONTEXT\]\.([a-z][a-z0-9_]{0,30})/g)].map(([, name]) => name!);

const PLACE = /\{([a-z][a-z0-9_]{0,30})\}/g;

/** Names that a text asks for, as `{name}`. */
export const namesIn = (text: string): string[] => [...text.matchAll(PLACE)].map(([, name]) => name!);

/** The text with its `{name}`s filled in, each value written as its place needs. */
export const filled = (text: string, values: ReadonlyMap<string, string>, write = (value: string) => value): string =>
  text.replace(PLACE, (whole, name: string) => {
    const value = values.get(name);
    return value === undefined ? whole : write(value);
  });
