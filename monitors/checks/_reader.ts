import { once } from "node:events";
import type { Socket } from "node:net";

/** What is read at most before the reader gives up, in bytes. */
const MOST = 64 * 1024;

/** More came than may be read before the expected end. */
export class TooMuch extends Error {
  override name = "TooMuch";
  readonly code = "VIGIE_TOO_LARGE";
}

/** Reads a socket piece by piece, so that what is not consumed stays for whoever comes next: TLS, or a library. */
export class Reader {
  readonly #socket: Socket;
  #seen: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** The next line without its end (CR LF or LF), as Latin-1: every byte is a character. */
  async line(): Promise<string> {
    for (let from = 0; ; ) {
      const end = this.#seen.indexOf(10, from);
      if (end >= 0)
        return this.#take(end + 1)
          .toString("latin1")
          .replace(/\r?\n$/, "");
      from = this.#seen.length;
      await this.#more();
    }
  }

  async bytes(count: number): Promise<Buffer> {
    while (this.#seen.length < count) await this.#more();
    return this.#take(count);
  }

  /** Gives back what was read and not taken. */
  release(): void {
    if (this.#seen.length > 0) this.#socket.unshift(this.#seen);
    this.#seen = Buffer.alloc(0);
  }

  #take(count: number): Buffer {
    const taken = this.#seen.subarray(0, count);
    this.#seen = this.#seen.subarray(count);
    return taken;
  }

  async #more(): Promise<void> {
    if (this.#seen.length > MOST) throw new TooMuch(`more than ${MOST} bytes without what was expected`);
    for (;;) {
      const piece = this.#socket.read() as Buffer | null;
      if (piece !== null) {
        this.#seen = Buffer.concat([this.#seen, piece]);
        return;
      }
      if (this.#socket.readableEnded || this.#socket.destroyed)
        throw this.#socket.errored ?? Object.assign(new Error("the server hung up"), { code: "ECONNRESET" });
      // One listener of each, gone with the others: a socket is waited on many times.
      const waiting = new AbortController();
      const { signal } = waiting;
      await Promise.race(["readable", "end", "close"].map((event) => once(this.#socket, event, { signal }))).finally(
        () => waiting.abort(),
      );
    }
  }
}
