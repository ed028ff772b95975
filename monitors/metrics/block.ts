/** Series written together: some two hundred kilobytes in a millisecond. Whoever sends pieces waits for the reader after each. */
const BLOCK = 2000;

/** What decides a line. */
export type Said = number | string | undefined;

/** A metric that mostly says the same from one scrape to the next. */
export interface Steady<Series, Seen> {
  /** All that the line depends on, besides what never changes of the series; nothing is written for `undefined`. */
  says(series: Series, seen: Seen): Said;
  line(series: Series, said: Said, name: string): string;
}

/** Lines of some series as they were last sent: they are written again only when one of them says something else. */
export class Block<Series, Seen> {
  readonly #name: string;
  readonly #metric: Steady<Series, Seen>;
  readonly #series: readonly Series[];
  readonly #said: Said[];
  #bytes: Buffer | undefined;

  constructor(name: string, metric: Steady<Series, Seen>, series: readonly Series[]) {
    this.#name = name;
    this.#metric = metric;
    this.#series = series;
    this.#said = new Array<Said>(series.length).fill(undefined);
  }

  bytes(seen: Seen): Buffer {
    const said = this.#said;
    let same = this.#bytes !== undefined;
    for (let at = 0; at < said.length; at++) {
      const now = this.#metric.says(this.#series[at]!, seen);
      if (now === said[at]) continue;
      said[at] = now;
      same = false;
    }
    if (!same) this.#bytes = written(this.#series, (series, at) => this.#line(series, said[at]));
    return this.#bytes!;
  }

  #line(series: Series, said: Said): string {
    return said === undefined ? "" : this.#metric.line(series, said, this.#name);
  }
}

/** The lines of some series. */
export function written<Series>(series: readonly Series[], line: (series: Series, at: number) => string): Buffer {
  let text = "";
  for (let at = 0; at < series.length; at++) text += line(series[at]!, at);
  return Buffer.from(text);
}

/** An array in parts that are written together. */
export const inBlocks = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / BLOCK) }, (_, block) => all.slice(block * BLOCK, (block + 1) * BLOCK));
