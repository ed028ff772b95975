import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deployedServices } from "../../stacks/deployed.ts";
import { startOrder } from "../../stacks/order.ts";
import { demo } from "./fixtures/demo.ts";

describe("the order in which services start", () => {
  it("has each after all that it depends on, whatever the order they are given in", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(9), { maxLength: 4 }), { maxLength: 10 }),
        fc.boolean(),
        (links, reversed) => {
          // Each may depend on those before it only: no circles, as in a declaration that was accepted.
          const services = links.map((wanted, index) => ({
            id: `s${index}`,
            dependsOn: [...new Set(wanted.filter((other) => other < index).map((other) => `s${other}`))],
          }));
          const order = startOrder(reversed ? services.toReversed() : services).map(({ id }) => id);
          expect([...order].sort()).toEqual(services.map(({ id }) => id).sort());
          for (const { id, dependsOn } of services)
            for (const before of dependsOn) expect(order.indexOf(before)).toBeLessThan(order.indexOf(id));
        },
      ),
    );
  });

  it("leaves out what is not ours to start", () => {
    expect(startOrder([{ id: "wiki", dependsOn: ["internet"] }]).map(({ id }) => id)).toEqual(["wiki"]);
  });

  it("starts the demo's proxy before the lookout, and that before what reads it", () => {
    const order = startOrder(deployedServices(demo().inventory)).map(({ id }) => id);
    expect(order.indexOf("proxy")).toBeLessThan(order.indexOf("lookout"));
    expect(order.indexOf("lookout")).toBeLessThan(order.indexOf("prometheus"));
  });
});
