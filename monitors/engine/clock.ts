/** A difference between the two clocks that is a jump and not a drift, in milliseconds. */
const JUMP = 2000;

/**
 * The time of day, which may be put right at any moment, held against the monotonic clock, which never jumps: what is
 * counted from one moment to another is told by how much the day's time jumped in between. A machine that was suspended
 * looks the same: the monotonic clock stood still.
 */
export class WallClock {
  readonly #onJump: (by: number) => void;
  readonly #wall: () => number;
  readonly #steady: () => number;
  #offset: number;

  /** @param onJump told the milliseconds that the clock has jumped ahead by; negative where it was put back. */
  constructor(onJump: (by: number) => void, wall = () => Date.now(), steady = () => performance.now()) {
    this.#onJump = onJump;
    this.#wall = wall;
    this.#steady = steady;
    this.#offset = wall() - steady();
  }

  /** Milliseconds since the epoch; tells of a jump first. */
  now(): number {
    const wall = this.#wall();
    const offset = wall - this.#steady();
    const by = offset - this.#offset;
    if (Math.abs(by) > JUMP) {
      this.#offset = offset;
      this.#onJump(by);
    }
    return wall;
  }
}
