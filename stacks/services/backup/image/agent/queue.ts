/** Runs tasks one after the other. A task that is already waiting is not added again: its turn comes anyway. */
export class Queue {
  readonly #waiting = new Map<string, { run: () => Promise<unknown>; settled: PromiseWithResolvers<unknown> }>();
  #working: Promise<void> | undefined;
  #closed = false;

  /** Resolves with what `run` gave; with what the waiting run of the same key gives, where there is one. */
  add<T>(key: string, run: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new Error("the agent is stopping"));
    const waiting = this.#waiting.get(key);
    if (waiting) return waiting.settled.promise as Promise<T>;
    const settled = Promise.withResolvers<unknown>();
    this.#waiting.set(key, { run, settled });
    this.#working ??= this.#work();
    return settled.promise as Promise<T>;
  }

  /** Forgets what waits, and resolves when what runs has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { settled } of this.#waiting.values()) settled.reject(new Error("the agent is stopping"));
    this.#waiting.clear();
    await this.#working;
  }

  async #work(): Promise<void> {
    for (;;) {
      const next = this.#waiting.entries().next().value;
      if (!next) break;
      const [key, { run, settled }] = next;
      this.#waiting.delete(key);
      await run().then(settled.resolve, settled.reject);
    }
    this.#working = undefined;
  }
}
