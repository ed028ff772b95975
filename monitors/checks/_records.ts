import { Resolver } from "node:dns/promises";
import type { Reason } from "../reasons.ts";

export const RECORD_TYPES = ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TLSA", "TXT"] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

export type Answered = { ok: true; records: string[] } | { ok: false; reason: Reason; message: string };

export interface Question {
  name: string;
  type: RecordType;
  /** `address` or `address:port`; the machine's own servers when left out. */
  server?: string;
  timeoutMs: number;
  signal: AbortSignal;
}

/** Each type's records as one line of a zone file (RFC 1035 section 5). */
const WRITE: { [Type in RecordType]: (record: never) => string } = {
  A: (address: string) => address,
  AAAA: (address: string) => address,
  CNAME: (name: string) => name,
  NS: (name: string) => name,
  PTR: (name: string) => name,
  MX: ({ priority, exchange }: { priority: number; exchange: string }) => `${priority} ${exchange}`,
  SRV: ({ priority, weight, port, name }: { priority: number; weight: number; port: number; name: string }) =>
    `${priority} ${weight} ${port} ${name}`,
  TXT: (pieces: string[]) => `"${pieces.join("")}"`,
  CAA: ({ critical, type: _, ...rest }: { critical: number; type?: string } & Record<string, string | number>) => {
    const [tag, value] = Object.entries(rest)[0] ?? ["", ""];
    return `${critical} ${tag} "${value}"`;
  },
  TLSA: (r: { certUsage: number; selector: number; match: number; data: ArrayBuffer }) =>
    `${r.certUsage} ${r.selector} ${r.match} ${Buffer.from(r.data).toString("hex")}`,
  SOA: (r: {
    nsname: string;
    hostmaster: string;
    serial: number;
    refresh: number;
    retry: number;
    expire: number;
    minttl: number;
  }) => [r.nsname, r.hostmaster, r.serial, r.refresh, r.retry, r.expire, r.minttl].join(" "),
};

const FAILURES: Readonly<Record<string, readonly [Reason, string]>> = {
  ENODATA: ["no-record", "the name has no such record"],
  ENOTFOUND: ["name-not-found", "the name does not exist (NXDOMAIN)"],
  ESERVFAIL: ["resolver-failed", "the server failed (SERVFAIL)"],
  EREFUSED: ["resolver-failed", "the server refused to answer (REFUSED)"],
  ENOTIMP: ["resolver-failed", "the server does not know this kind of question (NOTIMP)"],
  EFORMERR: ["resolver-failed", "the server did not understand the question (FORMERR)"],
  ECONNREFUSED: ["refused", "nothing listens there"],
  EBADRESP: ["malformed", "the answer is malformed"],
  EBADNAME: ["malformed", "the answer holds a malformed name"],
  ETIMEOUT: ["timeout", "no answer"],
};

/** Asks one question. UDP first, TCP where the answer is cut (RFC 7766). */
export async function query({ name, type, server, timeoutMs, signal }: Question): Promise<Answered> {
  // Two tries within the time: datagrams get lost.
  const resolver = new Resolver({ timeout: Math.max(100, Math.floor(timeoutMs / 3.5)), tries: 2 });
  if (server !== undefined) resolver.setServers([server]);
  const cancel = () => resolver.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const found: unknown = await resolver.resolve(name.replace(/\.$/, ""), type);
    const records = Array.isArray(found) ? found : [found];
    return { ok: true, records: records.map((record) => WRITE[type](record as never)) };
  } catch (error) {
    signal.throwIfAborted();
    const { code = "", message } = error as NodeJS.ErrnoException;
    const [reason, words] = FAILURES[code] ?? ["internal", message];
    return { ok: false, reason, message: `${name} ${type}: ${words}` };
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}
