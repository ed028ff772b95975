import { z } from "zod";
import { failed, good, type Outcome, type RunContext } from "../check.ts";
import { conditionsOf } from "../conditions/compile.ts";
import { conditions } from "../conditions/schema.ts";
import { authorize, credentials } from "./_credentials.ts";
import type { Resource } from "./_multistatus.ts";
import { whyUndecodable } from "./_unpack.ts";

/** Fields of every check of a server that speaks WebDAV. */
export const davParams = {
  /** An absolute http(s) address, or a path such as `/dav/` on the service's own web address. */
  url: z
    .string()
    .refine(
      (url) => /^\/(?!\/)/.test(url) || /^https?:$/.test(URL.parse(url)?.protocol ?? ""),
      "an http(s) address, or a path",
    ),
  /** Who the lookout signs in as. */
  auth: credentials.optional(),
  /** Conditions that must all hold, such as `[ROWS] >= 1`; `[ROWS]` counts what was found. */
  conditions: conditions("STATUS", "ROWS", "HEADERS", "RESPONSE_TIME").optional(),
};

export interface DavRequest {
  method: "PROPFIND" | "REPORT";
  depth: 0 | 1;
  body: string;
}

/** How much of an answer is read, in bytes: an address book of some thousand cards. */
const MOST_READ = 8 * 1024 * 1024;

const STATUSES: Readonly<Record<number, "wrong-password" | "forbidden" | "no-such-thing">> = {
  401: "wrong-password",
  403: "forbidden",
  404: "no-such-thing",
};

interface Own {
  url: string;
  auth?: z.output<typeof credentials> | undefined;
  conditions?: readonly string[] | undefined;
}

/**
 * Sends one request of WebDAV and judges the answer. Redirects are told, not followed: a DAV client would lose its method.
 *
 * @param count the resources that are counted as rows; a string says what is missing
 */
export async function askDav(
  own: Own,
  request: DavRequest,
  context: RunContext,
  count: (resources: readonly Resource[]) => number | string,
): Promise<Outcome> {
  const [{ exchange }, { parseMultistatus }] = await Promise.all([
    import("./_exchange.ts"),
    import("./_multistatus.ts"),
  ]);
  const signedIn = await authorize(own.auth);
  if (!signedIn.ok) return failed("not-configured", signedIn.message);
  const began = performance.now();
  const headers = {
    "content-type": "application/xml; charset=utf-8",
    depth: String(request.depth),
    ...signedIn.headers,
  };
  const answer = await exchange(
    { url: new URL(own.url), method: request.method, headers, body: request.body },
    MOST_READ,
    context,
  );
  let measures: Record<string, number> = { ...answer.phases, status_code: answer.status };
  const judge = conditionsOf(own.conditions);
  const facts = (rows?: number) => ({
    numbers: {
      STATUS: answer.status,
      RESPONSE_TIME: performance.now() - began,
      ...(rows === undefined ? {} : { ROWS: rows }),
    },
    field: (name: string) => answer.header(name),
  });
  if (answer.status !== 207) {
    if (judge.mentions("STATUS")) {
      const unmet = judge.unmet(facts());
      return unmet ? failed(unmet.reason, unmet.message, { measures }) : good({ measures });
    }
    const location = answer.header("location");
    const to = location === undefined ? "" : ` (it leads to ${JSON.stringify(location.slice(0, 120))})`;
    return failed(STATUSES[answer.status] ?? "wrong-status", `status ${answer.status}${to}, expected 207`, {
      measures,
    });
  }
  if (answer.cut) return failed("too-large", `the answer is longer than ${MOST_READ} bytes`, { measures });
  let text: string;
  try {
    text = answer.text();
  } catch (error) {
    return failed(whyUndecodable(error), `the answer cannot be decoded: ${(error as Error).message}`, { measures });
  }
  const resources = await parseMultistatus(text, context.signal);
  if (resources === undefined)
    return failed(
      "malformed",
      `expected a multistatus; the answer begins ${JSON.stringify(signedIn.redact(text.slice(0, 120)))}`,
      {
        measures,
      },
    );
  context.step("reading", { resources: resources.length });
  const rows = count(resources);
  if (typeof rows === "string") return failed("no-such-thing", rows, { measures });
  measures = { ...measures, found: rows };
  const unmet = judge.unmet(facts(rows));
  return unmet ? failed(unmet.reason, unmet.message, { measures }) : good({ measures });
}

export const davMeasures = {
  dns_seconds: { help: "Time to find the address." },
  connect_seconds: { help: "Time to open the connection." },
  tls_seconds: { help: "Time to agree on TLS." },
  first_byte_seconds: { help: "Time from the request to the first byte of the answer." },
  transfer_seconds: { help: "Time to read the answer." },
  status_code: { help: "Status of the answer." },
  found: { help: "How many things were found." },
};

/** A path completed by the service's web address. */
export const onOwnSite = <P extends { url: string }>(
  own: P,
  { webUrl, service }: { webUrl: string | undefined; service: { id: string } },
): P | string => {
  if (!own.url.startsWith("/")) return own;
  return webUrl ? { ...own, url: webUrl + own.url } : `an absolute address: ${service.id} has no host name`;
};
