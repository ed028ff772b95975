import { isIPv4 } from "node:net";
import { type Fields, type Tell, textOf } from "./draft.ts";
import { readBody, readHeaders, readUrl, type SignIn, shownUrl } from "./secrets.ts";

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "OPTIONS"]);

/** A request as one of these programs writes it. */
interface Asked {
  readonly url: string;
  readonly method?: unknown;
  readonly headers?: unknown;
  readonly body?: unknown;
  /** Who it signs in as, where the program has fields for that. */
  readonly signIn?: SignIn | undefined;
}

/** The fields of an `http` check that asks the same; undefined, with the reason told, where it is no web address. */
export function requestOf(asked: Asked, tell: Tell): { fields: Fields; signIn?: SignIn | undefined } | undefined {
  if (!URL.canParse(asked.url) || !/^https?:$/.test(new URL(asked.url).protocol)) {
    tell("its url", `it is no http(s) address: ${shownUrl(asked.url)}`);
    return undefined;
  }
  const read = readUrl(asked.url, tell);
  if (read === undefined) return undefined;
  const { url, signIn: byUrl } = read;
  const { headers, signIn: byHeader } = readHeaders(asked.headers, tell);
  if (asked.signIn !== undefined && byHeader !== undefined)
    tell("the header that signs in", "one secret is carried over for each check");
  const method = textOf(asked.method)?.toUpperCase() ?? "GET";
  if (!METHODS.has(method))
    tell(`method ${method}`, "the lookout asks with GET, HEAD, POST, PUT or OPTIONS: it is asked with GET");
  const body = readBody(asked.body, tell);
  const sends = ["POST", "PUT"].includes(method);
  if (body !== undefined && !sends) tell("body", `nothing is sent with ${method}`);
  return {
    fields: {
      url,
      ...(METHODS.has(method) && method !== "GET" ? { method } : {}),
      ...(Object.keys(headers).length > 0 ? { headers } : {}),
      ...(body !== undefined && sends ? { body } : {}),
    },
    signIn: asked.signIn ?? byHeader ?? byUrl,
  };
}

/** Any answer will do: what a server says is judged by other conditions. Redirects are still followed. */
export const ANY_ANSWER = ["2xx", 304, "4xx", "5xx"] as const;

/** These programs follow redirects wherever they lead. */
export const FOLLOWING = { redirects: 10, otherHosts: true } as const;

/** Statuses that an answer may have at the end of its redirects; those of redirects alone where nothing else is named. */
export const atTheEnd = <Status extends string | number>(all: readonly Status[]): readonly Status[] => {
  const ends = all.filter((one) => one !== "3xx" && ![301, 302, 303, 307, 308].includes(Number(one)));
  return ends.length === 0 ? all : ends;
};

/** How much of a page is read where it matters what is in it, in KiB: these programs read all of it. */
export const WHOLE_PAGES = 2048;

/** What a port speaks before TLS (IANA's register of services). */
const STARTTLS: Readonly<Record<string, string>> = { 110: "pop3", 143: "imap", 389: "ldap", 5432: "postgres" };
export const starttlsAt = (address: string): string => STARTTLS[/:(\d+)$/.exec(address)?.[1] ?? ""] ?? "smtp";

/** The name that is asked about; backwards for an address (RFC 1035 section 3.5). */
export const askedName = (name: string, type: string): string =>
  type === "PTR" && isIPv4(name) ? `${name.split(".").reverse().join(".")}.in-addr.arpa` : name.replace(/\.$/, "");
