/** Waiting that ends once a signal says so. */
export class Timers {
  readonly #stopping: AbortSignal;

  constructor(stopping: AbortSignal) {
    this.#stopping = stopping;
  }

  repeat(milliseconds: number, action: () => void): void {
    if (this.#stopping.aborted) return;
    const timer = setInterval(action, milliseconds);
    this.atEnd(() => clearInterval(timer));
  }

  once(milliseconds: number, action: () => void): void {
    void this.pause(milliseconds).then(() => this.stopped || action());
  }

  get stopped(): boolean {
    return this.#stopping.aborted;
  }

  atEnd(action: () => void): void {
    this.#stopping.addEventListener("abort", action, { once: true });
  }

  /** Ends early, without an error, where the signal comes first. */
  pause(milliseconds: number): Promise<void> {
    if (this.#stopping.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#stopping.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      this.#stopping.addEventListener("abort", end, { once: true });
    });
  }
}
