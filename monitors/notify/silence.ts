/** What is told from a second place: that the lookout is silent, or that it is there and alerts do not get through; or that this is over. */
export interface SilenceNews {
  readonly what: "lookout" | "alerts";
  readonly ended: boolean;
  /** For how long, in milliseconds. */
  readonly forMs: number;
}

/** What could not be told is tried again after this, in milliseconds. */
export const RETRY_MS = 60_000;

/**
 * Watches over those who watch, from elsewhere: somebody is told once when nothing has proven for a while that alerts get through, and
 * once when that is over. Times are of a clock that never jumps, in milliseconds.
 */
export class Silence {
  readonly #patience: number;
  readonly #tell: (news: SilenceNews) => Promise<void>;
  /** When the lookout last asked, and when alerts are last known to have got through. */
  #asked: number;
  #through: number;
  #told: SilenceNews["what"] | undefined;
  #tried = Number.NEGATIVE_INFINITY;
  #busy = false;

  constructor(patienceMs: number, now: number, tell: (news: SilenceNews) => Promise<void>) {
    this.#patience = patienceMs;
    this.#tell = tell;
    this.#asked = now;
    this.#through = now;
  }

  /** The lookout has asked. @param ageMs how long ago an alert got through to it; undefined where it knows of none */
  heard(ageMs: number | undefined, now: number): void {
    this.#asked = now;
    if (ageMs !== undefined) this.#through = Math.max(this.#through, now - Math.max(0, ageMs));
  }

  async look(now: number): Promise<void> {
    const silent = now - this.#through > this.#patience;
    if (this.#busy || silent === (this.#told !== undefined) || now - this.#tried < RETRY_MS) return;
    const what = this.#told ?? (now - this.#asked > this.#patience ? "lookout" : "alerts");
    this.#busy = true;
    try {
      await this.#tell({ what, ended: !silent, forMs: now - this.#through });
      this.#told = silent ? what : undefined;
    } catch {
      this.#tried = now;
    } finally {
      this.#busy = false;
    }
  }
}
