import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { mailFiles } from "../../association/dns/index.ts";
import { buildInventory, type Inventory } from "../../association/index.ts";
import { deployedServices } from "../../stacks/context.ts";
import { type NetworkPlan, planNetworks } from "../../stacks/networks.ts";
import { declarations } from "../association/fixtures/arbitrary.ts";
import { good, type Loose } from "../association/fixtures/good.ts";
import { vocabulary } from "../association/fixtures/vocabulary.ts";
import { addSecondHost, changedDemo, demo } from "./fixtures/demo.ts";

// Many declarations are built: slow machines get their time.
vi.setConfig({ testTimeout: 30_000 });

const isOn = (plan: NetworkPlan, id: string): boolean => plan.members.includes(id);
const of = (declaration: Loose): Inventory => buildInventory(declaration, vocabulary).inventory;

/** Holds a rule against the demo and against many other associations. */
function always(rule: (inventory: Inventory, plans: NetworkPlan[]) => void): void {
  const { inventory } = demo();
  rule(inventory, planNetworks(inventory));
  fc.assert(
    fc.property(declarations, (declaration) => {
      const other = of(declaration);
      rule(other, planNetworks(other));
    }),
    { numRuns: 25 },
  );
}

describe("the networks of a stack", () => {
  it("are shared by two services exactly where one uses the other, or both use a third", () => {
    always((inventory, plans) => {
      const services = deployedServices(inventory);
      for (const a of services) {
        for (const b of services) {
          if (a.id >= b.id) continue;
          const near = a.delivery.host === b.delivery.host;
          const talk = a.uses.includes(b.id) || b.uses.includes(a.id);
          const third = services.some(
            ({ id, delivery }) => delivery.host === a.delivery.host && a.uses.includes(id) && b.uses.includes(id),
          );
          const shared = plans.some((plan) => isOn(plan, a.id) && isOn(plan, b.id));
          expect(shared, `${a.id} and ${b.id}`).toBe(near && (talk || third));
        }
      }
    });
  });

  it("have one server each, first of their members, which are on its host", () => {
    always((inventory, plans) => {
      expect(new Set(plans.map(({ name }) => name)).size).toBe(plans.length);
      for (const { server, host, members, aliases, name } of plans) {
        expect(members[0]).toBe(server);
        expect(new Set(members).size).toBe(members.length);
        expect(aliases).toContain(server);
        expect(name).toBe(`${inventory.deployment.prefix}-${server}`);
        for (const id of members) expect(inventory.services[id]!.delivery).toMatchObject({ by: "us", host });
      }
    });
  });

  it("lead outside only from servers that open a port or have to call the world", () => {
    always((inventory, plans) => {
      for (const { server, internal } of plans) {
        const { ports, provides } = inventory.services[server]!;
        const opens = Object.values(ports).some(({ published }) => published !== undefined);
        expect(internal).toBe(!opens && !provides.includes("proxy") && !provides.includes("lookout"));
      }
      for (const { id, ports } of deployedServices(inventory)) {
        if (!Object.values(ports).some(({ published }) => published !== undefined)) continue;
        expect(plans.some(({ server, internal }) => server === id && !internal)).toBe(true);
      }
    });
  });

  it("give the proxy the names of all the sites it answers for, so that checks use members' addresses", () => {
    always((inventory, plans) => {
      const hostnames = [
        ...deployedServices(inventory).flatMap(({ hostname }) => hostname ?? []),
        ...mailFiles(inventory).map(({ hostname }) => hostname),
      ];
      const proxy = plans.find(({ server }) => inventory.services[server]!.provides.includes("proxy"))!;
      expect(proxy.aliases.filter((alias) => alias !== proxy.server)).toEqual([...hostnames].sort());
    });
  });
});

describe("the networks of the demo", () => {
  const planOf = (server: string, { inventory } = demo()) =>
    planNetworks(inventory).find((plan) => plan.server === server);

  it("let nobody but the lookout reach the gate to the engine", () => {
    expect(planOf("gate")).toMatchObject({ members: ["gate", "lookout"], internal: true });
  });

  it("let nobody but the backup and the lookout reach the snapshots", () => {
    expect(planOf("snapshots")).toMatchObject({ members: ["snapshots", "backup", "lookout"], internal: true });
  });

  it("let the wiki reach neither the files nor the snapshots nor the engine", () => {
    const reachable = planNetworks(demo().inventory).filter((plan) => isOn(plan, "wiki"));
    expect(reachable.map(({ server }) => server)).toEqual(["wiki"]);
  });

  it("play suppliers' names inside the stack only", () => {
    expect(planOf("supplier-sites")!.aliases).toEqual(expect.arrayContaining(["caisse.example", "listes.example"]));
    expect(planOf("supplier-sites")!.internal).toBe(true);
  });

  it("stay on their host: a service elsewhere shares none with it", () => {
    const two = changedDemo((copy) => {
      addSecondHost(copy);
      copy.services["supplier-sites"].delivery.host = "second";
      copy.services["supplier-sites"].checks = [{ check: "container" }];
    });
    expect(planOf("supplier-sites", two)).toBeUndefined();
  });

  it("has no network for a service that nobody uses and that opens nothing", () => {
    const lonely = of(good());
    expect(planNetworks(lonely).map(({ server }) => server)).not.toContain("copies");
  });
});
