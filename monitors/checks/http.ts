import { z } from "zod";
import { duration } from "../../association/index.ts";
import { defineCheck, failed, good, type RunContext } from "../check.ts";
import type { Answer } from "./_exchange.ts";
import { headerName, isExpectedStatus, jsonPath, unmet } from "./_expectations.ts";
import { textCondition } from "./_text.ts";

/** Headers that carry secrets, which have no place in a declaration; nor may the request's framing be changed. */
const FORBIDDEN_HEADERS =
  /^(authorization|proxy-authorization|cookie|connection|content-length|transfer-encoding|upgrade)$/i;

const params = z.strictObject({
  /** An absolute http(s) address, or a path such as `/login` on the service's own web address. */
  url: z
    .string()
    .refine(
      (url) => (url.startsWith("/") && !url.startsWith("//")) || isWebUrl(url),
      "an http(s) address without a password, or a path such as /login",
    ),
  /** The request's method. */
  method: z.enum(["GET", "HEAD", "POST", "PUT", "OPTIONS"]).default("GET"),
  /** Headers to send besides the usual ones. Not for secrets: the inventory is no secret. */
  headers: z
    .record(headerName, z.string().regex(/^[\t\x20-\x7e]*$/, "printable ASCII"))
    .refine(
      (headers) => !Object.keys(headers).some((name) => FORBIDDEN_HEADERS.test(name)),
      "no authorization, cookie or framing header",
    )
    .default({}),
  /** What to send, for POST and PUT. */
  body: z.string().max(65_536).optional(),
  /** What must come back; every condition must hold. */
  expect: z
    .strictObject({
      /** Status codes, or classes of them. */
      status: z
        .array(z.union([z.number().int().min(100).max(599), z.enum(["1xx", "2xx", "3xx", "4xx", "5xx"])]))
        .min(1)
        .default(["2xx"]),
      /** On the body, as text. */
      body: textCondition.optional(),
      /** On headers, by name. */
      header: z.record(headerName, textCondition).optional(),
      /** On a JSON body: values by path, for instance `status` or `data.nodes[0].state`. */
      json: z
        .record(jsonPath, z.union([z.string(), z.number(), z.boolean(), z.null(), textCondition.options[1]]))
        .optional(),
      /** The whole answer must be there within this time; the check's `timeout` is the hard limit. */
      within: duration.optional(),
    })
    .prefault({}),
  /** Redirects followed at most; an answer whose status is expected is never followed. */
  redirects: z.number().int().min(0).max(10).default(5),
  /** Follow redirects to other host names too. */
  otherHosts: z.boolean().default(false),
  /** How much of the body is read, in KiB. */
  readKb: z.number().int().min(1).max(8192).default(256),
});

type Params = z.output<typeof params>;

export default defineCheck({
  summary: "A web address answers as expected (HTTP/1.1, RFC 9112)",
  params,
  resolve: (own, { webUrl, service }) => {
    if (!own.url.startsWith("/")) return own;
    if (webUrl) return { ...own, url: webUrl + own.url };
    return `an absolute address: ${service.id} has no host name that \`${own.url}\` could be a path of`;
  },
  target: ({ url }) => url,
  measures: {
    dns_seconds: { help: "Time to find the address." },
    connect_seconds: { help: "Time to open the connection." },
    tls_seconds: { help: "Time to agree on TLS." },
    first_byte_seconds: { help: "Time from the request to the first byte of the answer." },
    transfer_seconds: { help: "Time to read the body." },
    status_code: { help: "Status of the last answer." },
    body_bytes: { help: "Bytes of body read." },
    redirects: { help: "Redirects followed." },
  },
  run: async (own, context) => {
    const { exchange } = await import("./_exchange.ts");
    const began = performance.now();
    const { answer, followed, stopped } = await follow(own, context, exchange);
    const measures = {
      ...answer.phases,
      status_code: answer.status,
      body_bytes: answer.body.length,
      redirects: followed,
    };
    if (stopped !== undefined) return failed("redirect", stopped, { measures });
    const seconds = (performance.now() - began) / 1000;
    const problem = unmet(own.expect, answer, seconds);
    return problem ? failed(problem.reason, problem.message, { measures }) : good({ measures });
  },
});

type Exchange = typeof import("./_exchange.ts")["exchange"];
type Followed = { answer: Answer; followed: number; stopped?: string };

/** Sends the request, and follows redirects as far as the declaration allows. */
async function follow(own: Params, context: RunContext, exchange: Exchange): Promise<Followed> {
  let url = new URL(own.url);
  let { method, body, headers } = own;
  const maxBytes = own.readKb * 1024;
  for (let followed = 0; ; followed++) {
    const answer = await exchange({ url, method, headers, body }, maxBytes, context);
    const location = answer.header("location");
    if (location === undefined || !isRedirect(answer.status) || isExpectedStatus(own.expect.status, answer.status))
      return { answer, followed };
    const next = URL.parse(location, url.href);
    const stopped = refusal(own, url, next, followed, location);
    if (stopped !== undefined) return { answer, followed, stopped };
    // RFC 9110 section 15.4: 307 and 308 keep the method; after the others a GET is what browsers send.
    if (answer.status !== 307 && answer.status !== 308 && method !== "HEAD") [method, body] = ["GET", undefined];
    if (next!.origin !== url.origin) headers = {};
    url = next!;
  }
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

function refusal(own: Params, from: URL, to: URL | null, followed: number, location: string): string | undefined {
  const shown = JSON.stringify(location.slice(0, 200));
  if (to === null || !isWebUrl(to.href)) return `redirected to ${shown}, which is no web address`;
  if (followed >= own.redirects)
    return `redirected ${followed + 1} times, ${own.redirects} at most expected; last to ${shown}`;
  if (to.hostname !== from.hostname && !own.otherHosts)
    return `redirected to another host, ${shown}; expected to stay on ${from.hostname} (\`otherHosts: true\` allows it)`;
  if (from.protocol === "https:" && to.protocol === "http:") return `redirected from https to http, ${shown}`;
  return undefined;
}

function isWebUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    http: z.input<typeof params>;
  }
}
