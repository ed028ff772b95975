/** A body as it arrives, up to a number of bytes. */
export class Pieces {
  readonly #most: number;
  readonly #kept: Buffer[] = [];
  #size = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Keeps what there is room for. False where that is not all of it. */
  add(piece: Buffer): boolean {
    const room = this.#most - this.#size;
    const whole = piece.length <= room;
    this.#kept.push(whole ? piece : piece.subarray(0, room));
    this.#size += Math.min(piece.length, room);
    return whole;
  }

  get body(): Buffer {
    return Buffer.concat(this.#kept);
  }
}
