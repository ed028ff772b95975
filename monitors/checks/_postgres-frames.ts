import type { Socket } from "node:net";

/** Messages whose fields go on until a byte that is zero: ErrorResponse and NoticeResponse. */
const UNTIL_ZERO: ReadonlySet<number> = new Set([..."EN"].map((letter) => letter.charCodeAt(0)));

/** A byte for the type, and the length of all that follows (PostgreSQL's manual, "Message Formats"). */
const HEAD = 5;
const LENGTH = 4;

/**
 * Follows a server's messages: `pg` reads the fields of an error until it finds their end, and for ever where there is none (pg-protocol
 * 1.16, `parseErrorMessage`), so that one server would stop all checks.
 */
export class Frames {
  #head: number[] = [];
  #left = 0;
  /** The last two bytes of the message so far. */
  #last: [number, number] = [0, 0];
  #broken = false;

  /** Whether a piece has come that is no message, or one without an end. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Takes the next piece; gives whether all that came may be read. */
  take(piece: Uint8Array): boolean {
    for (let at = 0; at < piece.length && !this.#broken; ) {
      if (this.#head.length < HEAD) {
        this.#head.push(piece[at++]!);
        if (this.#head.length === HEAD) this.#begin();
        continue;
      }
      const end = Math.min(piece.length, at + this.#left);
      if (end - at > 1) this.#last = [piece[end - 2]!, piece[end - 1]!];
      else this.#last = [this.#last[1], piece[at]!];
      this.#left -= end - at;
      at = end;
      if (this.#left === 0) this.#end();
    }
    return !this.#broken;
  }

  #begin(): void {
    this.#left = Buffer.from(this.#head).readInt32BE(1) - LENGTH;
    // A single zero is an end too, nothing at all is none.
    this.#last = [0, this.#left > 0 ? 0 : 1];
    if (this.#left < 0) this.#broken = true;
    else if (this.#left === 0) this.#end();
  }

  #end(): void {
    // Whatever is between, a field's end and a zero after it are found before the message is over.
    if (UNTIL_ZERO.has(this.#head[0]!) && (this.#last[0] !== 0 || this.#last[1] !== 0)) this.#broken = true;
    this.#head = [];
  }
}

/** Has a connection cut before a library reads from it what it should not. */
export function watchFrames(socket: Socket): Frames {
  const frames = new Frames();
  const emit = socket.emit.bind(socket) as (event: string | symbol, ...args: unknown[]) => boolean;
  socket.emit = (event: string | symbol, ...args: unknown[]) => {
    if (event !== "data" || frames.take(args[0] as Buffer)) return emit(event, ...args);
    socket.destroy();
    return false;
  };
  return frames;
}
