import type { Reason } from "../reasons.ts";

/** What a placeholder stands for. `milliseconds` are numbers that may also be written as a length of time (`500ms`, `48h`). */
export type PlaceType = "number" | "milliseconds" | "text" | "truth" | "document" | "fields" | "carried";

/** Something of an answer that conditions can look at. */
export interface Place {
  is: PlaceType;
  /** One sentence for the documentation. */
  help: string;
  /** Why the check fails when a condition on it does not hold. */
  reason: Reason;
}

const place = (is: PlaceType, reason: Reason, help: string): Place => ({ is, reason, help });

/** Every placeholder; each kind of check offers some of them. */
export const PLACES = {
  STATUS: place("number", "wrong-status", "Status code of the last answer."),
  RESPONSE_TIME: place("milliseconds", "too-slow", "How long the run took; a bare number is in milliseconds."),
  BODY: place(
    "document",
    "wrong-body",
    "The body as text, without spaces and ends of lines around it; with a path (`[BODY].a.b[0]`), a value of the JSON that it holds.",
  ),
  HEADERS: place("fields", "wrong-header", "A header field by name: `[HEADERS].content-type`."),
  CONTEXT: place(
    "carried",
    "wrong-body",
    "A value of a journey: a secret's, or one that an earlier step found: `[BODY].total == [CONTEXT].total`.",
  ),
  IP: place("text", "wrong-address", "The address that was connected to."),
  CONNECTED: place("truth", "unexpected", "Whether the connection could be opened."),
  CERTIFICATE_EXPIRATION: place("milliseconds", "expires-soon", "How long the certificate is still good for."),
  TLS_VERSION: place("text", "weak-protocol", "The protocol agreed on, as TLSv1.3."),
  DOMAIN_EXPIRATION: place("milliseconds", "domain-expires-soon", "How long the domain is still registered for."),
  DNS_RCODE: place("text", "wrong-record", "The response code, such as NOERROR or NXDOMAIN (RFC 1035, RFC 6895)."),
  DNS_AUTHENTICATED: place("truth", "not-authenticated", "Whether the resolver has verified the answer (DNSSEC, AD)."),
  LOSS: place("number", "packet-loss", "Share of the echoes that did not come back, in per cent."),
  JITTER: place("milliseconds", "jitter", "Mean difference between one round trip and the next."),
  ROWS: place("number", "wrong-rows", "How many rows came back."),
} as const satisfies Record<string, Place>;

export type PlaceName = keyof typeof PLACES;
