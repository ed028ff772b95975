/** Series written together: some two hundred kilobytes. Whoever sends pieces waits for the reader after each. */
const BLOCK = 2000;

/** What decides a line: two that are the same thing make the same line. */
export type Said = number | string | object | undefined;

/** A metric of some series. */
export interface Family<Series, Seen> {
  /** All that the line depends on, besides what never changes of the series; nothing is written for `undefined`. */
  says(series: Series, seen: Seen): Said;
  /** The line, or several, or none. */
  line(series: Series, said: Said, name: string): string;
}

/**
 * Lines of some series as they were last sent: of what is sent again, only lines that say something else are written. Bytes that
 * were given out are never changed, for whoever sends them may not be done yet.
 */
export class Block<Series, Seen> {
  readonly #name: string;
  readonly #family: Family<Series, Seen>;
  readonly #series: readonly Series[];
  readonly #said: Said[];
  /** Where each line begins, and where the last one ends. */
  readonly #starts: Uint32Array;
  #bytes = Buffer.alloc(0);

  constructor(name: string, family: Family<Series, Seen>, series: readonly Series[]) {
    this.#name = name;
    this.#family = family;
    this.#series = series;
    this.#said = new Array<Said>(series.length).fill(undefined);
    this.#starts = new Uint32Array(series.length + 1);
  }

  bytes(seen: Seen): Buffer {
    const said = this.#said;
    const changed: number[] = [];
    for (let at = 0; at < said.length; at++) {
      const now = this.#family.says(this.#series[at]!, seen);
      if (now === said[at]) continue;
      said[at] = now;
      changed.push(at);
    }
    if (changed.length > 0) this.#write(changed);
    return this.#bytes;
  }

  /** Takes over what has not changed. */
  #write(changed: readonly number[]): void {
    const starts = this.#starts;
    const before = this.#bytes;
    const lines = changed.map((at) => this.#line(at));
    let size = before.length;
    for (let one = 0; one < lines.length; one++) {
      const at = changed[one]!;
      size += Buffer.byteLength(lines[one]!) - (starts[at + 1]! - starts[at]!);
    }
    const bytes = Buffer.allocUnsafeSlow(size);
    let from = 0;
    let to = 0;
    let next = 0;
    for (let one = 0; one <= lines.length; one++) {
      const at = one < lines.length ? changed[one]! : this.#series.length;
      const end = starts[at]!;
      before.copy(bytes, to, from, end);
      const moved = to - from;
      to += end - from;
      from = starts[at + 1]!;
      if (moved !== 0) for (; next < at; next++) starts[next]! += moved;
      if (one === lines.length) break;
      starts[at] = to;
      to += bytes.write(lines[one]!, to);
      next = at + 1;
    }
    starts[this.#series.length] = size;
    this.#bytes = bytes;
  }

  #line(at: number): string {
    const said = this.#said[at];
    return said === undefined ? "" : this.#family.line(this.#series[at]!, said, this.#name);
  }
}

/** An array in parts that are written together. */
export const inBlocks = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / BLOCK) }, (_, block) => all.slice(block * BLOCK, (block + 1) * BLOCK));
