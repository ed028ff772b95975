/** A DNS record as it should be published. Names are whole and lower-case, without the final dot. */
export interface DnsRecord {
  name: string;
  type: "A" | "AAAA" | "CNAME" | "MX" | "NS" | "SRV" | "TXT";
  /** What comes after the type in a zone file, but names without final dot and TXT without quotes: `10 mail.example.org`. */
  value: string;
  /** Seconds that resolvers may keep it. */
  ttl: number;
  /** What breaks without it; to sort and explain lists of records. */
  purpose: Purpose;
}

export type Purpose = "names" | "web" | "delivery" | "sender" | "signature" | "policy" | "transport" | "clients";

/** An hour: long enough to spare resolvers, short enough to correct a mistake within a meeting. */
export const TTL = 3600;

export const record = (name: string, type: DnsRecord["type"], value: string, purpose: Purpose): DnsRecord => ({
  name: name.toLowerCase(),
  type,
  value,
  ttl: TTL,
  purpose,
});

/** A name's address: A or AAAA for an IP address, an alias for another name. */
export function addressRecord(name: string, address: string, purpose: Purpose): DnsRecord {
  if (/^\d+(\.\d+){3}$/.test(address)) return record(name, "A", address, purpose);
  return address.includes(":") ? record(name, "AAAA", address, purpose) : record(name, "CNAME", address, purpose);
}
