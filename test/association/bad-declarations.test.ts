import { describe, expect, it } from "vitest";
import { buildInventory, DeclarationError } from "../../association/index.ts";
import { badDeclarations } from "./fixtures/bad/index.ts";
import type { BadCase, Expected } from "./fixtures/case.ts";
import { good } from "./fixtures/good.ts";
import { vocabulary } from "./fixtures/vocabulary.ts";

/** What building a declaration throws; fails where it throws nothing. */
function refusal({ change, deployment }: Pick<BadCase, "change" | "deployment">): unknown {
  const declaration = good();
  const changed = change(declaration);
  try {
    buildInventory(changed === undefined ? declaration : changed, vocabulary, deployment);
  } catch (error) {
    return error;
  }
  return expect.fail("it was accepted");
}

const told = new Map<BadCase, unknown>();

/** The same, built once for all that is said about one. */
function refusalOf(bad: BadCase): unknown {
  if (!told.has(bad)) told.set(bad, refusal(bad));
  return told.get(bad);
}

const all = Object.values(badDeclarations).flat();

it("accepts the declaration that the bad ones start from", () => {
  expect(() => buildInventory(good(), vocabulary)).not.toThrow();
});

it("keeps well over sixty bad declarations, each of its own name", () => {
  expect(all.length).toBeGreaterThan(60);
  expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
});

describe.each(Object.entries(badDeclarations))("about %s", (_, cases) => {
  it.each(cases)("refuses $name", (bad) => {
    const error = refusalOf(bad);
    expect(error).toBeInstanceOf(DeclarationError);
    const { problems, message } = error as DeclarationError;
    const reported = problems.map(
      ({ path, found, expected, nearest }): Expected =>
        nearest === undefined ? [path, found, expected] : [path, found, expected, nearest],
    );
    expect(reported).toEqual(bad.problems);
    for (const [path, found, expected, nearest] of bad.problems) {
      const hint = nearest === undefined ? "" : `; did you mean ${JSON.stringify(nearest)}?`;
      expect(message).toContain(`\n  ${path}\n    found ${found}; expected ${expected}${hint}`);
    }
    expect(message).toMatch(
      bad.problems.length === 1
        ? /^The declaration has 1 problem:/
        : new RegExp(`^The declaration has ${bad.problems.length} problems:`),
    );
  });
});

describe("the message", () => {
  it.each(all)("has two lines a problem and no sign that a terminal obeys, for $name", (bad) => {
    const { message } = refusalOf(bad) as DeclarationError;
    expect(message.split("\n")).toHaveLength(1 + 2 * bad.problems.length);
    expect(message.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u);
    expect(message.isWellFormed()).toBe(true);
    for (const line of message.split("\n")) expect(line.length).toBeLessThan(400);
  });

  it("is the same wherever the entries stand in the file", () => {
    const [bad] = badDeclarations["several mistakes at once"]!;
    const backwards = (it: Record<string, unknown>) => {
      bad!.change(it);
      return reversed(it);
    };
    expect((refusal({ change: backwards }) as Error).message).toBe((refusal(bad!) as Error).message);
  });
});

/** The same data with the keys of every object in the opposite order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

describe("thousands of entries", () => {
  const MANY = 2000;
  const namesOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `copy-${index}`);

  /** A vocabulary that counts how often a kind reads settings. */
  function counting() {
    let count = 0;
    const wiki = vocabulary.kinds.wiki!;
    const settings = wiki.settings.refine(() => {
      count += 1;
      return true;
    });
    return {
      counted: () => count,
      vocabulary: { ...vocabulary, kinds: { ...vocabulary.kinds, wiki: { ...wiki, settings } } },
    };
  }

  const declarationOf = (count: number) => {
    const declaration = good();
    const { hostname: _, ...page } = declaration.services.pages;
    const checks = [{ check: "tcp", address: "http" }];
    for (const name of namesOf(count)) declaration.services[name] = { ...page, checks };
    return declaration;
  };

  it("are built by reading the settings of each a fixed number of times", () => {
    const few = counting();
    buildInventory(declarationOf(10), few.vocabulary);
    const many = counting();
    const { inventory } = buildInventory(declarationOf(MANY), many.vocabulary);
    expect(Object.keys(inventory.services)).toHaveLength(MANY + 8);
    expect(many.counted()).toBe((few.counted() / 11) * (MANY + 1));
  }, 60_000);

  it("may all be wrong, and all are reported", () => {
    const declaration = declarationOf(MANY);
    for (const name of namesOf(MANY))
      declaration.services[name] = { ...declaration.services[name], owner: `role-${name}` };
    const { problems } = refusal({ change: () => declaration }) as DeclarationError;
    expect(problems).toHaveLength(MANY);
  }, 60_000);

  it("may wait for each other in one long chain, or in one great circle, of ten thousand", () => {
    const names = namesOf(10_000);
    const declaration = declarationOf(names.length);
    names.forEach((name, index) => {
      const dependsOn = index === 0 ? [] : [names[index - 1]];
      declaration.services[name] = { ...declaration.services[name], dependsOn };
    });
    expect(() => buildInventory(declaration, vocabulary)).not.toThrow();
    declaration.services[names[0]!].dependsOn = [names.at(-1)];
    const { problems } = refusal({ change: () => declaration }) as DeclarationError;
    expect(problems).toHaveLength(1);
    expect(problems[0]!.path).toBe("services.copy-0.dependsOn");
  }, 60_000);
});
