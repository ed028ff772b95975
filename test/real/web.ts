import { lookup } from "node:dns";
import { Agent, fetch as fetchBy, request } from "undici";
import { demo } from "./demo.ts";

/** What a page answered. */
export interface Page {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

const agents = new Map<string, Agent>();

/** Trusts one authority and nothing else, and takes `.localhost` for one address. */
function trusting(authority: string, address: string): Agent {
  const known = agents.get(authority);
  if (known) return known;
  const agent = new Agent({
    connect: {
      ca: authority,
      lookup: (name, options, found) => lookup(/(^|\.)localhost$/.test(name) ? address : name, options, found),
    },
  });
  agents.set(authority, agent);
  return agent;
}

/** Somebody at a browser: keeps cookies, follows no redirect. */
export class Visitor {
  readonly #cookies = new Map<string, string>();
  readonly #headers: Record<string, string>;
  readonly #authority: string;
  readonly #address: string;

  /**
   * @param login whose password opens the lookout's internal pages
   * @param authority certificate to trust, in PEM; the demo's when left out
   * @param address where `.localhost` is: this machine (RFC 6761 section 6.3), unless the proxy is on another
   */
  constructor(
    login?: string,
    headers: Record<string, string> = {},
    authority = demo().authority,
    address = "127.0.0.1",
  ) {
    this.#authority = authority;
    this.#address = address;
    const basic = login && Buffer.from(`${login}:${demo().passwords[login]}`).toString("base64");
    this.#headers = { ...headers, ...(basic ? { authorization: `Basic ${basic}` } : {}) };
  }

  get(url: string): Promise<Page> {
    return this.#ask("GET", url);
  }

  /** Sends a form. */
  post(url: string, fields: Record<string, string>): Promise<Page> {
    return this.#ask("POST", url, new URLSearchParams(fields).toString());
  }

  async #ask(method: "GET" | "POST", url: string, body?: string): Promise<Page> {
    const answer = await request(url, {
      method,
      dispatcher: trusting(this.#authority, this.#address),
      headers: {
        ...this.#headers,
        ...(body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "),
      },
      ...(body === undefined ? {} : { body }),
    });
    for (const cookie of [answer.headers["set-cookie"] ?? []].flat()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
      this.#cookies.set(name!, value!);
    }
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  }
}

/** `fetch` for programs that take one, such as a CardDAV client: reaches the demo's names, and trusts its authority. */
export const fetchHere = ((url: string, init: object = {}) =>
  fetchBy(url, { ...init, dispatcher: trusting(demo().authority, "127.0.0.1") })) as unknown as typeof fetch;

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };
/** The text that HTML stands for. */
export const fromHtml = (text: string): string =>
  text.replace(/&(?:(\w+)|#(\d+)|#x([0-9a-f]+));/gi, (whole, name, decimal, hexadecimal) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal));
  });

/** What a reader sees of a page. */
export const plainText = (html: string): string =>
  fromHtml(html.replace(/<(script|style)[\s\S]*?<\/\1>/g, "").replace(/<[^>]+>/g, " ")).replace(/\s+/g, " ");

/** A page of the lookout: with a login, an internal one. */
export async function lookoutPage(path: string, login?: string): Promise<string> {
  const { status, text } = await new Visitor(login).get(`${demo().urls.lookout}${path}`);
  if (status !== 200) throw new Error(`${path} answers ${status}: ${text.slice(0, 300)}`);
  return text;
}

/** A metric as the lookout exports it. */
export interface Sample {
  labels: Record<string, string>;
  value: number;
}

/** The samples of one metric, read through the proxy as a volunteer of the IT team would. */
export const metric = async (name: string): Promise<Sample[]> =>
  metricsIn(await lookoutPage("/metrics", "lea-martin"), name);

/** The samples of one metric in Prometheus's text format. */
export function metricsIn(text: string, name: string): Sample[] {
  return [...text.matchAll(new RegExp(`^${name}(?:\\{(.*)\\})? (\\S+)$`, "gm"))].map(([, labels = "", value]) => ({
    labels: Object.fromEntries([...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, text])),
    value: Number(value),
  }));
}
