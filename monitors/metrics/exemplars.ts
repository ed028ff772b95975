import type { Watched } from "../engine/engine.ts";
import { labelText } from "./text.ts";

interface Exemplar {
  readonly value: number;
  readonly watched: Watched;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** OpenMetrics 1.0: labels of an exemplar have 128 characters together. */
const MOST_CHARACTERS = 128;

/** The last run that fell into each bucket of a histogram: which check it was that took so long. */
export class Exemplars {
  readonly #bounds: readonly number[];
  /** By the histogram's own label, and by bucket. */
  readonly #last = new Map<string, (Exemplar | undefined)[]>();

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
  }

  note(label: string, value: number, watched: Watched, at: number): void {
    let buckets = this.#last.get(label);
    if (buckets === undefined) {
      buckets = new Array<undefined>(this.#bounds.length + 1).fill(undefined);
      this.#last.set(label, buckets);
    }
    let bucket = 0;
    while (bucket < this.#bounds.length && value > this.#bounds[bucket]!) bucket++;
    buckets[bucket] = { value, watched, at };
  }

  /** What is written behind the bucket's line; nothing where no run fell into it. */
  text(label: string, bound: number | string): string {
    const bucket = typeof bound === "number" ? this.#bounds.indexOf(bound) : this.#bounds.length;
    const found = this.#last.get(label)?.[bucket];
    if (found === undefined) return "";
    const { id, service } = found.watched.check;
    const check = id.slice(service.length + 1);
    if ("service".length + service.length + "check".length + check.length > MOST_CHARACTERS) return "";
    return ` # ${labelText({ service, check })} ${found.value} ${found.at / 1000}`;
  }
}
