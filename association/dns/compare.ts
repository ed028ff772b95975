import type { DnsRecord } from "./record.ts";
import { isPlaceholder } from "./records.ts";

/** A name and type whose answers are not what is declared. */
export interface Difference {
  name: string;
  type: DnsRecord["type"];
  /** Declared values that the DNS does not answer. */
  missing: string[];
  /** Answers that are not declared; other TXT records of a name are its own affair and not among them. */
  unexpected: string[];
}

/** Answers of the DNS to one question, each written as in a zone file; names with or without final dot. */
export type Answers = (name: string, type: DnsRecord["type"]) => readonly string[];

/** What differs between the declared records and the DNS. Records that wait for a key are left out. */
export function differences(records: readonly DnsRecord[], answers: Answers): Difference[] {
  const declared = Map.groupBy(
    records.filter((one) => !isPlaceholder(one)),
    ({ name, type }) => `${name} ${type}`,
  );
  return [...declared.values()].flatMap((group) => {
    const { name, type } = group[0]!;
    const wanted = group.map(({ value }) => normal(type, value));
    const found = answers(name, type).map((value) => normal(type, value));
    const missing = wanted.filter((value) => !found.includes(value));
    const rivals = type === "TXT" ? found.filter((value) => wanted.some((own) => sameKind(own, value))) : found;
    const unexpected = rivals.filter((value) => !wanted.includes(value));
    return missing.length + unexpected.length === 0 ? [] : [{ name, type, missing, unexpected }];
  });
}

/** Two texts with one version tag, of which a name may have only one (RFC 7208 section 4.5, RFC 7489 section 6.6.3). */
const sameKind = (one: string, other: string): boolean => versionOf(one) !== "" && versionOf(one) === versionOf(other);
const versionOf = (text: string): string => /^v=\w+/i.exec(text)?.[0].toLowerCase() ?? "";

const normal = (type: DnsRecord["type"], value: string): string =>
  type === "TXT" ? value.replace(/^"(.*)"$/s, "$1") : value.toLowerCase().replace(/(.)\.$/, "$1");
