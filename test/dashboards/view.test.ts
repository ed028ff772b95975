import { beforeAll, describe, expect, it } from "vitest";
import type { Inventory } from "../../association/index.ts";
import {
  brokenSince,
  dayLevel,
  failing,
  type LookoutView,
  lastRunAt,
  overallStatus,
  serviceStatus,
  uptime,
} from "../../dashboards/view.ts";
import { demoInventory, emptyView, NOW, viewOf } from "./views.ts";

let inventory: Inventory;
beforeAll(async () => {
  ({ inventory } = await demoInventory());
});

const status = (id: string, view: LookoutView) => serviceStatus(inventory, inventory.services[id]!, view);

describe("the state of a service", () => {
  it("is unknown before any check has been run", () => {
    expect(status("wiki", emptyView)).toBe("unknown");
  });

  it("is operational when every check is up", () => {
    expect(status("wiki", viewOf(inventory))).toBe("operational");
  });

  it("is down when a check that pages is down", () => {
    expect(status("wiki", viewOf(inventory, { down: { "wiki/http": { reason: "timeout" } } }))).toBe("down");
  });

  it("is degraded, not down, when only a ticket check is down", () => {
    expect(status("wiki", viewOf(inventory, { down: { "wiki/backup": { reason: "too-old" } } }))).toBe("degraded");
  });

  it("is degraded while a certificate only nears its end, and down once it is over", () => {
    expect(status("wiki", viewOf(inventory, { down: { "wiki/tls": { reason: "expires-soon" } } }))).toBe("degraded");
    expect(status("wiki", viewOf(inventory, { down: { "wiki/tls": { reason: "expired" } } }))).toBe("down");
  });

  it("is down whichever comes first, the outage or the warning", () => {
    const view = viewOf(inventory, {
      down: { "wiki/backup": {}, "wiki/http": {}, "wiki/tls": { reason: "expires-soon" } },
    });
    expect(status("wiki", view)).toBe("down");
  });

  it("is maintenance while work is announced, whatever the checks say", () => {
    const view = viewOf(inventory, { down: { "wiki/http": {} }, maintenance: { wiki: { until: NOW + 1000 } } });
    expect(status("wiki", view)).toBe("maintenance");
  });

  it("ignores checks that are still pending", () => {
    const view = viewOf(inventory);
    const states = { ...view.states, "wiki/http": { ...view.states["wiki/http"]!, status: "pending" as const } };
    expect(status("wiki", { ...view, states })).toBe("operational");
  });

  it("ignores states of checks that the inventory no longer has", () => {
    const view = viewOf(inventory, { down: { "wiki/http": {} } });
    const other = { ...inventory.services.wiki!, checks: ["wiki/gone", "wiki/container"] };
    expect(serviceStatus(inventory, other, view)).toBe("operational");
  });
});

describe("the overall state", () => {
  it.each([
    [[], "unknown"],
    [["unknown", "unknown"], "unknown"],
    [["operational", "unknown"], "operational"],
    [["operational", "maintenance"], "maintenance"],
    [["operational", "degraded", "maintenance"], "degraded"],
    [["operational", "down"], "partial"],
    [["down", "unknown"], "outage"],
    [["down", "down"], "outage"],
  ] as const)("of %j is %s", (statuses, expected) => {
    expect(overallStatus(statuses)).toBe(expected);
  });
});

describe("days", () => {
  const day = { day: "2026-03-10", good: 10, total: 10, down: 0 };

  it("are told apart by the time spent down, not by a lone miss", () => {
    expect(dayLevel({ ...day, total: 0, good: 0 })).toBe("none");
    expect(dayLevel({ ...day, good: 9 })).toBe("good");
    expect(dayLevel({ ...day, down: 1 })).toBe("short");
    expect(dayLevel({ ...day, down: 3599 })).toBe("short");
    expect(dayLevel({ ...day, down: 3600 })).toBe("long");
  });

  it("weigh by their runs in the uptime", () => {
    expect(uptime([])).toBeUndefined();
    expect(uptime([{ ...day, good: 0, total: 0 }])).toBeUndefined();
    expect(
      uptime([
        { ...day, good: 90, total: 90 },
        { ...day, good: 0, total: 10 },
      ]),
    ).toBeCloseTo(0.9);
  });
});

describe("what is failing", () => {
  it("is listed with the oldest failure first, and dates the outage", () => {
    const view = viewOf(inventory, {
      down: { "wiki/http": { since: NOW - 100 }, "wiki/container": { since: NOW - 900 } },
    });
    const wiki = inventory.services.wiki!;
    expect(failing(inventory, wiki, view).map(({ check }) => check)).toEqual(["wiki/container", "wiki/http"]);
    expect(brokenSince(inventory, wiki, view)).toBe(NOW - 900);
    expect(brokenSince(inventory, inventory.services.nas!, view)).toBeUndefined();
  });

  it("dates an outage from what members met, not from a warning that was there before", () => {
    const view = viewOf(inventory, {
      down: {
        "newsletter/http": { since: NOW - 9000 },
        "wiki/tls": { since: NOW - 9000, reason: "expires-soon" },
        "wiki/http": { since: NOW - 60 },
      },
    });
    expect(brokenSince(inventory, inventory.services.wiki!, view)).toBe(NOW - 60);
    expect(failing(inventory, inventory.services.wiki!, view).map(({ check }) => check)).toEqual([
      "wiki/http",
      "wiki/tls",
    ]);
    expect(brokenSince(inventory, inventory.services.newsletter!, view)).toBe(NOW - 9000);
  });

  it("was last looked at when the youngest run began", () => {
    expect(lastRunAt(emptyView)).toBeUndefined();
    const view = viewOf(inventory, { down: { "wiki/http": { at: NOW - 5 } } });
    expect(lastRunAt(view)).toBe(NOW - 5);
  });
});
