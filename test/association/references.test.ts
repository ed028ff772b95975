import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ref } from "../../association/index.ts";
import { fieldsAt, findReferences } from "../../association/references.ts";
import { salvage } from "../../association/salvage.ts";

const role = ref("role");
const found = (schema: z.ZodType, value: unknown) =>
  findReferences(schema, value).map(({ path, name }) => [path.join("."), name]);

describe("references", () => {
  it.each<[string, z.ZodType, unknown, unknown]>([
    ["in a field", z.object({ owner: role }), { owner: "a" }, [["owner", "a"]]],
    ["in an optional field", z.object({ owner: role.optional() }), { owner: "a" }, [["owner", "a"]]],
    ["in a field with a default", z.object({ owner: role.default("b") }), { owner: "a" }, [["owner", "a"]]],
    [
      "in a list",
      z.array(role),
      ["a", "b"],
      [
        ["0", "a"],
        ["1", "b"],
      ],
    ],
    ["in a tuple", z.tuple([z.number(), role]), [1, "a"], [["1", "a"]]],
    ["in the values of a record", z.record(z.string(), role), { x: "a" }, [["x", "a"]]],
    ["in the keys of a record", z.record(role, z.number()), { a: 1 }, [["a", "a"]]],
    ["in the form that accepts the value", z.union([z.literal("all"), z.array(role)]), ["a"], [["0", "a"]]],
    ["in any form, where none accepts it", z.union([z.literal("all"), z.array(role)]), ["a", 3], [["0", "a"]]],
    [
      "in the form that has the value's discriminator, malformed elsewhere",
      z.discriminatedUnion("by", [
        z.object({ by: z.literal("us"), host: role }),
        z.object({ by: z.literal("them"), who: role, url: z.url() }),
      ]),
      { by: "them", who: "a", host: "b", url: 3 },
      [["who", "a"]],
    ],
    [
      "before a transformation",
      z.object({ owner: role.transform((name) => name.length) }),
      { owner: "a" },
      [["owner", "a"]],
    ],
    ["nowhere in what is malformed", z.object({ owner: role, list: z.array(role) }), { owner: 3, list: "a" }, []],
    ["nowhere in what is left out", z.object({ owner: role.optional() }), { owner: null }, []],
  ])("are found %s", (_, schema, value, expected) => {
    expect(found(schema, value)).toEqual(expected);
  });
});

describe("the fields that an object may have", () => {
  const schema = z.object({
    list: z.array(z.object({ a: z.number(), b: z.number() })),
    names: z.record(z.string(), z.object({ c: z.number() })),
    pair: z.tuple([z.object({ d: z.number() })]),
    either: z.union([z.object({ e: z.number() }), z.object({ f: z.number() })]).optional(),
  });

  it.each([
    [[], ["list", "names", "pair", "either"]],
    [
      ["list", 0],
      ["a", "b"],
    ],
    [["names", "any"], ["c"]],
    [["pair", 0], ["d"]],
    [["pair", 1], []],
    [["either"], ["e", "f"]],
    [["ghost"], []],
    [["list"], []],
  ])("are known at %j", (path, fields) => {
    expect(fieldsAt(schema, {}, path)).toEqual(fields);
  });
});

describe("what can be read of a malformed value", () => {
  it("is its good fields and entries, with their defaults, each in its place", () => {
    const schema = z.strictObject({
      good: z.string().default("usual"),
      bad: z.number(),
      list: z.array(z.object({ n: z.number() })),
      names: z.record(z.string(), z.number()),
    });
    expect(salvage(schema, { bad: "x", list: [{ n: 1 }, 3, { n: 2 }], names: { a: 1, b: "2" } })).toEqual({
      good: "usual",
      list: [{ n: 1 }, undefined, { n: 2 }],
      names: { a: 1 },
    });
  });

  it("keeps other fields of an object that may have any", () => {
    const schema = z.looseObject({ every: z.number() });
    expect(salvage(schema, { every: "x", url: "/" })).toEqual({ url: "/" });
  });

  it("inherits nothing, whatever its fields are called", () => {
    const schema = z.object({ names: z.record(z.string(), z.number()), bad: z.number() });
    const read = salvage(schema, JSON.parse('{"names": {"__proto__": 1, "x": "y", "constructor": 2}}'));
    expect(read?.names).not.toHaveProperty("toString");
    expect(Object.getPrototypeOf(read)).toBeNull();
  });

  it("is nothing where it is no object at all", () => {
    expect(salvage(z.object({ a: z.number() }), "text")).toBeUndefined();
  });
});
