import type { TLSSocket } from "node:tls";
import type { RunContext } from "../check.ts";
import { openSocket, type Phases } from "../net/connect.ts";
import { fieldText, textIn } from "./_charset.ts";
import { http1 } from "./_exchange-http1.ts";
import type { Received, Request } from "./_exchanger.ts";
import type { Judged } from "./_expectations.ts";
import { unpacked } from "./_unpack.ts";

export interface Answer extends Judged {
  body: Buffer;
  /** How long each part took, in seconds. */
  phases: Phases & { first_byte_seconds: number; transfer_seconds: number };
  /** The address that answered. */
  address: string;
  /** `h2` or `http/1.1`. */
  protocol: string;
  /** Each `Set-Cookie` field. */
  cookies: readonly string[];
  /** When the certificate ends, in milliseconds since the epoch; https only. */
  certificateEnd: number | undefined;
}

/** What servers see in their logs (RFC 9110 section 10.1.5). */
const USER_AGENT = "vigie";

/**
 * One request over a connection of its own, which is closed afterwards: what a member's first visit meets.
 * Reads `maxBytes` of body at most. Rejects with the connection's or the parser's error.
 */
export async function exchange(request: Request, maxBytes: number, context: RunContext): Promise<Answer> {
  const { url, http2 = false } = request;
  const secure = url.protocol === "https:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const { socket, phases, address } = await openSocket(
    { host, port: Number(url.port || (secure ? 443 : 80)) },
    context,
    secure ? { serverName: host, protocols: http2 ? ["h2", "http/1.1"] : ["http/1.1"] } : undefined,
    request.addresses,
  );
  // Read before the answer: a socket that has been closed knows no longer.
  const tls = secure ? (socket as TLSSocket) : undefined;
  const opened = {
    address,
    protocol: tls?.alpnProtocol || "http/1.1",
    certificateEnd: tls && Date.parse(tls.getPeerCertificate().valid_to),
  };
  const over = opened.protocol === "h2" ? (await import("./_exchange-http2.ts")).http2 : http1;
  const headers = { host: url.host, "user-agent": USER_AGENT, accept: "*/*", ...request.headers };
  const received = await over(socket, { ...request, headers }, maxBytes, context);
  return new Complete(received, opened, maxBytes, {
    ...phases,
    first_byte_seconds: (received.firstByteAt - received.sentAt) / 1000,
    transfer_seconds: (performance.now() - received.firstByteAt) / 1000,
  });
}

interface Opened {
  address: string;
  protocol: string;
  certificateEnd: number | undefined;
}

class Complete implements Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly cut: boolean;
  readonly phases: Answer["phases"];
  readonly address: string;
  readonly protocol: string;
  readonly certificateEnd: number | undefined;
  readonly #headers: Received["headers"];
  readonly #most: number;

  constructor(
    { status, headers, body, cut }: Received,
    { address, protocol, certificateEnd }: Opened,
    most: number,
    phases: Answer["phases"],
  ) {
    this.status = status;
    this.#headers = headers;
    this.#most = most;
    this.body = body;
    this.cut = cut;
    this.phases = phases;
    this.address = address;
    this.protocol = protocol;
    this.certificateEnd = certificateEnd;
  }

  get cookies(): readonly string[] {
    const found = this.#headers["set-cookie"] ?? [];
    return Array.isArray(found) ? found : [found];
  }

  header(name: string): string | undefined {
    const own = name.toLowerCase();
    // What every object inherits, `constructor`, is no header.
    const found = Object.hasOwn(this.#headers, own) ? this.#headers[own] : undefined;
    const value = Array.isArray(found) ? found.join(", ") : found;
    return value && fieldText(value);
  }

  text(): string {
    return textIn(unpacked(this.body, this.header("content-encoding"), this.#most), this.header("content-type"));
  }
}
