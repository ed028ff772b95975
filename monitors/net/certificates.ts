import { checkServerIdentity, type PeerCertificate } from "node:tls";

/**
 * What is wrong with the names of a certificate; undefined where one is the server's.
 *
 * Names are those of the extension only (RFC 9525 section 2): Node still takes the common name where there are none, which
 * browsers have refused for years, so that the lookout would call good what no member can open.
 */
export function wrongIdentity(name: string, certificate: PeerCertificate): Error | undefined {
  if (certificate.subjectaltname) return checkServerIdentity(name, certificate);
  return Object.assign(new Error(`the certificate has no subjectAltName, which alone names ${name} (RFC 9525)`), {
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
  });
}

const UNKNOWN = "its authority is not known here, or the server leaves out an intermediate certificate";

/** What OpenSSL holds against a chain, in words, by its code. */
const CHAIN: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN,
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is signed by itself, by no authority",
  SELF_SIGNED_CERT_IN_CHAIN: "its authority is not known here",
  CERT_HAS_EXPIRED: "a certificate of its chain has expired",
  CERT_NOT_YET_VALID: "a certificate of its chain is not valid yet",
  CERT_SIGNATURE_FAILURE: "its signature is wrong",
  ERROR_IN_CERT_NOT_BEFORE_FIELD: "its dates cannot be read",
  ERROR_IN_CERT_NOT_AFTER_FIELD: "its dates cannot be read",
  INVALID_CA: "a certificate of its chain may not issue others",
  PATH_LENGTH_EXCEEDED: "a certificate of its chain may not issue others",
  INVALID_PURPOSE: "it is not made for servers",
  UNSPECIFIED: "a key of its chain is too weak, or it has conditions that are not known here",
};

export const chainWords = (code: string): string => CHAIN[code] ?? code;

/** OpenSSL's `405DA6…:error:0A000098:SSL routines:function:what went wrong:file:line:` as what went wrong. */
export const opensslWords = (text: string): string =>
  text.replace(/[0-9A-F]{6,}:error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):[^\n]*\n?/g, "$1").trim();
