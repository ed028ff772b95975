import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import { conditionsOf, type Facts } from "../../../monitors/conditions/compile.ts";
import { Malformed, parseCondition } from "../../../monitors/conditions/parse.ts";
import { parseJsonPath, valueAt } from "../../../monitors/conditions/path.ts";
import { PLACES, type PlaceName } from "../../../monitors/conditions/places.ts";
import { conditions } from "../../../monitors/conditions/schema.ts";
import { globMatcher, lengthIn, lengthWords } from "../../../monitors/conditions/value.ts";
import { REASONS } from "../../../monitors/reasons.ts";
import { HOSTILE } from "../../dashboards/hostile.ts";

const EVERYTHING = Object.keys(PLACES) as PlaceName[];

const answer = (body: unknown, more: Facts = {}): Facts => ({
  numbers: { STATUS: 200, RESPONSE_TIME: 120, CERTIFICATE_EXPIRATION: 72 * 3_600_000, LOSS: 0, ROWS: 3 },
  texts: { IP: "192.0.2.1", DNS_RCODE: "NOERROR", TLS_VERSION: "TLSv1.3" },
  truths: { CONNECTED: true },
  body: { text: () => (typeof body === "string" ? body : JSON.stringify(body)), cut: false },
  field: (name) => ({ "content-type": "application/json", "x-version": "1.10" })[name],
  ...more,
});
const BODY = {
  status: "UP",
  code: "007",
  big: 1e21,
  share: 0.5,
  on: true,
  nothing: null,
  items: [1, 2, 3],
  nodes: [{ name: "a b", load: 3 }],
  "odd key": 1,
  limit: 4,
};
const unmet = (text: string, facts: Facts = answer(BODY)) => conditionsOf([text]).unmet(facts);

describe("a condition holds", () => {
  test.each([
    "[STATUS] == 200",
    "[STATUS] == any(200, 204)",
    "[STATUS] != 500",
    "200 == [STATUS]",
    "300 > [STATUS]",
    "[RESPONSE_TIME] < 500",
    "[RESPONSE_TIME] < 500ms",
    "[RESPONSE_TIME] <= 0.12s",
    "[CERTIFICATE_EXPIRATION] > 48h",
    "[CERTIFICATE_EXPIRATION] > 2d23h",
    "[BODY].status == UP",
    "[BODY].status == 'UP'",
    '[BODY].status != "DOWN"',
    "[BODY].status == pat(U*)",
    "[BODY] == pat(*UP*)",
    "[BODY].status == any(pat(D*), UP)",
    "[BODY].share == 0.50",
    "[BODY].code != 7",
    "[BODY].code == 007",
    "[BODY].share >= 0.5",
    "[BODY].big == 1e21",
    "[BODY].on == true",
    "[BODY].nothing == null",
    "[BODY].items[1] == 2",
    "[BODY].items == [1,2,3]",
    "[BODY].nodes[0].name == a b",
    "[BODY].nodes[0].load < [BODY].limit",
    "[BODY].odd key == 1",
    "len([BODY].items) == 3",
    "len([BODY].items) > 2",
    "len([BODY].status) == 2",
    "len([BODY].nodes[0]) == 23",
    "has([BODY].status)",
    "has([BODY].status) == true",
    "has([BODY].absent) == false",
    "has([HEADERS].x-version)",
    "[BODY].absent != x",
    "[HEADERS].Content-Type == pat(application/*)",
    "[HEADERS].x-version != 1.1",
    "[IP] == any(192.0.2.1, 192.0.2.2)",
    "[DNS_RCODE] == NOERROR",
    "[CONNECTED] == true",
    "[TLS_VERSION] == TLSv1.3",
    "[LOSS] <= 0",
    "  [STATUS]   ==   200  ",
  ])("%s", (text) => expect(unmet(text)).toBeUndefined());
});

describe("a condition that does not hold says in plain words what is and what was expected", () => {
  test.each([
    ["[STATUS] == 503", "wrong-status", "[STATUS] is 200, expected 503"],
    ["[STATUS] == any(201, 204)", "wrong-status", "[STATUS] is 200, expected one of 201, 204"],
    ["[STATUS] != 200", "wrong-status", "[STATUS] is 200, expected anything but 200"],
    ["100 > [STATUS]", "wrong-status", "[STATUS] is 200, expected less than 100"],
    ["[RESPONSE_TIME] < 100", "too-slow", "[RESPONSE_TIME] is 120 ms, expected less than 100 ms"],
    ["[CERTIFICATE_EXPIRATION] > 30d", "expires-soon", "[CERTIFICATE_EXPIRATION] is 3 d, expected more than 30d"],
    ["[BODY].status == DOWN", "wrong-json", '[BODY].status is "UP", expected DOWN'],
    ["[BODY].items[9] == 1", "wrong-json", "[BODY].items[9] is missing, expected 1"],
    ["[BODY].status > 3", "wrong-json", '[BODY].status is "UP", expected more than 3'],
    ["[BODY] == pat(*sorry*)", "wrong-body", "expected text like *sorry*"],
    ["len([BODY].items) > 5", "wrong-json", "len([BODY].items) is 3, expected more than 5"],
    ["len([BODY].on) > 5", "wrong-json", "len([BODY].on) is 4, expected more than 5"],
    ["len([BODY].nothing) > 5", "wrong-json", "len([BODY].nothing) is missing, expected more than 5"],
    ["has([BODY].absent)", "wrong-json", "there being [BODY].absent is false, expected true"],
    ["[BODY].nodes[0].load > [BODY].limit", "wrong-json", "is 3, expected more than [BODY].limit, which is 4"],
    ["[HEADERS].etag == x", "wrong-header", "[HEADERS].etag is missing, expected x"],
    ["[IP] == 192.0.2.9", "wrong-address", '[IP] is "192.0.2.1", expected 192.0.2.9'],
    ["[CONNECTED] == false", "unexpected", "[CONNECTED] is true, expected false"],
    ["[BODY].constructor.name == Object", "wrong-json", "[BODY].constructor.name is missing"],
    ["[BODY].__proto__ == {}", "wrong-json", "[BODY].__proto__ is missing"],
    ['[BODY].code == "7"', "wrong-json", '[BODY].code is "007", expected "7"'],
  ])("%s", (text, reason, words) => {
    const problem = unmet(text);
    expect(problem?.reason).toBe(reason);
    expect(problem?.message).toContain(words);
  });

  it("and every one of several that do not hold, the first one giving the reason", () => {
    const all = conditionsOf(["[STATUS] == 201", "[BODY].status == UP", "[BODY].on == false"]).unmet(answer(BODY));
    expect(all).toEqual({
      reason: "wrong-status",
      message: "[STATUS] is 200, expected 201; [BODY].on is true, expected false",
    });
  });

  it("or why the body cannot be looked into", () => {
    expect(unmet("[BODY].a == 1", answer("<h1>no"))).toMatchObject({ reason: "malformed" });
    const cut = { ...answer("{"), body: { text: () => "{", cut: true } };
    expect(unmet("[BODY].a == 1", cut)).toMatchObject({ reason: "too-large" });
    const broken = () => {
      throw new Error("content-encoding zip");
    };
    expect(unmet("[BODY] == x", { ...answer(""), body: { text: broken, cut: false } })).toMatchObject({
      reason: "malformed",
      message: "the body cannot be decoded: content-encoding zip",
    });
  });
});

describe("a condition is refused when it is declared", () => {
  const schema = z.strictObject({
    conditions: conditions("STATUS", "RESPONSE_TIME", "BODY", "HEADERS", "IP", "CONNECTED"),
  });
  test.each([
    ["200", "an operator with spaces around it"],
    ["[STATUS]", "an operator with spaces around it"],
    ["[STATUS]==200", "an operator with spaces around it"],
    ["[STATUS] = 200", "an operator with spaces around it"],
    ["[STATUS] ==", "a value on both sides"],
    ["== 200", "a value on both sides"],
    ["200 == 200", "a placeholder on one side: [STATUS], [RESPONSE_TIME]"],
    ["[STAUTS] == 200", "one of [STATUS], [RESPONSE_TIME]"],
    ["[status] == 200", "one of [STATUS]"],
    ["[LOSS] == 0", "one of [STATUS]"],
    ["[STATUS] == OK", "a number beside [STATUS]"],
    ["[STATUS] == any(200, OK)", "a number beside [STATUS]"],
    ["[STATUS] < any(200, 300)", "a number or a length of time after <"],
    ["[STATUS].code == 200", "nothing after [STATUS]"],
    ["[RESPONSE_TIME] < fast", "a length of time such as 500ms"],
    ["[IP] > 192.0.2.1", "== or != after [IP]"],
    ["[CONNECTED] == yes", "== true or == false after [CONNECTED]"],
    ["[CONNECTED] > true", "== true or == false after [CONNECTED]"],
    ["has([BODY].x) == 3", "== true or == false after has([BODY].x)"],
    ["has(x)", "a placeholder in has(…)"],
    ["len(3) > 2", "a placeholder in len(…)"],
    ["[HEADERS] == x", "a header's name after [HEADERS]"],
    ["[HEADERS].a b == x", "a header's name after [HEADERS]"],
    ["[BODY]..a == 1", "a path after [BODY]"],
    ["[BODY].a[x] == 1", "a path after [BODY]"],
    ["[BODY]a == 1", "a path after [BODY]"],
    [`[BODY].${"a.".repeat(30)}a == 1`, "a path after [BODY]"],
    ['[BODY].a == "x', 'a closing "'],
    ["[BODY].a == any()", "one to 50 values in any(…)"],
    [`[BODY].a == any(${"x,".repeat(60)}x)`, "one to 50 values in any(…)"],
    ["[BODY].a == any(any(1), 2)", "no any(…) within any(…)"],
    ["[BODY].a > pat(*)", "a number or a length of time after >"],
    ["[BODY].a > b", "a number or a length of time after >"],
    ["has([BODY].a) == has([BODY].b)", "true or false after has(…)"],
    [`[BODY] == ${"x".repeat(600)}`, "500 characters at most"],
  ])("%s", (text, words) => {
    const { error } = schema.safeParse({ conditions: [text] });
    expect(error?.issues[0]?.path).toEqual(["conditions", 0]);
    expect(error?.issues[0]?.message).toContain(words);
  });

  it("where there are none or too many", () => {
    expect(schema.safeParse({ conditions: [] }).success).toBe(false);
    expect(schema.safeParse({ conditions: Array(21).fill("[STATUS] == 200") }).success).toBe(false);
  });

  it("or, as far as it can see, by the compiler", () => {
    const input = (_: z.input<typeof schema>) => {};
    input({ conditions: ["[STATUS] == 200", "len([BODY].a) > 2", "has([BODY].x)"] });
    // @ts-expect-error: there is no such placeholder here
    input({ conditions: ["[LOSS] < 5"] });
    // @ts-expect-error: it begins with no placeholder
    input({ conditions: ["status is 200"] });
  });
});

describe("whatever is thrown at conditions", () => {
  it("a text is either understood or refused with words, never anything else", () =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary", maxLength: 80 }),
          fc
            .array(
              fc.constantFrom(
                "[BODY]",
                "[STATUS]",
                ".a",
                "[0]",
                " == ",
                " < ",
                "len(",
                "has(",
                "any(",
                "pat(",
                ")",
                ",",
                '"',
                "'",
                "*",
                "1",
                "48h",
                "x",
                " ",
              ),
              { maxLength: 12 },
            )
            .map((pieces) => pieces.join("")),
        ),
        (text) => {
          try {
            parseCondition(text, EVERYTHING);
          } catch (error) {
            expect(error).toBeInstanceOf(Malformed);
            return;
          }
          // What is accepted can be evaluated against anything.
          for (const body of [BODY, [], "x", null, "{", 3]) conditionsOf([text]).unmet(answer(body));
          conditionsOf([text]).unmet({});
        },
      ),
      { numRuns: 3000 },
    ));

  it("equality is what it says for every JSON value", () =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 20 }),
          fc.integer(),
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.boolean(),
          fc.constant(null),
        ),
        (value) => {
          const quotable = typeof value === "string" && !value.includes('"') && !/[\s]$|^[\s]/.test(value);
          fc.pre(typeof value !== "string" || quotable);
          const text = typeof value === "string" ? `"${value}"` : String(value);
          fc.pre(!/e/.test(text) || typeof value !== "number");
          const facts = answer({ v: value });
          expect(unmet(`[BODY].v == ${text}`, facts)).toBeUndefined();
          expect(unmet(`[BODY].v != ${text}`, facts)).toBeDefined();
        },
      ),
    ));

  it("orders numbers as numbers do", () =>
    fc.assert(
      fc.property(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: -1e6, max: 1e6 }), (a, b) => {
        const facts = answer({ a, b });
        for (const [operator, holds] of [
          ["<", a < b],
          ["<=", a <= b],
          [">", a > b],
          [">=", a >= b],
        ] as const) {
          expect(unmet(`[BODY].a ${operator} ${b}`, facts) === undefined).toBe(holds);
          expect(unmet(`[BODY].a ${operator} [BODY].b`, facts) === undefined).toBe(holds);
        }
      }),
    ));

  it("a pattern matches as the same regular expression does, and never slowly", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "b", "ab", "*"), { maxLength: 8 }).map((all) => all.join("")),
        fc.array(fc.constantFrom("a", "b"), { maxLength: 14 }).map((all) => all.join("")),
        (pattern, text) => {
          expect(globMatcher(pattern)(text)).toBe(new RegExp(`^${pattern.replaceAll("*", ".*")}$`, "s").test(text));
        },
      ),
      { numRuns: 2000 },
    );
    // Exponential where one goes back: here it ends before the test's time does.
    expect(globMatcher(`${"*a".repeat(100)}*b`)("a".repeat(200_000))).toBe(false);
  });

  it("a hostile body is quoted short, on one line of JSON", () => {
    for (const text of HOSTILE) {
      const problem = unmet("[BODY].v == fine", answer({ v: text.repeat(50) }));
      expect(problem?.reason).toBe("wrong-json");
      expect(problem!.message.length).toBeLessThan(1200);
      expect(problem!.message).not.toMatch(/[\n\r]/);
    }
  });

  it("a document nested a hundred thousand deep is no trouble", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    expect(() => unmet("[BODY][0][0] == 1", answer(deep))).not.toThrow();
    expect(unmet("[BODY][0][0] == 1", answer(deep))?.reason).toMatch(/wrong-json|malformed/);
  });
});

describe("paths", () => {
  it("find what was put there", () =>
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.stringMatching(/^[a-z_ -]{1,5}$/), fc.nat(5)), { minLength: 1, maxLength: 6 }),
        (steps) => {
          fc.pre(typeof steps[0] === "string");
          const path = steps
            .map((step, at) => (typeof step === "number" ? `[${step}]` : `${at ? "." : ""}${step}`))
            .join("");
          const document = steps.reduceRight<unknown>((inner, step) => ({ [step]: inner }), "here");
          expect(valueAt(document, parseJsonPath(path)!)).toBe("here");
        },
      ),
    ));
});

describe("lengths of time", () => {
  test.each([
    ["300ms", 300],
    ["1.5s", 1500],
    ["1h30m", 5_400_000],
    ["2w", 1_209_600_000],
    ["", undefined],
    ["5", undefined],
    ["h", undefined],
    ["1hm", undefined],
  ])("%s", (text, ms) => expect(lengthIn(text)).toBe(ms));
  test.each([
    [812, "812 ms"],
    [2500, "2.5 s"],
    [3 * 86_400_000, "3 d"],
    [-7_200_000, "-2 h"],
  ])("%d", (ms, words) => expect(lengthWords(ms)).toBe(words));
});

it("every placeholder's reason is a known one", () => {
  for (const { reason, help } of Object.values(PLACES)) {
    expect(Object.hasOwn(REASONS, reason)).toBe(true);
    expect(help).toMatch(/\.$/);
  }
});
