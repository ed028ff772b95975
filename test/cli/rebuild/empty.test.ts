import { expect, it } from "vitest";
import { leftOf, networksOf } from "../../../cli/rebuild/empty.ts";
import { demo } from "../../stacks/fixtures/demo.ts";

const { inventory } = demo();
const wiki = inventory.services.wiki!;
const data = wiki.volumes.data!.name;

it("an engine that has nothing of the stack may be rebuilt on, whatever else it has", () => {
  expect(leftOf(inventory, ["somebody-elses"], ["their-data", ""])).toEqual([]);
});

it("a container or a volume of the stack is named, for its data would be gone over", () => {
  expect(leftOf(inventory, [wiki.container!, "x"], [data, "y"])).toEqual([wiki.container, data]);
});

it("networks that outlived their containers are found by their ids, twins included, and nobody else's", () => {
  const name = `${inventory.deployment.prefix}-wiki`;
  expect(networksOf(inventory, `a1\t${name}\nb2\t${name}\nc3\tbridge\nd4\t${name}-other\n`)).toEqual(["a1", "b2"]);
});
