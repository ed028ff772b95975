import type { DnsRecord } from "./record.ts";

/** What a zone says about itself (RFC 1035 section 3.3.13). */
export interface ZoneHead {
  domain: string;
  /** Names of its name servers; the first is the primary. */
  nameServers: readonly string[];
  /** Mail address of whoever answers for it. */
  contact: string;
  /** Must grow with each change (RFC 1982): a number, or a mark for the server to replace. */
  serial: number | string;
}

const HOUR = 3600;
const DAY = 24 * HOUR;

/** A whole zone as a file that BIND, NSD and Knot read (RFC 1035 section 5). */
export function zoneText({ domain, nameServers, contact, serial }: ZoneHead, records: readonly DnsRecord[]): string {
  const times = `${6 * HOUR} ${HOUR} ${14 * DAY} ${HOUR}`;
  return recordsText(domain, records, [
    `@ IN SOA ${absolute(nameServers[0]!)} ${mailboxName(contact)} ${serial} ${times}`,
    ...nameServers.map((name) => `@ IN NS ${absolute(name)}`),
  ]);
}

/** The same without what is for whoever serves the zone to say: its SOA and NS records. */
export const recordsText = (domain: string, records: readonly DnsRecord[], first: readonly string[] = []): string =>
  [`$ORIGIN ${domain}.`, `$TTL ${HOUR}`, ...first, ...records.map((one) => recordLine(one, domain)), ""].join("\n");

/** One record as a line, its name relative to the zone. */
export const recordLine = ({ name, type, value, ttl }: DnsRecord, domain: string): string =>
  `${relativeName(name, domain)} ${ttl} IN ${type} ${zoneValue(type, value)}`;

/** A name without its zone; `@` for the zone itself. */
export const relativeName = (name: string, domain: string): string =>
  name === domain ? "@" : name.endsWith(`.${domain}`) ? name.slice(0, -domain.length - 1) : absolute(name);

const absolute = (name: string): string => (name.endsWith(".") ? name : `${name}.`);

/** The part before @ may hold dots, which then are escaped (RFC 1035 section 8). */
const mailboxName = (address: string): string => {
  const at = address.lastIndexOf("@");
  return `${address.slice(0, at).replaceAll(".", "\\.")}.${absolute(address.slice(at + 1))}`;
};

/** Types whose value ends with a name. */
const ENDS_WITH_NAME: ReadonlySet<DnsRecord["type"]> = new Set(["CNAME", "MX", "SRV"]);

function zoneValue(type: DnsRecord["type"], value: string): string {
  if (type === "TXT") return characterStrings(value).map(quote).join(" ");
  return ENDS_WITH_NAME.has(type) ? absolute(value) : value;
}

const LONGEST_STRING = 255;

/** TXT text in pieces of 255 bytes at most (RFC 1035 section 3.3); receivers join them again. */
export function characterStrings(text: string): string[] {
  const bytes = Buffer.from(text);
  const pieces = [];
  for (let start = 0; start < bytes.length; start += LONGEST_STRING)
    pieces.push(bytes.subarray(start, start + LONGEST_STRING).toString("latin1"));
  return pieces.length === 0 ? [""] : pieces;
}

/** Bytes outside printable ASCII as `\DDD` (RFC 1035 section 5.1). */
const quote = (text: string): string =>
  `"${text.replace(/["\\]/g, "\\$&").replace(/[^\x20-\x7e]/g, (sign) => `\\${String(sign.charCodeAt(0)).padStart(3, "0")}`)}"`;
