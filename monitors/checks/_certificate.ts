import type { DetailedPeerCertificate } from "node:tls";
import { chainWords, wrongIdentity } from "../net/certificates.ts";
import type { Reason } from "../reasons.ts";

export interface CertificateInput {
  certificate: DetailedPeerCertificate;
  /** The name it must be for. */
  name: string;
  /** What the TLS library holds against its chain, as an OpenSSL code; undefined where nothing. */
  authorization: string | undefined;
  /** Seconds; the usual bound when left out. */
  minRemaining?: number;
  /** Milliseconds since the epoch. */
  now: number;
}

export interface Verdict {
  problem?: { reason: Reason; message: string };
  measures: Record<string, number>;
  description: string;
}

const TWO_WEEKS = 14 * 86_400;
/** Authorities renew at two thirds of a certificate's life; half of what is left then is a reason to worry. */
const SHARE_LEFT = 1 / 6;

/** What is wrong with a certificate, the gravest first. */
export function verdict({ certificate, name, authorization, minRemaining, now }: CertificateInput): Verdict {
  if (certificate.valid_to === undefined)
    return {
      problem: { reason: "handshake", message: "the server showed no certificate" },
      measures: {},
      description: "",
    };
  const start = Date.parse(certificate.valid_from);
  const end = Date.parse(certificate.valid_to);
  const remaining = (end - now) / 1000;
  const needed = minRemaining ?? Math.min(TWO_WEEKS, ((end - start) / 1000) * SHARE_LEFT);
  const identity = wrongIdentity(name, certificate);
  const undated = Number.isNaN(start + end);
  const found: (readonly [wrong: boolean, reason: Reason, message: () => string])[] = [
    [
      undated,
      "untrusted",
      () => `not trusted: ${chainWords("ERROR_IN_CERT_NOT_AFTER_FIELD")}; issued by ${issuer(certificate)}`,
    ],
    [remaining <= 0, "expired", () => `expired on ${date(end)}`],
    [start > now, "not-yet-valid", () => `not valid before ${date(start)}`],
    [identity !== undefined, "wrong-name", () => `not for ${name}: ${names(certificate)}`],
    [
      authorization !== undefined,
      "untrusted",
      () => `not trusted: ${chainWords(authorization!)}; issued by ${issuer(certificate)}`,
    ],
    [
      remaining < needed,
      "expires-soon",
      () => `expires on ${date(end)}, in ${days(remaining)}; expected at least ${days(needed)} more`,
    ],
  ];
  const first = found.find(([wrong]) => wrong);
  return {
    ...(first
      ? { problem: { reason: first[1], message: `the certificate is ${first[2]()}`.replace("is expires", "expires") } }
      : {}),
    measures: undated
      ? {}
      : { certificate_expiry_timestamp_seconds: end / 1000, certificate_start_timestamp_seconds: start / 1000 },
    description: `for ${names(certificate)}, issued by ${issuer(certificate)}, until ${date(end)}`,
  };
}

const date = (ms: number): string => (Number.isNaN(ms) ? "?" : new Date(ms).toISOString().replace(/\.\d+Z$/, "Z"));
const days = (seconds: number): string =>
  seconds >= 2 * 86_400 ? `${Math.floor(seconds / 86_400)} d` : `${Math.max(0, Math.floor(seconds / 3600))} h`;
const names = ({ subjectaltname, subject }: DetailedPeerCertificate): string =>
  JSON.stringify((subjectaltname ?? `no name but the common one, ${subject?.CN ?? "nobody"}`).slice(0, 200));
const issuer = ({ issuer: by }: DetailedPeerCertificate): string =>
  JSON.stringify(String(by?.O ?? by?.CN ?? "nobody").slice(0, 100));
