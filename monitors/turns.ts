import { setImmediate as others } from "node:timers/promises";

/** How long one piece of work goes on while others wait: checks, pages, scrapes. In milliseconds. */
const TURN_MS = 5;

/** Divides long work into turns, by the clock: `if (turns.over) await turns.next()` between its steps. */
export class Turns {
  #until = performance.now() + TURN_MS;

  get over(): boolean {
    return performance.now() >= this.#until;
  }

  /** Lets everybody else have their turn first. */
  async next(): Promise<void> {
    await others();
    this.#until = performance.now() + TURN_MS;
  }
}

/** Goes through steps, in turns; gives what they lead to. */
export async function inTurns<Made>(steps: Iterator<unknown, Made>): Promise<Made> {
  const turns = new Turns();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    if (turns.over) await turns.next();
  }
}
