import { z } from "zod";
import { type SecretRef, secret, secretFile } from "../../association/index.ts";
import { defineCheck, failed, good, type RunContext } from "../check.ts";
import { conditionsOf } from "../conditions/compile.ts";
import { conditions } from "../conditions/schema.ts";
import {
  carriedName,
  filled,
  found,
  jsonValue,
  mapTexts,
  namesIn,
  namesInCondition,
  source,
  textsIn,
} from "./_carry.ts";
import { carriedHeaders } from "./_expectations.ts";
import { follow, isWebUrl } from "./_follow.ts";
import { redactor } from "./_redact.ts";
import { readSecret } from "./_secret.ts";

const step = z.strictObject({
  /** What the step is, for those who read why it failed: `log in`. */
  name: z.string().min(1).max(60),
  /** An absolute http(s) address, or a path on the service's own web address. `{name}` stands for a secret or a value found before. */
  url: z.string().min(1).max(2000),
  /** The request's method; POST where something is sent. */
  method: z.enum(["GET", "HEAD", "POST", "PUT", "DELETE"]).optional(),
  /** Headers to send besides the usual ones; `{name}` stands for a value, as in `authorization: "Bearer {token}"`. */
  headers: carriedHeaders,
  /** Fields of a form to send; `{name}` stands for a value. */
  form: z.record(z.string().min(1).max(100), z.string().max(4000)).optional(),
  /** A JSON object to send, with lists and objects within where they are wanted; in its texts `{name}` stands for a value. */
  json: z.record(z.string().min(1).max(100), jsonValue).optional(),
  /** Conditions that must all hold; `[STATUS] < 400` when left out. `[CONTEXT].name` is a value found before. */
  conditions: conditions("STATUS", "RESPONSE_TIME", "BODY", "HEADERS", "IP", "CONTEXT").optional(),
  /** Values to carry over to the next steps, by name. */
  extract: z.record(carriedName, source).optional(),
});

const params = z
  .strictObject({
    /** What is done, one after the other; cookies are kept in between. */
    steps: z.array(step).min(1).max(12),
    /** Secrets that steps name as `{name}`: they are files of the lookout, and never shown. */
    secrets: z.record(carriedName, secret).default({}),
    /** Redirects followed at most, at each step. */
    redirects: z.number().int().min(0).max(10).default(5),
    /** Follow redirects to other host names too, a sign-on server's for instance; a name with and without `www.` is one. */
    otherHosts: z.boolean().default(false),
    /** Follow redirects from a public address to an internal one too. */
    toInternal: z.boolean().default(false),
    /** How much of each body is read, in KiB. */
    readKb: z.number().int().min(1).max(2048).default(2048),
  })
  .superRefine(({ steps, secrets }, context) => {
    const known = new Set(Object.keys(secrets));
    for (const [index, own] of steps.entries()) {
      const texts = [
        own.url,
        ...Object.values(own.headers),
        ...Object.values(own.form ?? {}),
        ...textsIn(own.json ?? {}),
      ];
      for (const name of [...texts.flatMap(namesIn), ...(own.conditions ?? []).flatMap(namesInCondition)]) {
        if (known.has(name)) continue;
        const expected = known.size === 0 ? "no {name}: nothing is known yet" : `one of {${[...known].join("}, {")}}`;
        context.addIssue({
          code: "custom",
          path: ["steps", index],
          message: `for {${name}}, ${expected}`,
          input: own.url,
        });
      }
      if (own.form !== undefined && own.json !== undefined)
        context.addIssue({
          code: "custom",
          path: ["steps", index],
          message: "either `form` or `json`",
          input: own.name,
        });
      if (!/^\/(?!\/)/.test(own.url) && !isWebUrl(own.url.replace(/\{[a-z0-9_]+\}/g, "x")))
        context.addIssue({
          code: "custom",
          path: ["steps", index, "url"],
          message: "an http(s) address without a password, or a path such as /login",
          input: own.url,
        });
      for (const name of Object.keys(own.extract ?? {})) known.add(name);
    }
  });

type Params = z.output<typeof params>;
type Step = Params["steps"][number];

export default defineCheck({
  summary: "A visit of several steps goes well: log in, then look (HTTP, with cookies and values carried over)",
  params,
  resolve: (own, { webUrl, service }) => {
    if (own.steps.some(({ url }) => url.startsWith("/")) && webUrl === undefined)
      return `absolute addresses: ${service.id} has no host name`;
    return {
      ...own,
      steps: own.steps.map((one) => (one.url.startsWith("/") ? { ...one, url: webUrl + one.url } : one)),
    };
  },
  secrets: ({ secrets }) => Object.values(secrets) as SecretRef[],
  target: ({ steps }) => steps[0]!.url,
  measures: {
    steps: { help: "Steps that went well." },
    step_seconds: { help: "How long each step took.", metric: "vigie_journey_step_seconds", label: "step" },
  },
  run: async (own, context) => {
    const [{ exchange }, { Cookies }] = await Promise.all([import("./_exchange.ts"), import("./_cookies.ts")]);
    const values = new Map<string, string>();
    for (const [name, ref] of Object.entries(own.secrets)) {
      const value = await readSecret(ref);
      if (value === undefined) return failed("not-configured", `${secretFile(ref)} cannot be read`);
      values.set(name, value);
    }
    const hidden = [...values.values()];
    let redact = redactor(hidden);
    const shown: RunContext = {
      ...context,
      step: (doing, detail) => context.step(redact(doing), hide(detail, redact)),
    };
    const cookies = new Cookies();
    const measures: Record<string, number> = { steps: 0 };
    for (const [index, one] of own.steps.entries()) {
      const at = `step ${index + 1}, ${one.name}`;
      const fail = (reason: Parameters<typeof failed>[0], words: string) =>
        failed(reason, redact(`${at}: ${words}`), { measures });
      context.step(at);
      const began = performance.now();
      const request = requestOf(one, values);
      if (typeof request === "string") return fail("nothing-extracted", request);
      const { answer, stopped } = await follow({ ...own, ...request, http2: "no" }, shown, {
        exchange,
        headers: request.headers,
        isWanted: (redirect) => one.conditions !== undefined && judge(one, redirect, began, values) === undefined,
        cookies,
      });
      measures[`step_seconds/${one.name}`] = (performance.now() - began) / 1000;
      if (stopped !== undefined) return fail("redirect", stopped);
      const problem = judge(one, answer, began, values);
      if (problem) return fail(problem.reason, problem.message);
      for (const [name, from] of Object.entries(one.extract ?? {})) {
        const value = await found(from, answer);
        if (value === undefined)
          return fail("nothing-extracted", `found nothing for {${name}} (${JSON.stringify(from)})`);
        values.set(name, value);
        hidden.push(value);
      }
      redact = redactor(hidden);
      measures.steps = index + 1;
    }
    return good({ measures });
  },
});

const USUAL = ["[STATUS] < 400"];

const judge = (
  one: Step,
  answer: Parameters<typeof found>[1] & { status: number; address: string; cut: boolean },
  began: number,
  carried: ReadonlyMap<string, string>,
) =>
  conditionsOf(one.conditions ?? USUAL).unmet({
    numbers: { STATUS: answer.status, RESPONSE_TIME: performance.now() - began },
    texts: { IP: answer.address },
    body: answer,
    field: (name) => answer.header(name),
    carried,
  });

/** The request of a step, its values filled in; a string says which value does not fit its place. */
function requestOf(one: Step, values: ReadonlyMap<string, string>) {
  const url = filled(one.url, values, encodeURIComponent);
  const headers: Record<string, string> = {};
  for (const [name, text] of Object.entries(one.headers)) {
    const value = filled(text, values);
    // A value from elsewhere must not begin a header of its own (RFC 9110 section 5.5).
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value))
      return `the value for header ${name} holds characters that no header may`;
    headers[name] = value;
  }
  let body: string | undefined;
  if (one.form !== undefined) {
    const fields = Object.entries(one.form).map(([name, text]): [string, string] => [name, filled(text, values)]);
    body = new URLSearchParams(fields).toString();
    headers["content-type"] ??= "application/x-www-form-urlencoded";
  } else if (one.json !== undefined) {
    body = JSON.stringify(mapTexts(one.json, (text) => filled(text, values)));
    headers["content-type"] ??= "application/json";
  }
  return { url, headers, body, method: one.method ?? (body === undefined ? "GET" : "POST") };
}

/** What a step shows, without secrets. */
function hide(detail: unknown, redact: (text: string) => string): unknown {
  if (detail === undefined) return undefined;
  if (typeof detail === "string") return redact(detail);
  try {
    return JSON.parse(redact(JSON.stringify(detail)));
  } catch {
    return "(not shown)";
  }
}

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    journey: z.input<typeof params>;
  }
}
