import { z } from "zod";
import { duration } from "../../association/index.ts";
import { defineCheck, failed, good } from "../check.ts";
import { conditionsOf, type Facts } from "../conditions/compile.ts";
import { conditions } from "../conditions/schema.ts";
import { ipVersion } from "../net/address.ts";
import { authorize, credentials, OPEN, secretsIn } from "./_credentials.ts";
import type { Answer } from "./_exchange.ts";
import { declaredHeaders, headerName, isExpectedStatus, jsonPath, unmet } from "./_expectations.ts";
import { follow, isWebUrl } from "./_follow.ts";
import { textCondition } from "./_text.ts";

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
  headers: declaredHeaders,
  /** What to send, for POST and PUT. */
  body: z.string().max(65_536).optional(),
  /** Who the lookout signs in as; the secrets are files of the lookout. */
  auth: credentials.optional(),
  /** Conditions that must all hold, such as `[STATUS] == 200`, `[BODY].status == UP`, `[RESPONSE_TIME] < 500ms`. */
  conditions: conditions("STATUS", "RESPONSE_TIME", "BODY", "HEADERS", "IP", "CERTIFICATE_EXPIRATION").optional(),
  /** The simple form of conditions; every one must hold. */
  expect: z
    .strictObject({
      /** Status codes, or classes of them; 2xx when left out, unless a condition is about `[STATUS]`. */
      status: z
        .array(z.union([z.number().int().min(100).max(599), z.enum(["1xx", "2xx", "3xx", "4xx", "5xx"])]))
        .min(1)
        .optional(),
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
  /** Follow redirects to other host names too; a name with and without `www.` is one. */
  otherHosts: z.boolean().default(false),
  /** Follow redirects from a public address to an internal one too (loopback, private networks): it may be an attack (SSRF). */
  toInternal: z.boolean().default(false),
  /** Which version of IP to use; whichever works first when left out (RFC 8305). */
  ip: z.union([z.literal(4), z.literal(6)]).optional(),
  /** HTTP/2 (RFC 9113), on https: never offered, offered, or required. */
  http2: z.enum(["no", "offered", "required"]).default("no"),
  /** How much of the body is read, in KiB; when left out, 2048 where something is expected of the body, else 256. */
  readKb: z.number().int().min(1).max(8192).optional(),
});

type Params = z.output<typeof params>;

/** The metric of all phases. */
const PHASES = "vigie_http_phase_seconds";

export default defineCheck({
  summary: "A web address answers as expected (RFC 9112, RFC 9113)",
  anywhere: true,
  params,
  resolve: (own, { webUrl, service }) => {
    const completed = { ...own, readKb: readKbOf(own), expect: { ...own.expect, status: statusesOf(own) } };
    if (!own.url.startsWith("/")) return completed;
    if (webUrl) return { ...completed, url: webUrl + own.url };
    return `an absolute address: ${service.id} has no host name that \`${own.url}\` could be a path of`;
  },
  secrets: ({ auth }) => secretsIn(auth),
  target: ({ url }) => url,
  measures: {
    dns_seconds: { help: "Time to find the address.", metric: PHASES, constant: { phase: "dns" } },
    connect_seconds: { help: "Time to open the connection.", metric: PHASES, constant: { phase: "connect" } },
    tls_seconds: { help: "Time to agree on TLS.", metric: PHASES, constant: { phase: "tls" } },
    first_byte_seconds: {
      help: "Time from the request to the first byte of the answer.",
      metric: PHASES,
      constant: { phase: "first_byte" },
    },
    transfer_seconds: { help: "Time to read the body.", metric: PHASES, constant: { phase: "transfer" } },
    status_code: { help: "Status of the last answer." },
    http_version: { help: "Version of HTTP that was spoken." },
    body_bytes: { help: "Bytes of body read." },
    redirects: { help: "Redirects followed." },
    ip_version: { help: "Version of IP that was used." },
    certificate_expiry_timestamp_seconds: { help: "When the certificate ends, as a Unix time." },
  },
  run: async (own, context) => {
    const { exchange } = loaded ?? (await network());
    const began = performance.now();
    const signedIn = own.auth === undefined ? OPEN : await authorize(own.auth);
    if (!signedIn.ok) return failed("not-configured", signedIn.message);
    const judge = conditionsOf(own.conditions);
    const { answer, followed, stopped } = await follow({ ...own, readKb: readKbOf(own) }, context, {
      exchange,
      headers: own.auth === undefined ? own.headers : { ...own.headers, ...signedIn.headers },
      // Where conditions decide about statuses, a redirect that they accept is what was looked for.
      isWanted: (redirect) =>
        isExpectedStatus(statusesOf(own), redirect.status) &&
        (!judge.mentions("STATUS") || judge.unmet(factsOf(redirect, 0)) === undefined),
    });
    const measures = {
      ...answer.phases,
      status_code: answer.status,
      http_version: answer.protocol === "h2" ? 2 : 1.1,
      body_bytes: answer.body.length,
      redirects: followed,
      ip_version: ipVersion(answer.address),
      ...(answer.certificateEnd === undefined
        ? {}
        : { certificate_expiry_timestamp_seconds: answer.certificateEnd / 1000 }),
    };
    if (stopped !== undefined) return failed("redirect", stopped, { measures });
    if (own.http2 === "required" && answer.protocol !== "h2")
      return failed("weak-protocol", `the server speaks ${answer.protocol}, expected HTTP/2`, { measures });
    const seconds = (performance.now() - began) / 1000;
    const problem =
      unmet({ ...own.expect, status: statusesOf(own) }, answer, seconds) ?? judge.unmet(factsOf(answer, seconds));
    return problem ? failed(problem.reason, signedIn.redact(problem.message), { measures }) : good({ measures });
  },
});

let loaded: typeof import("./_exchange.ts") | undefined;
/** Whoever verifies a declaration needs none of it. Kept, for to ask Node for it again takes a hundredth of a run. */
const network = async () => (loaded = await import("./_exchange.ts"));

/** The statuses that are right; all of them where conditions decide. */
const statusesOf = ({ expect, conditions: declared }: Params): NonNullable<Params["expect"]["status"]> =>
  expect.status ?? (conditionsOf(declared).mentions("STATUS") ? ["1xx", "2xx", "3xx", "4xx", "5xx"] : ["2xx"]);

/** A page that is looked into is read as far as pages go; of any other, enough to see that it comes. */
const readKbOf = ({ readKb, expect, conditions: declared }: Params): number =>
  readKb ?? (expect.body || expect.json || conditionsOf(declared).mentions("BODY") ? 2048 : 256);

/** What conditions look at. */
const factsOf = (answer: Answer, seconds: number): Facts => ({
  numbers: {
    STATUS: answer.status,
    RESPONSE_TIME: seconds * 1000,
    ...(answer.certificateEnd === undefined ? {} : { CERTIFICATE_EXPIRATION: answer.certificateEnd - Date.now() }),
  },
  texts: { IP: answer.address },
  body: answer,
  field: (name) => answer.header(name),
});

declare module "../../association/vocabulary.ts" {
  interface CheckKinds {
    http: z.input<typeof params>;
  }
}
