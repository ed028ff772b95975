/** The clock has jumped ahead by so many milliseconds, or back where there are fewer than none; it shows `now` since. */
export interface Jump {
  readonly by: number;
  readonly now: number;
}

/**
 * A moment as the clock tells it after a jump, so that what is counted from it stays as long as it was. What was later than the
 * clock showed before is known from elsewhere, and right already.
 */
export const afterJump = (at: number, { by, now }: Jump): number => (at <= now - by ? at + by : at);

/** A difference between the two clocks that is a jump and not a drift, in milliseconds. */
const JUMP = 2000;

/** After a jump by more than this nothing is thrown away for so long as being old: the clock may have jumped astray. */
const DAY = 86_400_000;

/**
 * The time of day, which may be put right at any moment, held against the monotonic clock, which never jumps: what is
 * counted from one moment to another is told by how much the day's time jumped in between. A machine that was suspended
 * looks the same: the monotonic clock stood still.
 */
export class WallClock {
  readonly #onJump: (jump: Jump) => void;
  readonly #wall: () => number;
  readonly #steady: () => number;
  #offset: number;
  #doubtedUntil = Number.NEGATIVE_INFINITY;

  constructor(onJump: (jump: Jump) => void, wall = () => Date.now(), steady = () => performance.now()) {
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
      if (Math.abs(by) > DAY) this.#doubtedUntil = this.#steady() + DAY;
      this.#onJump({ by, now: wall });
    }
    return wall;
  }

  /** Whether what is old may be thrown away by it: not for a day after it has jumped by more than one. */
  get trusted(): boolean {
    this.now();
    return this.#steady() >= this.#doubtedUntil;
  }
}
