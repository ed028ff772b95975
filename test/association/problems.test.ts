import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { toPlain } from "../../association/plain.ts";
import { describeValue, formatPath, list, nearestName, unknownName } from "../../association/problems.ts";
import { cycles } from "../../association/rules/cycles.ts";

// Many declarations are built: slow machines get their time.
vi.setConfig({ testTimeout: 30_000 });

describe("a path", () => {
  it.each([
    [["services", "wiki", "checks", 0, "every"], "services.wiki.checks[0].every"],
    [["domains", "lilas.example"], 'domains["lilas.example"]'],
    [["supplier-sites"], "supplier-sites"],
    [[""], '[""]'],
    [['a"b'], '["a\\"b"]'],
    [[Symbol("x")], '["Symbol(x)"]'],
    [[], "(the declaration)"],
  ])("is written as in the declaration: %j", (path, text) => {
    expect(formatPath(path as PropertyKey[])).toBe(text);
  });
});

describe("a value in a message", () => {
  it.each([
    [undefined, "nothing"],
    [null, "null"],
    [[], "an empty list"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [2048n, "2048n"],
    [() => 1, "a function"],
    ["a\nb", '"a\\nb"'],
    ["\u009b", '"\\u009b"'],
    ["\u202e", '"\\u202e"'],
    [{ a: 1 }, '{"a":1}'],
    // A password in an address would end up in a log.
    ["imaps://tresor:s3cret@mail.test/", '"imaps://tresor:…@mail.test/"'],
    [{ url: "https://:s3cret@a.test" }, '{"url":"https://:…@a.test"}'],
    ["https://a.test/b:c@d", '"https://a.test/b:c@d"'],
  ])("shows %o", (value, text) => {
    expect(describeValue(value)).toBe(text);
  });

  it("is short, on one line, well formed and without a sign that a terminal obeys, whatever it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary", maxLength: 200 }), fc.jsonValue()), (value) => {
        const text = describeValue(value);
        expect(text.length).toBeLessThanOrEqual(81);
        expect(text).not.toMatch(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u);
        expect(text.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe("the nearest name", () => {
  it.each([
    ["wikki", ["wiki", "nas"], "wiki"],
    ["it-on-cal", ["it-lead", "it-on-call"], "it-on-call"],
    ["secretary-general", ["wiki"], undefined],
    ["oc", ["fr", "en"], undefined],
    ["wiki", [], undefined],
    ["x".repeat(1000), ["x".repeat(999)], undefined],
  ])("of %s among %j is %s", (name, valid, nearest) => {
    expect(nearestName(name, valid)).toBe(nearest);
  });

  it("is not looked for among thousands", () => {
    expect(
      nearestName(
        "nme-1",
        Array.from({ length: 5000 }, (_, index) => `name-${index}`),
      ),
    ).toBeUndefined();
  });

  it("is that name itself where it is valid, or one letter away", () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{4,12}$/), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(names, fc.nat(), (valid, seed) => {
        const name = valid[seed % valid.length]!;
        expect(nearestName(name, valid)).toBe(name);
        expect(nearestName(name.slice(1), valid)).toBeDefined();
      }),
    );
  });
});

describe("valid names in a message", () => {
  it.each([
    [["a"], "a"],
    [["a", "b"], "a or b"],
    [["a", "b", "c"], "a, b or c"],
    [[..."abcdefghi"], "a, b, c, d, e, f, g, h …"],
    [["<b>", "a\nb"], '"<b>" or "a\\nb"'],
  ])("are listed: %j", (names, text) => {
    expect(list(names)).toBe(text);
  });

  it("are said to be none where none is declared", () => {
    expect(unknownName(["roles", "x", "team"], "it", "a team", [])).toEqual({
      path: "roles.x.team",
      found: '"it"',
      expected: "a team, but none is declared",
    });
  });
});

describe("a plain copy", () => {
  it("equals what it copies, where that is plain, and inherits nothing", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const copy = toPlain(value);
        expect(copy.problems).toEqual([]);
        expect(JSON.stringify(copy.value)).toBe(JSON.stringify(value));
      }),
    );
    expect(toPlain({ a: 1 }).value).not.toHaveProperty("constructor");
  });

  it("reads every field once, however often it is used afterwards", () => {
    let asked = 0;
    const counted = {
      get field() {
        return ++asked;
      },
    };
    const { value } = toPlain({ one: counted, two: counted });
    expect(value).toEqual({ one: { field: 1 }, two: { field: 1 } });
    expect(asked).toBe(1);
  });

  it("keeps an object that is used twice, and refuses one that is inside itself", () => {
    const shared = { none: "reason" };
    expect(toPlain({ a: shared, b: [shared] }).problems).toEqual([]);
    const circle: unknown[] = [];
    circle.push({ circle });
    expect(toPlain(circle)).toEqual({
      value: [{ circle: undefined }],
      problems: [{ path: "[0].circle", found: "an object that contains itself", expected: expect.any(String) }],
    });
  });

  it("copies what is shared over and over in time that grows with what is written, not with what it stands for", () => {
    let doubled: unknown = "end";
    let reads = 0;
    for (let level = 0; level < 30; level++) {
      const below = doubled;
      doubled = {
        get left() {
          reads += 1;
          return below;
        },
        get right() {
          return below;
        },
      };
    }
    expect(toPlain(doubled).problems).toEqual([]);
    expect(reads).toBe(30);
  });

  it("survives an object that answers every question with an error", () => {
    const rude = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("no");
        },
      },
    );
    expect(toPlain({ rude }).problems).toEqual([
      { path: "rude", found: 'a field that cannot be read ("no")', expected: expect.any(String) },
    ]);
  });
});

describe("circles", () => {
  const graph = (edges: Record<string, string[]>) => new Map(Object.entries(edges));

  it.each([
    ["none in a chain", { a: ["b"], b: ["c"], c: [] }, []],
    ["none in a diamond", { a: ["b", "c"], b: ["d"], c: ["d"], d: [] }, []],
    ["one of itself", { a: ["a"] }, [["a"]]],
    ["one of three, from its first in the alphabet", { c: ["a"], a: ["b"], b: ["c"] }, [["a", "b", "c"]]],
    [
      "two apart",
      { a: ["b"], b: ["a"], c: ["d"], d: ["c"] },
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "two through one node",
      { a: ["b", "c"], b: ["a"], c: ["a"] },
      [
        ["a", "b"],
        ["a", "c"],
      ],
    ],
    ["none through a node that is not declared", { a: ["ghost"] }, []],
  ])("are found: %s", (_, edges, found) => {
    expect(cycles(graph(edges))).toEqual(found);
  });

  it("are looked for along each edge once: a hundred layers of two nodes have more ways through than time", () => {
    const layers = Array.from({ length: 100 }, (_, layer): [string, string[]][] => {
      const below = layer === 99 ? [] : [`a${layer + 1}`, `b${layer + 1}`];
      return [
        [`a${layer}`, below],
        [`b${layer}`, below],
      ];
    });
    let followed = 0;
    const counted = new Map(layers.flat());
    counted.get = (node) => {
      followed += 1;
      if (followed > 1000) throw new Error("edges are followed over and over");
      return Map.prototype.get.call(counted, node);
    };
    expect(cycles(counted)).toEqual([]);
    expect(followed).toBe(200);
  });

  it("are found exactly where following the edges comes back", () => {
    const edges = fc.array(fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 6 })), { maxLength: 14 });
    fc.assert(
      fc.property(edges, (pairs) => {
        const next = new Map<string, string[]>(Array.from({ length: 7 }, (_, node) => [String(node), []]));
        for (const [from, to] of pairs) next.get(String(from))!.push(String(to));
        const reachable = (from: string): Set<string> => {
          const seen = new Set<string>();
          const queue = [...next.get(from)!];
          for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
            if (seen.has(node)) continue;
            seen.add(node);
            queue.push(...next.get(node)!);
          }
          return seen;
        };
        const found = cycles(next);
        expect(found.length > 0).toBe([...next.keys()].some((node) => reachable(node).has(node)));
        for (const circle of found)
          for (const [index, node] of circle.entries())
            expect(next.get(node)).toContain(circle[(index + 1) % circle.length]);
      }),
    );
  });
});
