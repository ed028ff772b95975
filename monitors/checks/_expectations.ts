import { z } from "zod";
import { parseJson, TooManyValues } from "../conditions/json.ts";
import { parseJsonPath, valueAt } from "../conditions/path.ts";
import { textOf } from "../conditions/value.ts";
import type { Reason } from "../reasons.ts";
import { matches, type TextCondition, wanted } from "./_text.ts";
import { whyUndecodable } from "./_unpack.ts";

/** A header field's name (RFC 9110 section 5.1: a token). */
export const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "a header's name");

/** Headers that carry secrets, which have no place in a declaration; nor may the request's framing be changed. */
const FORBIDDEN_HEADERS =
  /^(authorization|proxy-authorization|cookie|connection|content-length|transfer-encoding|upgrade)$/i;

const headers = z.record(headerName, z.string().regex(/^[\t\x20-\x7e]*$/, "printable ASCII"));

/** Headers that a declaration may ask to be sent. */
export const declaredHeaders = headers
  .refine(
    (all) => !Object.keys(all).some((name) => FORBIDDEN_HEADERS.test(name)),
    "no authorization, cookie or framing header",
  )
  .default({});

/** A value that only the run knows, after a scheme: `Bearer {token}`. */
const CARRIED = /^([A-Za-z][\w-]* )?\{[a-z][a-z0-9_]{0,30}\}$/;

/** Headers of a step, which may prove who asks by a value that is carried, never by one that is written. */
export const carriedHeaders = headers
  .refine(
    (all) =>
      !Object.entries(all).some(
        ([name, value]) =>
          FORBIDDEN_HEADERS.test(name) && !(name.toLowerCase() === "authorization" && CARRIED.test(value)),
      ),
    "no cookie or framing header, and an authorization such as `Bearer {token}`",
  )
  .default({});

/** A place in a JSON document, such as `status` or `data.nodes[0].state`. */
export const jsonPath = z
  .string()
  .refine((path) => parseJsonPath(path) !== undefined, "a path such as `status` or `data.nodes[0].state`");

export interface Expectations {
  status: readonly (number | string)[];
  body?: TextCondition;
  header?: Readonly<Record<string, TextCondition>>;
  json?: Readonly<Record<string, string | number | boolean | null | { regex: string }>>;
  /** Seconds. */
  within?: number;
}

/** What conditions look at. */
export interface Judged {
  status: number;
  header(name: string): string | undefined;
  /** The body as text, as far as it was read; throws where it cannot be decoded. */
  text(): string;
  /** True where more was sent than was read. */
  cut: boolean;
}

export interface Unmet {
  reason: Reason;
  message: string;
}

/** The first condition that does not hold; undefined where all do. */
export function unmet(expected: Expectations, answer: Judged, seconds: number): Unmet | undefined {
  if (!isExpectedStatus(expected.status, answer.status))
    return { reason: "wrong-status", message: `status ${answer.status}, expected ${expected.status.join(" or ")}` };
  for (const [name, condition] of Object.entries(expected.header ?? {})) {
    const found = answer.header(name);
    if (found === undefined ? "not" in Object(condition) : matches(condition, found)) continue;
    return {
      reason: "wrong-header",
      message: `header ${name} is ${found === undefined ? "missing" : quote(found)}, expected ${wanted(condition)}`,
    };
  }
  if (expected.body !== undefined || expected.json !== undefined) {
    const problem = unmetByBody(expected, answer);
    if (problem) return problem;
  }
  if (expected.within !== undefined && seconds > expected.within)
    return { reason: "timeout", message: `took ${seconds.toFixed(2)} s, expected ${expected.within} s at most` };
  return undefined;
}

function unmetByBody({ body, json }: Expectations, answer: Judged): Unmet | undefined {
  let text: string;
  try {
    text = answer.text();
  } catch (error) {
    return { reason: whyUndecodable(error), message: `the body cannot be decoded: ${(error as Error).message}` };
  }
  if (body !== undefined && !matches(body, text)) {
    const part = answer.cut ? `the first ${text.length} characters of the body` : "the body";
    return {
      reason: answer.cut ? "too-large" : "wrong-body",
      message: `expected ${wanted(body)} in ${part}, which begins ${quote(text)}`,
    };
  }
  if (answer.cut && (json !== undefined || (typeof body === "object" && "not" in body)))
    return { reason: "too-large", message: `the body is longer than the ${text.length} characters read` };
  return json === undefined ? undefined : unmetByJson(json, text);
}

function unmetByJson(json: NonNullable<Expectations["json"]>, text: string): Unmet | undefined {
  let document: unknown;
  try {
    document = parseJson(text);
  } catch (error) {
    if (error instanceof TooManyValues) return { reason: "too-large", message: error.message };
    return { reason: "malformed", message: `expected JSON; the body begins ${quote(text)}` };
  }
  for (const [path, expected] of Object.entries(json)) {
    const found = valueAt(document, parseJsonPath(path)!);
    const isMatch = typeof expected === "object" && expected !== null;
    const holds = isMatch ? typeof found !== "object" && matches(expected, String(found)) : found === expected;
    if (holds) continue;
    const shown = found === undefined ? "missing" : typeof found === "string" ? quote(found) : shorten(textOf(found));
    return {
      reason: "wrong-json",
      message: `${path} is ${shown}, expected ${isMatch ? wanted(expected) : JSON.stringify(expected)}`,
    };
  }
  return undefined;
}

export const isExpectedStatus = (expected: readonly (number | string)[], status: number): boolean =>
  expected.some((one) => one === status || one === `${Math.floor(status / 100)}xx`);

const MOST_QUOTED = 120;
const shorten = (text: string): string => (text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED)}…` : text);
const quote = (text: string): string => JSON.stringify(shorten(text));
