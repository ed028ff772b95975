/** What waits for a place, first come first served; quick items are not held up by slow ones. */
export class Queue<T> {
  readonly #places: number;
  readonly #slowPlaces: number;
  readonly #quick = new Fifo<T>();
  readonly #slow = new Fifo<T>();
  #running = 0;
  #slowRunning = 0;

  /** @param places items going on at once. @param slowPlaces how many of these may be slow ones. */
  constructor(places: number, slowPlaces: number) {
    this.#places = places;
    this.#slowPlaces = slowPlaces;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#quick.size + this.#slow.size;
  }

  add(item: T, slow: boolean): void {
    (slow ? this.#slow : this.#quick).push(item);
  }

  /** The next item that has a place, and what to call when it is done; undefined where none can start. */
  start(): { item: T; done(): void } | undefined {
    if (this.#running >= this.#places) return undefined;
    const slow = this.#quick.size === 0;
    if (slow && (this.#slow.size === 0 || this.#slowRunning >= this.#slowPlaces)) return undefined;
    const item = (slow ? this.#slow : this.#quick).shift()!;
    this.#running++;
    if (slow) this.#slowRunning++;
    return {
      item,
      done: () => {
        this.#running--;
        if (slow) this.#slowRunning--;
      },
    };
  }

  clear(): void {
    this.#quick.clear();
    this.#slow.clear();
  }
}

/** An array's `shift` moves everything; this one does so rarely. */
class Fifo<T> {
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head++];
    if (this.#head > 512 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}
