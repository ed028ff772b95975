import { isIPv4 } from "node:net";
import type { RunContext } from "../check.ts";
import type { Reason } from "../reasons.ts";

export interface TransportWish {
  domain: string;
  /** The least MTA-STS mode that must be published; `off` asks for none. */
  mtaSts: "off" | "testing" | "enforce";
  /** Port of the policy's site: 443 for the world (RFC 8461 section 3.3). */
  policyPort: number;
  /** Whether an address for reports on TLS must be published (RFC 8460). */
  tlsReports: boolean;
  /** Whether the server's public addresses must have names that lead back to them. */
  reverse: boolean;
  /** DNS blocklists that must not hold the server's addresses. */
  blocklists: readonly string[];
}

export interface PolicyProblem {
  reason: Reason;
  message: string;
}

/** Asks a question; an empty list where there is no such record. Other failures are thrown. */
export type Ask = (name: string, type: string) => Promise<unknown[]>;

/** RFC 8461 section 3.2: policies longer than this need not be read. */
const LONGEST_POLICY = 65_536;
const MODES = ["none", "testing", "enforce"] as const;

const wrong = (message: string): PolicyProblem => ({ reason: "wrong-record", message });
const absent = (message: string): PolicyProblem => ({ reason: "no-record", message });

/** What is wrong with how others may reach our server: MTA-STS, TLS-RPT, reverse names, blocklists. */
export async function judgeTransport(
  wish: TransportWish,
  server: { exchanges: readonly string[]; addresses: readonly string[] },
  ask: Ask,
  context: RunContext,
): Promise<PolicyProblem[]> {
  const found = await Promise.all([
    wish.mtaSts === "off" ? [] : judgeMtaSts(wish, wish.mtaSts, server.exchanges, ask, context),
    wish.tlsReports ? judgeTlsReports(wish.domain, ask) : [],
    ...(wish.reverse ? server.addresses.filter(isPublic).map((address) => judgeReverse(address, ask)) : []),
    ...server.addresses
      .filter((address) => isIPv4(address) && isPublic(address))
      .flatMap((address) => wish.blocklists.map((list) => judgeListing(address, list, ask))),
  ]);
  return found.flat();
}

const textsOf = async (name: string, ask: Ask): Promise<string[]> =>
  ((await ask(name, "TXT")) as string[][]).map((pieces) => pieces.join(""));

async function judgeMtaSts(
  { domain, policyPort }: TransportWish,
  least: "testing" | "enforce",
  exchanges: readonly string[],
  ask: Ask,
  context: RunContext,
): Promise<PolicyProblem[]> {
  const records = (await textsOf(`_mta-sts.${domain}`, ask)).filter((text) => /^v=STSv1\s*;/.test(text));
  if (records.length === 0) return [absent(`_mta-sts.${domain} has no record: nobody looks for the policy`)];
  if (records.length > 1 || !/;\s*id=[A-Za-z0-9]{1,32}\s*(;|$)/.test(records[0]!))
    return [wrong(`_mta-sts.${domain} must be one record with an id of up to 32 letters and digits`)];
  const url = new URL(`https://mta-sts.${domain}:${policyPort}/.well-known/mta-sts.txt`);
  context.step("reading the MTA-STS policy", url.href);
  const { exchange } = await import("./_exchange.ts");
  const answer = await exchange({ url, method: "GET", headers: {} }, LONGEST_POLICY, context);
  if (answer.status !== 200) return [wrong(`${url.href} answers ${answer.status}: the policy cannot be read`)];
  return judgePolicyText(answer.body.toString("utf8"), least, exchanges).map(wrong);
}

/** What is wrong with the text of a policy (RFC 8461 section 3.2), for a server of these names. */
export function judgePolicyText(text: string, least: "testing" | "enforce", exchanges: readonly string[]): string[] {
  const fields = text.split(/\r?\n/).flatMap((line) => {
    const [, name, value] = /^([A-Za-z0-9_-]{1,32}):\s*(.*?)\s*$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value!] as const];
  });
  const first = (name: string): string | undefined => fields.find(([field]) => field === name)?.[1];
  if (first("version") !== "STSv1") return ["the MTA-STS policy does not say version: STSv1"];
  const mode = MODES.indexOf(first("mode") as (typeof MODES)[number]);
  const patterns = fields.flatMap(([field, value]) => (field === "mx" ? [value.toLowerCase()] : []));
  const outside = exchanges.filter((name) => !patterns.some((pattern) => covers(pattern, name.toLowerCase())));
  return [
    ...(mode < MODES.indexOf(least)
      ? [`the MTA-STS policy says mode: ${JSON.stringify(first("mode") ?? "")}; expected ${least} or stricter`]
      : []),
    ...(outside.length > 0 ? [`the MTA-STS policy leaves out ${outside.join(", ")}: its mail would be held back`] : []),
    ...(/^\d{1,10}$/.test(first("max_age") ?? "") ? [] : ["the MTA-STS policy has no max_age"]),
  ];
}

/** `*.` stands for one label (RFC 8461 section 4.1). */
const covers = (pattern: string, name: string): boolean =>
  pattern.startsWith("*.") ? name.slice(name.indexOf(".") + 1) === pattern.slice(2) : pattern === name;

async function judgeTlsReports(domain: string, ask: Ask): Promise<PolicyProblem[]> {
  const records = (await textsOf(`_smtp._tls.${domain}`, ask)).filter((text) => /^v=TLSRPTv1\s*;/.test(text));
  if (records.length === 0) return [absent(`_smtp._tls.${domain} has no record: nobody reports failures of TLS`)];
  const good = records.length === 1 && /;\s*rua=(mailto|https):\S+/.test(records[0]!);
  return good ? [] : [wrong(`_smtp._tls.${domain} must be one record with an address for reports (rua=mailto:…)`)];
}

/** Large providers refuse mail from an address without a name, or whose name leads elsewhere. */
async function judgeReverse(address: string, ask: Ask): Promise<PolicyProblem[]> {
  const names = (await ask(reverseName(address), "PTR")) as string[];
  if (names.length === 0) return [absent(`${address} has no reverse name: ask the host's supplier to set one`)];
  const back = await Promise.all(names.slice(0, 8).map((name) => ask(name, isIPv4(address) ? "A" : "AAAA")));
  if (back.flat().map(String).includes(address)) return [];
  return [wrong(`the reverse name of ${address}, ${names.slice(0, 8).join(", ")}, does not lead back to it`)];
}

/** RFC 5782 section 2.1: a listed address has an answer in 127.0.0.0/8; 127.255.255.0/24 says that we may not ask. */
async function judgeListing(address: string, list: string, ask: Ask): Promise<PolicyProblem[]> {
  const [answer] = (await ask(`${address.split(".").reverse().join(".")}.${list}`, "A")) as string[];
  if (answer === undefined) return [];
  if (answer.startsWith("127.255.255."))
    return [{ reason: "resolver-failed", message: `${list} does not answer this resolver (${answer})` }];
  return [wrong(`${address} is on the blocklist ${list} (${answer})`)];
}

export const reverseName = (address: string): string =>
  isIPv4(address)
    ? `${address.split(".").reverse().join(".")}.in-addr.arpa`
    : `${[...expanded(address)].reverse().join(".")}.ip6.arpa`;

/** The 32 hexadecimal digits of an IPv6 address (RFC 4291 section 2.2). */
function expanded(address: string): string {
  const [head = "", tail] = address.split("::");
  const groups = (text: string | undefined): string[] => (text ? text.split(":") : []);
  const [before, after] = [groups(head), groups(tail)];
  const middle = tail === undefined ? [] : Array(8 - before.length - after.length).fill("0");
  return [...before, ...middle, ...after].map((group) => group.padStart(4, "0")).join("");
}

/** Addresses that the world can reach: private, loopback and link-local ones have no name in its DNS (RFC 6890). */
export const isPublic = (address: string): boolean =>
  isIPv4(address)
    ? !/^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(address)
    : !/^(::1?$|f[cd]|fe[89ab])/i.test(address);
