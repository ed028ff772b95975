import { describe, expect, it } from "vitest";
import { describeHandOvers, holdersOf, readHolders } from "../../association/index.ts";
import { changedDemo, demo } from "../stacks/fixtures/demo.ts";

const before = holdersOf(demo().people);

// biome-ignore lint/suspicious/noExplicitAny: changed in any way
const told = (change: (copy: any) => void) => {
  const { inventory, people } = changedDemo(change);
  return describeHandOvers(before, inventory, people);
};

describe("a hand-over", () => {
  it("is told in words: who leaves, who comes, which mailbox stays", () => {
    expect(told((copy) => (copy.roles.treasurer.holders = ["paul-faure"]))).toEqual([
      "role treasurer: Jeanne Roux → Paul Faure; mailbox tresor@tilleuls.localhost keeps its history, Jeanne Roux no longer gets in",
    ]);
  });

  it("may add or remove one of several holders, or leave nobody", () => {
    expect(told((copy) => (copy.roles["it-on-call"].holders = ["karim-benali"]))).toEqual([
      "role it-on-call: Karim Benali, Tom Wilson → Karim Benali; mailbox commission.technique@tilleuls.localhost keeps its history, Tom Wilson no longer gets in",
    ]);
    expect(told((copy) => (copy.roles.treasurer.holders = []))[0]).toContain("Jeanne Roux → nobody");
    expect(told((copy) => copy.roles["it-lead"].holders.push("tom-wilson"))).toEqual([
      "role it-lead: Léa Martin → Léa Martin, Tom Wilson",
    ]);
  });

  it("is nothing where the order alone or another part of the declaration changes", () => {
    expect(told((copy) => copy.roles["it-on-call"].holders.reverse())).toEqual([]);
    expect(told((copy) => (copy.roles.treasurer.title.en = "Purse"))).toEqual([]);
    expect(told((copy) => (copy.roles.fresh = { ...copy.roles.treasurer, escalatesTo: undefined }))).toEqual([]);
  });

  it("is not told where nothing is up yet, or an older version left nothing to compare with", () => {
    const { inventory, people } = demo();
    expect(describeHandOvers(undefined, inventory, people)).toEqual([]);
    for (const other of [undefined, null, "x", { treasurer: "Jeanne" }, { treasurer: [{ login: 1 }] }])
      expect(readHolders(other)).toBeUndefined();
    expect(readHolders(JSON.parse(JSON.stringify(before)))).toEqual(before);
  });
});
