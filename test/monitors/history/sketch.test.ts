import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RELATIVE_ERROR, Sketch } from "../../../monitors/history/sketch.ts";

/** From a microsecond to an hour, as many short as long ones. */
const micros = fc.double({ min: 0, max: 9.55, noNaN: true }).map((power) => Math.round(10 ** power));
const many = fc.array(micros, { maxLength: 400 });
const sketchOf = (values: readonly number[]): Sketch => {
  const sketch = new Sketch();
  for (const value of values) sketch.add(value);
  return sketch;
};
const merged = (...all: readonly Sketch[]): Sketch => {
  const sketch = new Sketch();
  for (const one of all) sketch.merge(one);
  return sketch;
};

describe("a sketch of times", () => {
  it("tells every percentile within its bound of the true one", () => {
    fc.assert(
      fc.property(
        fc.array(micros, { minLength: 1, maxLength: 400 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, share) => {
          const sorted = [...values].sort((a, b) => a - b);
          const exact = Math.max(1, sorted[Math.floor(share * (sorted.length - 1))]!);
          const found = sketchOf(values).percentile(share)!;
          expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact * RELATIVE_ERROR * (1 + 1e-9));
        },
      ),
    );
  });

  it("is, merged from parts in any order, exactly the one of all", () => {
    fc.assert(
      fc.property(many, many, many, (a, b, c) => {
        const whole = sketchOf([...a, ...b, ...c]).encode();
        expect(merged(sketchOf(a), sketchOf(b), sketchOf(c)).encode()).toEqual(whole);
        expect(merged(sketchOf(c), merged(sketchOf(b), sketchOf(a))).encode()).toEqual(whole);
      }),
    );
  });

  it("is read as it was written, however large its counts", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(micros, fc.integer({ min: 1, max: 2 ** 40 }))), (values) => {
        const sketch = new Sketch();
        for (const [value, times] of values) sketch.add(value, times);
        const read = new Sketch();
        read.mergeEncoded(sketch.encode());
        expect(read.encode()).toEqual(sketch.encode());
        expect(read.total).toBe(sketch.total);
      }),
    );
  });

  it("takes a few bytes for five minutes of a steady check", () => {
    const steady = Array.from({ length: 30 }, (_, index) => 20_000 + (index % 7) * 500);
    expect(sketchOf(steady).encode().length).toBeLessThan(16);
  });

  it("reads damaged bytes without harm", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const sketch = new Sketch();
        sketch.mergeEncoded(bytes);
        sketch.percentile(0.5);
      }),
    );
  });

  it("has no percentile where there is nothing", () => {
    expect(new Sketch().percentile(0.5)).toBeUndefined();
    expect(new Sketch().encode()).toHaveLength(0);
  });
});
