import type { Reason } from "../reasons.ts";
import { chainWords, opensslWords } from "./certificates.ts";

/** Reasons of the errors of connections, TLS, HTTP parsing and name look-ups, by the error's code. */
const BY_CODE: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: "refused",
  EHOSTUNREACH: "unreachable",
  EHOSTDOWN: "unreachable",
  ENETUNREACH: "unreachable",
  ENETDOWN: "unreachable",
  ETIMEDOUT: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  ECONNRESET: "closed",
  ECONNABORTED: "closed",
  EPIPE: "closed",
  VIGIE_TOO_LARGE: "too-large",
  VIGIE_HANDSHAKE: "handshake",
  VIGIE_MALFORMED: "malformed",
  LiteralTooLarge: "too-large",
  UND_ERR_SOCKET: "closed",
  UND_ERR_INFO: "closed",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "malformed",
  UND_ERR_HEADERS_OVERFLOW: "too-large",
  HPE_HEADER_OVERFLOW: "too-large",
  ENOTFOUND: "name-not-found",
  ENODATA: "name-not-found",
  EBADNAME: "name-not-found",
  ESERVFAIL: "resolver-failed",
  EREFUSED: "resolver-failed",
  ETIMEOUT: "resolver-failed",
  EFORMERR: "resolver-failed",
  ENOTIMP: "resolver-failed",
  EBADRESP: "resolver-failed",
  EPROTO: "handshake",
  ERR_SSL_UNSUPPORTED_PROTOCOL: "weak-protocol",
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: "weak-protocol",
  VIGIE_FORBIDDEN_ADDRESS: "redirect",
  CERT_HAS_EXPIRED: "expired",
  CERT_NOT_YET_VALID: "not-yet-valid",
  ERR_TLS_CERT_ALTNAME_INVALID: "wrong-name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "untrusted",
  SELF_SIGNED_CERT_IN_CHAIN: "untrusted",
  UNABLE_TO_GET_ISSUER_CERT: "untrusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "untrusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "untrusted",
  INVALID_CA: "untrusted",
  INVALID_PURPOSE: "untrusted",
  PATH_LENGTH_EXCEEDED: "untrusted",
  HOSTNAME_MISMATCH: "wrong-name",
  UNSPECIFIED: "untrusted",
};

/** Families of codes, for those that have too many members to list. */
const BY_PREFIX: readonly (readonly [string, Reason])[] = [
  ["HPE_", "malformed"],
  ["ERR_HTTP2_", "malformed"],
  ["ERR_SSL_", "handshake"],
  ["ERR_TLS_", "handshake"],
  ["CERT_", "untrusted"],
  ["ERROR_IN_CERT_", "untrusted"],
  ["UNABLE_TO_DEC", "untrusted"],
];

/** Why something that was thrown while a target was checked was thrown; `internal` where it is nothing known. */
export function reasonOfError(error: unknown): Reason {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    const { code, name } = at as { code?: unknown; name: string };
    if (code === undefined && name === "HTTPParserError") return "malformed";
    // Libraries put other things there too: ssh2 the number that a server gives for hanging up.
    if (typeof code !== "string") continue;
    const reason = BY_CODE[code] ?? BY_PREFIX.find(([prefix]) => code.startsWith(prefix))?.[1];
    if (reason) return reason;
  }
  return "internal";
}

/** What volunteers read, where the error's own words would not help. */
const WORDS: Partial<Record<Reason, string>> = {
  refused: "the connection was refused: nothing listens there",
  unreachable: "the machine cannot be reached",
  closed: "the connection was cut before the answer was complete",
  "name-not-found": "the name has no address",
  "resolver-failed": "the name servers do not answer",
};

export function describeError(error: unknown, reason: Reason): string {
  const own = opensslWords(error instanceof Error ? error.message : String(error));
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  // Its own words are advice to those who run Node.
  if (reason === "untrusted" && code !== undefined) return `the certificate is not trusted: ${chainWords(code)}`;
  const words = WORDS[reason];
  return words === undefined ? own : `${words} (${own})`;
}
