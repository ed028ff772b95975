import { Client, type Dispatcher } from "undici";
import { type Exchanger, MOST_HEADERS, type Received } from "./_exchanger.ts";
import { Pieces } from "./_pieces.ts";

/** HTTP/2 (RFC 9113) by undici; loaded only where a server has agreed on it. */
export const http2: Exchanger = async (socket, { url, method, headers, body }, maxBytes, context) => {
  const client = new Client(url.origin, {
    connect: (_options, callback) => callback(null, socket),
    // One deadline covers the whole run: the engine's.
    headersTimeout: 0,
    bodyTimeout: 0,
    pipelining: 1,
    allowH2: true,
    maxHeaderSize: MOST_HEADERS,
  });
  const stop = () => client.destroy(context.signal.reason);
  context.signal.addEventListener("abort", stop, { once: true });
  // The authority is a pseudo-header (RFC 9113 section 8.3.1).
  const { host: _, ...others } = headers;
  try {
    return await new Promise<Received>((resolve, reject) => {
      client.dispatch(
        {
          origin: url.origin,
          path: url.pathname + url.search,
          method: method as Dispatcher.HttpMethod,
          headers: others,
          body,
          reset: true,
        },
        new Reader(maxBytes, context.step, resolve, reject),
      );
    });
  } finally {
    context.signal.removeEventListener("abort", stop);
    client.destroy(null);
  }
};

/** Collects one answer, and ends the exchange once enough has been read. */
class Reader implements Dispatcher.DispatchHandler {
  readonly #pieces: Pieces;
  readonly #step: (doing: string, detail?: unknown) => void;
  readonly #resolve: (answer: Received) => void;
  readonly #reject: (error: Error) => void;
  #sentAt = 0;
  #firstByteAt = 0;
  #status = 0;
  #headers: Received["headers"] = {};

  constructor(
    limit: number,
    step: (doing: string, detail?: unknown) => void,
    resolve: (answer: Received) => void,
    reject: (error: Error) => void,
  ) {
    this.#pieces = new Pieces(limit);
    this.#step = step;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onRequestStart(): void {
    this.#sentAt = performance.now();
    this.#step("waiting for the answer");
  }

  onResponseStart(_: unknown, status: number, headers: Received["headers"]): void {
    this.#step("reading the body", { status, headers });
    this.#firstByteAt = performance.now();
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, piece: Buffer): void {
    if (this.#pieces.add(piece)) return;
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
    this.#resolve({
      status: this.#status,
      headers: this.#headers,
      body: this.#pieces.body,
      cut,
      sentAt: this.#sentAt,
      firstByteAt: this.#firstByteAt,
    });
  }
}
