import type { DnsRecord } from "./record.ts";
import { isPlaceholder } from "./records.ts";

/** A name and type whose answers are not what is declared. */
export interface Difference {
  name: string;
  type: DnsRecord["type"];
  /** Declared values that the DNS does not answer. */
  missing: string[];
  /** Answers that are not declared; other TXT records of a domain are its own affair and not among them. */
  unexpected: string[];
}

/** Answers of the DNS to one question, each written as in a zone file; names with or without final dot. */
export type Answers = (name: string, type: DnsRecord["type"]) => readonly string[];

/** What differs between the declared records and the DNS. Records that wait for a key are left out. */
export function differences(records: readonly DnsRecord[], answers: Answers): Difference[] {
  const declared = records.filter((one) => !isPlaceholder(one));
  return questionsOf(declared).flatMap(({ name, type }) => {
    const group = declared.filter((one) => one.name === name && one.type === type);
    const wanted = group.map(({ value }) => normal(type, value));
    const found = answers(name, type).map((value) => normal(type, value));
    const missing = wanted.filter((value) => !found.includes(value));
    const rivals =
      type === "TXT" && !isOurs(name) ? found.filter((value) => wanted.some((own) => sameKind(own, value))) : found;
    const unexpected = rivals.filter((value) => !wanted.includes(value));
    return missing.length + unexpected.length === 0 ? [] : [{ name, type, missing, unexpected }];
  });
}

const ADDRESSES = ["A", "AAAA"] as const;

/**
 * What the DNS is asked about records: each name and type once, and of an address the other kind too. A forgotten AAAA record is
 * where large providers deliver first. A mail server's name may be no alias, which resolvers follow without a word (RFC 2181 section 10.3).
 */
export function questionsOf(records: readonly DnsRecord[]): Pick<DnsRecord, "name" | "type">[] {
  const isAddress = (type: DnsRecord["type"]) => (ADDRESSES as readonly string[]).includes(type);
  const mailServers = new Set(
    records.flatMap(({ type, value }) => (type === "MX" ? normal(type, value).split(" ")[1]! : [])),
  );
  const asked = records.flatMap(({ name, type }) => {
    const types = isAddress(type) ? [...ADDRESSES, ...(mailServers.has(name) ? (["CNAME"] as const) : [])] : [type];
    return types.map((one) => ({ name, type: one }));
  });
  return [...new Map(asked.map((one) => [`${one.name} ${one.type}`, one])).values()];
}

/** Names of one use, such as `_dmarc`: whatever else stands there is read by the same programs (RFC 8552). */
const isOurs = (name: string): boolean => name.startsWith("_") || name.includes("._");

/** Two texts with one version tag, of which a name may have only one (RFC 7208 section 4.5, RFC 7489 section 6.6.3). */
const sameKind = (one: string, other: string): boolean => versionOf(one) !== "" && versionOf(one) === versionOf(other);
const versionOf = (text: string): string => /^v=\w+/i.exec(text)?.[0].toLowerCase() ?? "";

const normal = (type: DnsRecord["type"], value: string): string => {
  if (type === "TXT") return value.replace(/^"(.*)"$/s, "$1");
  // RFC 5952's spelling, which is the one of URLs.
  if (type === "AAAA") return new URL(`http://[${value}]`).hostname.slice(1, -1);
  return value.toLowerCase().replace(/([^ ])\.$/, "$1");
};
