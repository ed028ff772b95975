import type { Reason } from "../reasons.ts";

/** The types of records that can be asked for. */
export const RECORD_TYPES = [
  "A",
  "AAAA",
  "CAA",
  "CNAME",
  "DNSKEY",
  "DS",
  "MX",
  "NAPTR",
  "NS",
  "PTR",
  "SOA",
  "SRV",
  "SSHFP",
  "TLSA",
  "TXT",
] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Each type's records as one line of a zone file (RFC 1035 section 5). */
const WRITE: { [Type in RecordType]: (record: never) => string } = {
  A: (address: string) => address,
  AAAA: (address: string) => address,
  CNAME: (name: string) => name,
  NS: (name: string) => name,
  PTR: (name: string) => name,
  MX: ({ preference = 0, exchange }: { preference?: number; exchange: string }) => `${preference} ${exchange}`,
  SRV: ({ priority, weight, port, target }: { priority: number; weight: number; port: number; target: string }) =>
    `${priority} ${weight} ${port} ${target}`,
  TXT: (pieces: Uint8Array[] | Uint8Array) =>
    `"${[pieces]
      .flat()
      .map((piece) => Buffer.from(piece as Uint8Array).toString("utf8"))
      .join("")}"`,
  CAA: ({ flags = 0, tag, value }: { flags?: number; tag: string; value: string }) => `${flags} ${tag} "${value}"`,
  DNSKEY: ({ flags, algorithm, key }: { flags: number; algorithm: number; key: Uint8Array }) =>
    `${flags} 3 ${algorithm} ${Buffer.from(key).toString("base64")}`,
  DS: (r: { keyTag: number; algorithm: number; digestType: number; digest: Uint8Array }) =>
    `${r.keyTag} ${r.algorithm} ${r.digestType} ${hex(r.digest)}`,
  NAPTR: (r: {
    order: number;
    preference: number;
    flags: string;
    services: string;
    regexp: string;
    replacement: string;
  }) => `${r.order} ${r.preference} "${r.flags}" "${r.services}" "${r.regexp}" ${r.replacement}`,
  SSHFP: (r: { algorithm: number; hash: number; fingerprint: string }) => `${r.algorithm} ${r.hash} ${r.fingerprint}`,
  TLSA: (r: { usage: number; selector: number; matchingType: number; certificate: Uint8Array }) =>
    `${r.usage} ${r.selector} ${r.matchingType} ${hex(r.certificate)}`,
  SOA: (r: {
    mname: string;
    rname: string;
    serial?: number;
    refresh?: number;
    retry?: number;
    expire?: number;
    minimum?: number;
  }) => [r.mname, r.rname, r.serial, r.refresh, r.retry, r.expire, r.minimum].join(" "),
};

/** A record's data, as `dns-packet` decodes it, on one line. */
export const written = (type: RecordType, data: unknown): string => WRITE[type](data as never);

/** What each response code means; NOERROR without a record is told apart by the caller. */
export const RCODES: Readonly<Record<string, readonly [Reason, string]>> = {
  NXDOMAIN: ["name-not-found", "the name does not exist (NXDOMAIN)"],
  SERVFAIL: ["resolver-failed", "the server failed (SERVFAIL)"],
  REFUSED: ["resolver-failed", "the server refused to answer (REFUSED)"],
  NOTIMP: ["resolver-failed", "the server does not know this kind of question (NOTIMP)"],
  FORMERR: ["resolver-failed", "the server did not understand the question (FORMERR)"],
};
