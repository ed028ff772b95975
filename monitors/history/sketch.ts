/**
 * How far a percentile may be from the true one, as a share of it (DDSketch: Masson, Rim and Lee, VLDB 2019): every time falls into
 * a bucket whose bounds are 4 % apart, and is told as the middle.
 */
export const RELATIVE_ERROR = 0.02;

const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LOG_GAMMA = Math.log(GAMMA);

/** The bucket of a time in microseconds: 0 up to one microsecond, then `(γ^(n−1), γ^n]`. */
const bucketOf = (micros: number): number => (micros <= 1 ? 0 : Math.ceil(Math.log(micros) / LOG_GAMMA));

/** A time in microseconds that is within `RELATIVE_ERROR` of every one in a bucket. */
const middleOf = (bucket: number): number => (bucket === 0 ? 1 : (2 * GAMMA ** bucket) / (GAMMA + 1));

/**
 * How long runs took, as counts by bucket. Two of them added are exactly the one of all runs together, so that hours and days
 * are made from five minutes, and lose nothing that those had.
 */
export class Sketch {
  readonly #counts = new Map<number, number>();
  #total = 0;

  /** Runs counted. */
  get total(): number {
    return this.#total;
  }

  add(micros: number, times = 1): void {
    this.#count(bucketOf(micros), times);
  }

  merge(other: Sketch): void {
    for (const [bucket, times] of other.#counts) this.#count(bucket, times);
  }

  /** The time in microseconds that this share of runs stayed within, between 0 and 1; undefined where there were none. */
  percentile(share: number): number | undefined {
    if (this.#total === 0) return undefined;
    let left = Math.floor(share * (this.#total - 1));
    for (const [bucket, times] of this.#sorted()) {
      if (left < times) return middleOf(bucket);
      left -= times;
    }
    return undefined;
  }

  /** Pairs of numbers, each as many bytes as it needs (LEB128): how far the bucket is from the last one, and its count. */
  encode(): Uint8Array {
    const bytes: number[] = [];
    let last = 0;
    for (const [bucket, times] of this.#sorted()) {
      pushNumber(bytes, bucket - last);
      pushNumber(bytes, times);
      last = bucket;
    }
    return Uint8Array.from(bytes);
  }

  /** Adds what was encoded; stops at what cannot have been written by `encode`. */
  mergeEncoded(bytes: Uint8Array): void {
    let bucket = 0;
    for (let at = 0; at < bytes.length; ) {
      const [step, then] = readNumber(bytes, at);
      const [times, next] = readNumber(bytes, then);
      if (next > bytes.length) return;
      bucket += step;
      this.#count(bucket, times);
      at = next;
    }
  }

  #count(bucket: number, times: number): void {
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + times);
    this.#total += times;
  }

  #sorted(): [number, number][] {
    return [...this.#counts].sort(([a], [b]) => a - b);
  }
}

function pushNumber(bytes: number[], value: number): void {
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  bytes.push(left);
}

function readNumber(bytes: Uint8Array, from: number): [value: number, next: number] {
  let value = 0;
  let weight = 1;
  for (let at = from; at < bytes.length; at++, weight *= 128) {
    value += (bytes[at]! % 128) * weight;
    if (bytes[at]! < 128) return [value, at + 1];
  }
  return [value, bytes.length + 1];
}
