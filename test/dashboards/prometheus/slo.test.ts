import { beforeAll, describe, expect, it } from "vitest";
import { BURNS, type Check, type Inventory } from "../../../association/index.ts";
import { sloDrafts } from "../../../dashboards/prometheus/slo.ts";
import { demoInventory } from "../views.ts";

let inventory: Inventory;
beforeAll(async () => {
  ({ inventory } = await demoInventory());
});

const draftsWith = (changed: Partial<Check>) => {
  const checks = { ...inventory.checks, "wiki/http": { ...inventory.checks["wiki/http"]!, ...changed } };
  return sloDrafts({ ...inventory, checks }, inventory.services.wiki!);
};

describe("alerts on the error budget", () => {
  it("are there for every burn of a service with an objective, and of no other", () => {
    const drafts = sloDrafts(inventory, inventory.services.wiki!);
    expect(drafts.map(({ labels, severity }) => [labels!.burn, severity])).toEqual(
      BURNS.map(({ factor, severity }) => [`${factor}x`, severity]),
    );
    expect(sloDrafts(inventory, inventory.services.nas!)).toEqual([]);
  });

  it("wait for as long as an outage takes to be told, never longer than what shows that it still goes on", () => {
    const waits = (changed: Partial<Check>) => draftsWith(changed).map(({ forSeconds }) => forSeconds);
    const soon = { schedule: { everySeconds: 30 }, failAfter: 2, timeoutSeconds: 10 };
    expect(waits(soon)).toEqual([130, 130, 130, 130]);
    expect(waits({ ...soon, schedule: { everySeconds: 600 } })).toEqual([300, 1270, 1270, 1270]);
    expect(waits({ ...soon, schedule: { cron: "0 3 * * *" } })).toEqual([300, 1800, 7200, 21600]);
  });

  it("ask only about what tells an outage of the service: checks that count, its container, what it depends on", () => {
    for (const [index, { short }] of BURNS.entries()) {
      const [told, above] = draftsWith({})[index]!.heldWhile!;
      expect(told).toContain(`severity="page",service="wiki",check=~"container|http"}[${short}]`);
      expect(above).toContain(`vigie_service_held{service="wiki"}[${short}]`);
    }
    expect(draftsWith({ severity: "ticket" })[0]!.heldWhile![0]).toContain('check="container"');
  });
});
