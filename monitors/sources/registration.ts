import type { Socket } from "node:net";
import { isIP } from "node:net";
import { z } from "zod";
import type { RunContext } from "../check.ts";
import { exchange } from "../checks/_exchange.ts";
import { reachableFrom } from "../checks/_follow.ts";
import { parseJson } from "../conditions/json.ts";
import { parseAddress } from "../net/address.ts";
import { openSocket } from "../net/connect.ts";
import { expiryIn } from "./expiry-date.ts";

/** What a registry says about a domain. */
export type Registration =
  | { found: true /** Milliseconds since the epoch. */; expires: number; states: readonly string[]; by: string }
  | { found: false; by: string };

/** The registry gave no usable answer; the next way is tried. */
export class Silent extends Error {
  override name = "Silent";
}

/** Where a server may lead, as a redirect may: not from the public network into ours. */
type Allow = (address: string) => boolean;

interface Told {
  status: number;
  json: unknown;
  /** Where it may lead. */
  allow: Allow;
}

const MOST_READ = 1024 * 1024;
const FIRST_WORDS = 120;

async function getJson(address: string, context: RunContext, from?: Allow): Promise<Told> {
  let url = new URL(address);
  let allow = from;
  // Registries' servers lead to registrars' (RFC 7480 section 5.2): a few times, and to https only.
  for (let hops = 0; hops < 4; hops++) {
    context.step("asking", url.href);
    const answer = await exchange(
      { url, method: "GET", headers: { accept: "application/rdap+json, application/json" }, addresses: { allow } },
      MOST_READ,
      context,
    );
    allow ??= reachableFrom(answer.address, false);
    const next = [301, 302, 303, 307, 308].includes(answer.status)
      ? URL.parse(answer.header("location") ?? "", url.href)
      : null;
    if (next !== null && (next.protocol === "https:" || next.protocol === url.protocol)) {
      url = next;
      continue;
    }
    if (answer.status === 404) return { status: 404, json: undefined, allow };
    if (answer.status !== 200 || answer.cut) throw new Silent(`${url.host} answers with status ${answer.status}`);
    try {
      return { status: 200, json: parseJson(answer.text()), allow };
    } catch {
      throw new Silent(`${url.host} does not answer with JSON`);
    }
  }
  throw new Silent(`${url.host} leads from one address to the next`);
}

/** RFC 9224: which servers know which top-level domains. */
const bootstrapFile = z.object({ services: z.array(z.tuple([z.array(z.string()), z.array(z.string())])) });

const DAY_MS = 86_400_000;
const bootstraps = new Map<string, { at: number; byDomain: ReadonlyMap<string, string>; allow: Allow }>();

export interface RdapServer {
  url: string;
  /** Where it may be, where somebody else has named it. */
  allow?: Allow;
}

/** The RDAP server of a top-level domain, from IANA's list, which is asked for once a day. */
export async function rdapServerOf(domain: string, bootstrap: string, context: RunContext): Promise<RdapServer> {
  let known = bootstraps.get(bootstrap);
  if (known === undefined || performance.now() - known.at > DAY_MS) {
    const { json, allow } = await getJson(bootstrap, context);
    const { data } = bootstrapFile.safeParse(json);
    if (data === undefined) throw new Silent("the list of RDAP servers is none");
    const byDomain = new Map<string, string>();
    for (const [domains, servers] of data.services) {
      const server = servers.find((one) => one.startsWith("https:")) ?? servers[0];
      for (const one of domains) if (server !== undefined) byDomain.set(one.toLowerCase(), server);
    }
    known = { at: performance.now(), byDomain, allow };
    bootstraps.set(bootstrap, known);
  }
  const url = known.byDomain.get(domain.slice(domain.lastIndexOf(".") + 1));
  if (url === undefined) throw new Silent("no RDAP server is known for this top-level domain");
  return { url, allow: known.allow };
}

/** What is used of a domain object (RFC 9083 section 5.3). */
const rdapDomain = z.object({
  objectClassName: z.literal("domain"),
  ldhName: z.string().optional(),
  status: z.array(z.string()).default([]),
  events: z.array(z.object({ eventAction: z.string(), eventDate: z.string() })).default([]),
});

export async function askRdap(domain: string, server: RdapServer, context: RunContext): Promise<Registration> {
  const url = new URL(`domain/${domain}`, server.url.endsWith("/") ? server.url : `${server.url}/`);
  const { status, json } = await getJson(url.href, context, server.allow);
  if (status === 404) return { found: false, by: url.host };
  const { data } = rdapDomain.safeParse(json);
  if (data === undefined) throw new Silent(`${url.host} does not describe a domain`);
  if (data.ldhName !== undefined && data.ldhName.toLowerCase().replace(/\.$/, "") !== domain)
    throw new Silent(`${url.host} describes another domain`);
  const dates = data.events.flatMap(({ eventAction, eventDate }) => (eventAction === "expiration" ? [eventDate] : []));
  const expires = earliest(dates);
  if (expires === undefined) throw withoutEnd(url.host, dates[0]);
  return { found: true, expires, states: data.status.map(spaced), by: url.host };
}

/** The date that it ends at for sure, where there are several; what is no such date is passed over. */
function earliest(dates: readonly string[]): number | undefined {
  const known = dates.map((date) => expiryIn(date.trim())).filter((date) => date !== undefined);
  return known.length === 0 ? undefined : known.reduce((one, other) => Math.min(one, other));
}

const withoutEnd = (by: string, said: string | undefined): Silent =>
  new Silent(
    said === undefined
      ? `${by} does not say when the registration ends`
      : `${by} does not say when the registration ends: ${JSON.stringify(said.trim().slice(0, FIRST_WORDS))}`,
  );

/** Asks WHOIS (RFC 3912): a line there, a text back. */
async function whois(server: string, line: string, context: RunContext, allow?: Allow) {
  const target = parseAddress(server) ?? { host: server, port: 43 };
  const { socket, address } = await openSocket(target, context, undefined, { allow });
  context.step("asking", `${target.host}:${target.port} about ${line}`);
  return { text: await readAll(socket, `${line}\r\n`), allow: allow ?? reachableFrom(address, false) };
}

async function readAll(socket: Socket, said: string): Promise<string> {
  socket.write(said);
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of socket as AsyncIterable<Buffer>) {
      pieces.push(piece);
      size += piece.length;
      if (size > MOST_READ) break;
    }
  } finally {
    socket.destroy();
  }
  return Buffer.concat(pieces).toString("utf8");
}

/** The fields that registries write the end of a registration in; there is no standard. */
const EXPIRY =
  /^[ \t]*(registry expiry date|registrar registration expiration date|expir(?:y|ation|es)(?: date| on)?|paid-till|renewal date|valid until|expire)[ \t]*[.:\]]+[ \t]*(\S[^\r\n]{0,60})/gim;
const STATE = /^[ \t]*(?:domain )?status[ \t]*:[ \t]*([a-z][a-z ]{1,40})/gim;
/** A registry that knows no such domain says so at once; a description of another kind may hold the same words later. */
const MOST_NOTICE = 4000;
const ABSENT = /\b(no match|not found|no entries found|no data found|is free|status: available)\b/i;

export async function askWhois(
  domain: string,
  server: string | undefined,
  root: string,
  context: RunContext,
): Promise<Registration> {
  let own = server;
  let allow: Allow | undefined;
  if (own === undefined) {
    const { text: top, ...from } = await whois(root, domain.slice(domain.lastIndexOf(".") + 1), context);
    const [, found] = /^[ \t]*(?:whois|refer):[ \t]*([A-Za-z0-9.-]{1,253})[ \t]*\r?$/im.exec(top) ?? [];
    if (found === undefined || isIP(found)) throw new Silent("no WHOIS server is known for this top-level domain");
    own = found;
    allow = from.allow;
  }
  return readWhois((await whois(own, domain, context, allow)).text, own);
}

/** What a WHOIS answer says. */
export function readWhois(text: string, by: string): Registration {
  const lines = [...text.matchAll(EXPIRY)].map(([, field, date]) => ({ field: field!.toLowerCase(), date: date! }));
  // The first field is the registry's own; others may be a registrar's.
  const own = lines.filter(({ field }) => field === lines[0]!.field);
  const expires = earliest(own.map(({ date }) => date)) ?? earliest(lines.map(({ date }) => date));
  if (expires !== undefined) {
    const states = [...text.matchAll(STATE)].map(([, state]) => spaced(state!.trim()));
    return { found: true, expires, states, by };
  }
  if (ABSENT.test(text.slice(0, MOST_NOTICE))) return { found: false, by };
  throw withoutEnd(by, lines[0]?.date ?? text);
}

/** `pendingDelete` as RDAP has it (RFC 8056): `pending delete`. */
const spaced = (state: string): string =>
  state
    .trim()
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
