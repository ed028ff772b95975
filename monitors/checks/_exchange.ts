import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import { Client, type Dispatcher } from "undici";
import type { RunContext } from "../check.ts";
import { type AddressWish, openSocket, type Phases } from "../net/connect.ts";
import type { Judged } from "./_expectations.ts";

export interface Request {
  url: URL;
  method: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
  /** Whether HTTP/2 (RFC 9113) is offered by ALPN; on https only. */
  http2?: boolean;
  /** Which addresses are tried. */
  addresses?: AddressWish;
}

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
  const { url, method, http2 = false } = request;
  const secure = url.protocol === "https:";
  let opened: Opened | undefined;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const client = new Client(url.origin, {
    connect: (_options, callback) => {
      openSocket(
        { host, port: Number(url.port || (secure ? 443 : 80)) },
        context,
        secure ? { serverName: host, protocols: http2 ? ["h2", "http/1.1"] : ["http/1.1"] } : undefined,
        request.addresses,
      ).then(
        (found) => {
          const tls = found.socket as TLSSocket;
          opened = {
            phases: found.phases,
            address: found.socket.remoteAddress ?? "",
            protocol: (secure && tls.alpnProtocol) || "http/1.1",
            ...(secure ? { certificateEnd: Date.parse(tls.getPeerCertificate().valid_to) } : {}),
          };
          callback(null, found.socket as Socket);
        },
        (error) => callback(error, null),
      );
    },
    // One deadline covers the whole run: the engine's.
    headersTimeout: 0,
    bodyTimeout: 0,
    pipelining: 1,
    allowH2: http2,
    maxHeaderSize: MOST_HEADERS,
  });
  const stop = () => client.destroy(context.signal.reason);
  context.signal.addEventListener("abort", stop, { once: true });
  let answer: Answer | undefined;
  try {
    answer = await new Promise<Answer>((resolve, reject) => {
      const reader = new Reader(maxBytes, context, () => opened!, resolve, reject);
      client.dispatch(
        {
          origin: url.origin,
          path: url.pathname + url.search,
          method: method as Dispatcher.HttpMethod,
          headers: { "user-agent": USER_AGENT, accept: "*/*", ...request.headers },
          body: request.body,
          reset: true,
        },
        reader,
      );
    });
    return answer;
  } finally {
    context.signal.removeEventListener("abort", stop);
    // `reset` closes the connection after a whole answer; there is nothing left to destroy then, and errors cost time.
    if (answer === undefined || answer.cut || answer.protocol === "h2") client.destroy(null);
  }
}

/** How long the header of an answer may be, in bytes. */
const MOST_HEADERS = 64 * 1024;

interface Opened {
  phases: Phases;
  address: string;
  protocol: string;
  certificateEnd?: number;
}

/** Collects one answer, and ends the exchange once enough has been read. */
class Reader implements Dispatcher.DispatchHandler {
  readonly #limit: number;
  readonly #context: RunContext;
  readonly #opened: () => Opened;
  readonly #resolve: (answer: Answer) => void;
  readonly #reject: (error: Error) => void;
  #sent = 0;
  #firstByte = 0;
  #status = 0;
  #headers: Record<string, string | string[]> = {};
  #pieces: Buffer[] = [];
  #size = 0;

  constructor(
    limit: number,
    context: RunContext,
    opened: () => Opened,
    resolve: (answer: Answer) => void,
    reject: (error: Error) => void,
  ) {
    this.#limit = limit;
    this.#context = context;
    this.#opened = opened;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onRequestStart(): void {
    this.#sent = performance.now();
    this.#context.step("waiting for the answer");
  }

  onResponseStart(_: unknown, status: number, headers: Record<string, string | string[]>): void {
    this.#context.step("reading the body", { status, headers });
    this.#firstByte = performance.now();
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, piece: Buffer): void {
    const room = this.#limit - this.#size;
    this.#pieces.push(piece.length > room ? piece.subarray(0, room) : piece);
    this.#size += Math.min(piece.length, room);
    if (piece.length <= room) return;
    this.#finish(true);
    controller.abort(new Error("read enough"));
  }

  onResponseEnd(): void {
    this.#finish(false);
  }

  onResponseError(_: unknown, error: Error): void {
    this.#reject(error);
  }

  #finish(cut: boolean): void {
    const now = performance.now();
    this.#resolve(
      new Complete(
        this.#status,
        this.#headers,
        Buffer.concat(this.#pieces),
        cut,
        {
          ...this.#opened().phases,
          first_byte_seconds: (this.#firstByte - this.#sent) / 1000,
          transfer_seconds: (now - this.#firstByte) / 1000,
        },
        this.#opened(),
      ),
    );
  }
}

/** How much a compressed body may grow to, in bytes: a gzip bomb ends there. */
const MOST_INFLATED = 8 * 1024 * 1024;

const DECODERS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: (body) => gunzipSync(body, { maxOutputLength: MOST_INFLATED }),
  "x-gzip": (body) => gunzipSync(body, { maxOutputLength: MOST_INFLATED }),
  deflate: (body) => inflateSync(body, { maxOutputLength: MOST_INFLATED }),
  br: (body) => brotliDecompressSync(body, { maxOutputLength: MOST_INFLATED }),
};

class Complete implements Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly cut: boolean;
  readonly phases: Answer["phases"];
  readonly address: string;
  readonly protocol: string;
  readonly certificateEnd: number | undefined;
  readonly #headers: Record<string, string | string[]>;

  constructor(
    status: number,
    headers: Record<string, string | string[]>,
    body: Buffer,
    cut: boolean,
    phases: Answer["phases"],
    { address, protocol, certificateEnd }: Opened,
  ) {
    this.status = status;
    this.#headers = headers;
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
    const found = this.#headers[name.toLowerCase()];
    return Array.isArray(found) ? found.join(", ") : found;
  }

  /** Nothing compressed was asked for, yet some servers send it. */
  text(): string {
    const coding = this.header("content-encoding")?.trim().toLowerCase() ?? "identity";
    if (coding === "identity" || coding === "") return this.body.toString("utf8");
    const decode = DECODERS[coding];
    if (decode === undefined) throw new Error(`content-encoding ${JSON.stringify(coding)}`);
    return decode(this.body).toString("utf8");
  }
}
