import { english } from "../../dashboards/words/plural.ts";
import type { RunContext } from "../check.ts";
import { isInternal, isLinkLocal } from "../net/ranges.ts";
import type { Cookies } from "./_cookies.ts";
import type { Answer } from "./_exchange.ts";

/** What a request asks for, and how far redirects may lead. */
export interface Journey {
  url: string;
  method: string;
  body?: string | undefined;
  redirects: number;
  otherHosts: boolean;
  toInternal: boolean;
  ip?: 4 | 6 | undefined;
  http2: "no" | "offered" | "required";
  readKb: number;
}

export interface Traveller {
  exchange: typeof import("./_exchange.ts")["exchange"];
  /** Sent to the first origin only: they may be secrets. */
  headers: Readonly<Record<string, string>>;
  /** Whether an answer is what was looked for though it is a redirect. */
  isWanted(answer: Answer): boolean;
  /** Cookies that are kept from one journey to the next. */
  cookies?: Cookies;
}

export interface Followed {
  answer: Answer;
  url: URL;
  followed: number;
  /** Why it went no further. */
  stopped?: string;
}

/** Sends the request, and follows redirects as far as the declaration allows. */
export async function follow(own: Journey, context: RunContext, by: Traveller): Promise<Followed> {
  let url = new URL(own.url);
  let { method, body } = own;
  let { headers } = by;
  let { cookies } = by;
  let allow: ((address: string) => boolean) | undefined;
  for (let followed = 0; ; followed++) {
    const answer = await by.exchange(
      {
        url,
        method,
        headers: cookies?.addTo(headers, url) ?? headers,
        body,
        http2: own.http2 !== "no",
        addresses: { family: own.ip, allow },
      },
      own.readKb * 1024,
      context,
    );
    cookies?.keep(url, answer.cookies);
    const location = answer.header("location");
    if (location === undefined || !isRedirect(answer.status) || by.isWanted(answer)) return { answer, url, followed };
    const next = URL.parse(location, url.href);
    const stopped = refusal(own, url, next, followed, location);
    if (stopped !== undefined) return { answer, url, followed, stopped };
    // Many sites set a cookie and lead back to where one was: without it, in circles.
    if (cookies === undefined && answer.cookies.length > 0) {
      cookies = new (await import("./_cookies.ts")).Cookies();
      cookies.keep(url, answer.cookies);
    }
    // RFC 9110 section 15.4: 307 and 308 keep the method; after the others a GET is what browsers send.
    if (answer.status !== 307 && answer.status !== 308 && method !== "HEAD") {
      [method, body] = ["GET", undefined];
      headers = withoutContent(headers);
    }
    if (next!.origin !== url.origin) headers = {};
    allow ??= reachableFrom(answer.address, own.toInternal);
    url = next!;
  }
}

const withoutContent = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !/^content-/i.test(name)));

/**
 * Where a server may send us: one on the public network not into ours, and none to where clouds keep credentials, unless
 * it is there itself.
 */
export function reachableFrom(address: string, toInternal: boolean): (to: string) => boolean {
  if (toInternal) return () => true;
  return isInternal(address) ? (to) => !isLinkLocal(to) || isLinkLocal(address) : (to) => !isInternal(to);
}

const isRedirect = (status: number): boolean => [301, 302, 303, 307, 308].includes(status);

function refusal(own: Journey, from: URL, to: URL | null, followed: number, location: string): string | undefined {
  const shown = JSON.stringify(location.slice(0, 200));
  if (to === null || !isWebUrl(to.href)) return `redirected to ${shown}, which is no web address`;
  if (followed >= own.redirects)
    return `redirected ${followed + 1} ${english.form(followed + 1, "time", "times")}, ${own.redirects} at most expected; last to ${shown}`;
  if (siteOf(to) !== siteOf(from) && !own.otherHosts)
    return `redirected to another host, ${shown}; expected to stay on ${from.hostname} (\`otherHosts: true\` allows it)`;
  if (from.protocol === "https:" && to.protocol === "http:") return `redirected from https to http, ${shown}`;
  return undefined;
}

/** Most sites lead from their name to the one with `www.`, or back. */
const siteOf = ({ hostname }: URL): string => hostname.replace(/^www\./, "");

export function isWebUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}
