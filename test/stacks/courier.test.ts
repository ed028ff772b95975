import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashOf } from "../../stacks/courier.ts";

const files = fc.dictionary(fc.stringMatching(/^[a-c/]{1,3}$/), fc.string({ maxLength: 3 }), { maxKeys: 3 });

describe("the hash of delivered files", () => {
  it("is the same exactly where paths and contents are, in whatever order", () => {
    fc.assert(
      fc.property(files, files, (one, other) => {
        const same = JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
        expect(hashOf(one) === hashOf(other)).toBe(same);
        expect(hashOf(Object.fromEntries(Object.entries(one).reverse()))).toBe(hashOf(one));
      }),
    );
  });

  it("tells a path from a content, and content that moves to the next file", () => {
    expect(hashOf({ a: "b" })).not.toBe(hashOf({ b: "a" }));
    expect(hashOf({ a: "12", b: "3" })).not.toBe(hashOf({ a: "1", b: "23" }));
    expect(hashOf({ 'a","b': "" })).not.toBe(hashOf({ a: "b" }));
  });

  it("can be part of a volume's name", () => {
    expect(hashOf({ a: "b" })).toMatch(/^[0-9a-f]{12}$/);
  });
});
