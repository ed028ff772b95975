/** Series written together: some two hundred kilobytes. Whoever sends pieces waits for the reader after each. */
const BLOCK = 2000;

/** Room that is kept for lines to grow: numbers have more digits now and then. */
const ROOM = 1.02;

/** What decides a line: two that are the same thing make the same line. */
export type Said = number | string | object | undefined;

/** A metric of some series. */
export interface Family<Series, Seen> {
  /** All that the line depends on, besides what never changes of the series; nothing is written for `undefined`. */
  says(series: Series, seen: Seen): Said;
  /** The line, or several, or none. */
  line(series: Series, said: Said, name: string): string;
}

/** Where lines are put together before it is known where they go; as large as the largest block. */
let desk = Buffer.alloc(0);

/**
 * Lines of some series as they were last sent: of what is sent again, only lines that say something else are written. They stay in the
 * same place in memory, scrape after scrape, but for bytes that somebody still reads, which are never changed.
 */
export class Block<Series, Seen> {
  readonly #name: string;
  readonly #family: Family<Series, Seen>;
  readonly #series: readonly Series[];
  readonly #said: Said[];
  /** Where each line begins, and where the last one ends. */
  readonly #starts: Uint32Array;
  #place = Buffer.alloc(0);
  #bytes = this.#place;
  #readers = 0;

  constructor(name: string, family: Family<Series, Seen>, series: readonly Series[]) {
    this.#name = name;
    this.#family = family;
    this.#series = series;
    this.#said = new Array<Said>(series.length).fill(undefined);
    this.#starts = new Uint32Array(series.length + 1);
  }

  /** The lines, which stay as they are until whoever asked asks for the next. */
  *lent(seen: Seen): Generator<Buffer, void> {
    this.#update(seen);
    const place = this.#place;
    this.#readers++;
    try {
      yield this.#bytes;
    } finally {
      // Those who read what was in another place have nothing to do with this one.
      if (place === this.#place) this.#readers--;
    }
  }

  #update(seen: Seen): void {
    const said = this.#said;
    const changed: number[] = [];
    for (let at = 0; at < said.length; at++) {
      const now = this.#family.says(this.#series[at]!, seen);
      if (now === said[at]) continue;
      said[at] = now;
      changed.push(at);
    }
    if (changed.length > 0) this.#keep(this.#write(changed));
  }

  /** Puts the lines together on the desk, most of them as they were; gives how many bytes they are. */
  #write(changed: readonly number[]): number {
    const starts = this.#starts;
    const before = this.#bytes;
    const lines = changed.map((at) => this.#line(at));
    let size = before.length;
    for (let one = 0; one < lines.length; one++) {
      const at = changed[one]!;
      size += Buffer.byteLength(lines[one]!) - (starts[at + 1]! - starts[at]!);
    }
    if (desk.length < size) desk = Buffer.allocUnsafeSlow(size);
    let from = 0;
    let to = 0;
    let next = 0;
    for (let one = 0; one <= lines.length; one++) {
      const at = one < lines.length ? changed[one]! : this.#series.length;
      const end = starts[at]!;
      before.copy(desk, to, from, end);
      const moved = to - from;
      to += end - from;
      from = starts[at + 1]!;
      if (moved !== 0) for (; next < at; next++) starts[next]! += moved;
      if (one === lines.length) break;
      starts[at] = to;
      to += desk.write(lines[one]!, to);
      next = at + 1;
    }
    starts[this.#series.length] = size;
    return size;
  }

  /** Takes the bytes from the desk: to where they were before, if they fit and nobody reads there. */
  #keep(size: number): void {
    if (this.#readers > 0 || size > this.#place.length) {
      this.#place = Buffer.allocUnsafeSlow(Math.ceil(size * ROOM));
      this.#readers = 0;
    }
    desk.copy(this.#place, 0, 0, size);
    this.#bytes = this.#place.subarray(0, size);
  }

  #line(at: number): string {
    const said = this.#said[at];
    return said === undefined ? "" : this.#family.line(this.#series[at]!, said, this.#name);
  }
}

/** An array in parts that are written together. */
export const inBlocks = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / BLOCK) }, (_, block) => all.slice(block * BLOCK, (block + 1) * BLOCK));
