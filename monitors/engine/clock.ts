/** The clock has jumped ahead by so many milliseconds, or back where there are fewer than none; it shows `now` since. */
export interface Jump {
  readonly by: number;
  readonly now: number;
}

const DAY = 86_400_000;

/**
 * A moment as the clock tells it after a jump, so that what is counted from it stays as long as it was. What was later than the
 * clock showed before is known from elsewhere, and right already; so is what was past before a clock came to be days ahead.
 */
export function afterJump(at: number, { by, now }: Jump): number {
  const isRight = at > now - by || (by < -DAY && at <= now);
  return isRight ? at : at + by;
}

/** A clock that shows less was never set: nobody ran Vigie then. */
const FIRST = Date.UTC(2026, 0, 1);

/** Whether the machine's clock shows nothing of use: it has no battery, and nobody has told it the time yet. */
export const isUnset = (now: number): boolean => now < FIRST;

/** A difference between the two clocks that is a jump and not a drift, in milliseconds. */
const JUMP = 2000;

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

  constructor(onJump: (jump: Jump) => void, wall = () => Date.now(), steady = () => performance.now()) {
    this.#onJump = onJump;
    this.#wall = wall;
    this.#steady = steady;
    this.#offset = wall() - steady();
  }

  /** Milliseconds since the epoch; tells of a jump first. */
  now(): number {
    const wall = this.#wall();
    // Whole milliseconds, as all moments are: files take no others.
    const by = Math.round(wall - this.#steady() - this.#offset);
    if (Math.abs(by) > JUMP) {
      this.#offset += by;
      this.#onJump({ by, now: wall });
    }
    return wall;
  }
}
