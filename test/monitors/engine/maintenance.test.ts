import { describe, expect, it } from "vitest";
import type { MaintenanceWindow } from "../../../association/index.ts";
import { MaintenanceCalendar } from "../../../monitors/engine/maintenance.ts";
import { Days } from "../../../monitors/history/days.ts";
import { check } from "../helpers/inventory.ts";
import { startLookout } from "../helpers/lookout.ts";

const MINUTE = 60_000;
const title = { fr: "Travaux", en: "Work" };
const once = (from: number, until: number, services = ["wiki"]): MaintenanceWindow => ({
  services,
  title,
  when: { from, until },
});
/** Noon in Paris, in winter. */
const NOON = Date.UTC(2027, 0, 15, 11);

describe("the calendar of announced work", () => {
  it("knows what goes on, and of two windows the one that ends last", () => {
    const calendar = new MaintenanceCalendar({
      maintenance: { short: once(NOON, NOON + MINUTE), long: once(NOON, NOON + 5 * MINUTE) },
    });
    expect(calendar.at("wiki", NOON - 1)).toBeUndefined();
    expect(calendar.at("wiki", NOON)).toMatchObject({ window: "long", until: NOON + 5 * MINUTE });
    expect(calendar.at("wiki", NOON + 5 * MINUTE)).toBeUndefined();
    expect(calendar.at("till", NOON)).toBeUndefined();
  });

  it("counts once what two windows share", () => {
    const calendar = new MaintenanceCalendar({
      maintenance: { a: once(NOON, NOON + 4 * MINUTE), b: once(NOON + 2 * MINUTE, NOON + 6 * MINUTE) },
    });
    expect(calendar.overlap("wiki", NOON - MINUTE, NOON + 10 * MINUTE)).toBe(6 * MINUTE);
    expect(calendar.overlap("wiki", NOON + MINUTE, NOON + 3 * MINUTE)).toBe(2 * MINUTE);
  });

  it("knows work of months and years ahead once they have come", () => {
    const monthly: MaintenanceWindow = {
      services: ["wiki"],
      title,
      when: { cron: "0 6 1 * *", seconds: 3600, timeZone: "Europe/Paris" },
    };
    const calendar = new MaintenanceCalendar({ maintenance: { monthly } });
    expect(calendar.at("wiki", Date.UTC(2027, 1, 1, 5, 30))).toBeDefined();
    expect(calendar.at("wiki", Date.UTC(2029, 6, 1, 4, 30))).toBeDefined();
    expect(calendar.at("wiki", Date.UTC(2029, 6, 1, 5, 30))).toBeUndefined();
    // A clock that is put back.
    expect(calendar.at("wiki", Date.UTC(2027, 1, 1, 5, 30))).toBeDefined();
  });
});

describe("a day with announced work", () => {
  it("has it counted neither as up nor as down", () => {
    const days = new Days("Europe/Paris");
    const calendar = new MaintenanceCalendar({ maintenance: { a: once(NOON, NOON + 10 * MINUTE) } });
    days.follow(calendar, NOON - 60 * MINUTE);
    days.setDown("wiki", NOON - 5 * MINUTE, NOON - 5 * MINUTE);
    days.settle(NOON + 3 * MINUTE);
    days.settle(NOON + 20 * MINUTE);
    expect(days.bars.wiki).toEqual([{ day: "2027-01-15", good: 0, total: 0, down: 15 * 60, maintenance: 10 * 60 }]);
  });

  it("has its share where work goes on past midnight", () => {
    const days = new Days("Europe/Paris");
    const midnight = Date.UTC(2027, 0, 15, 23);
    days.follow(new MaintenanceCalendar({ maintenance: { a: once(midnight - MINUTE, midnight + 2 * MINUTE) } }), NOON);
    days.settle(midnight + 5 * MINUTE);
    expect(days.bars.wiki?.map(({ day, maintenance }) => [day, maintenance])).toEqual([
      ["2027-01-15", 60],
      ["2027-01-16", 120],
    ]);
  });
});

describe("a lookout with announced work", () => {
  const down = { ok: false, reason: "timeout", message: "", seconds: 1, measures: {} } as const;

  it("shows it, announces it, tells Prometheus, and counts no run meanwhile", async () => {
    const now = Date.now();
    const { lookout, text } = await startLookout({
      checks: [check({ id: "wiki/http", kind: "http" }), check({ id: "till/http", kind: "http" })],
      maintenance: { now: once(now - MINUTE, now + 30 * MINUTE), later: once(now + 90 * MINUTE, now + 99 * MINUTE) },
      start: false,
    });
    lookout.engine.finished("wiki/http", { at: now, ...down });
    lookout.engine.finished("till/http", { at: now, ...down });
    const view = lookout.view(now);
    expect(view.maintenance).toEqual({ wiki: { from: now - MINUTE, until: now + 30 * MINUTE, title } });
    expect(view.announced?.map(({ window, services }) => [window, services])).toEqual([
      ["now", ["wiki"]],
      ["later", ["wiki"]],
    ]);
    expect(view.days.wiki?.[0]?.total ?? 0).toBe(0);
    expect(view.days.till?.[0]?.total).toBe(1);
    const metrics = await text("/metrics");
    expect(metrics).toContain('vigie_service_maintenance{service="wiki"} 1');
    expect(metrics).toContain('vigie_service_maintenance{service="till"} 0');
  });

  it("holds back news of what depends on a service that is worked on or down, and on nothing else", async () => {
    const now = Date.now();
    const { lookout, text } = await startLookout({
      checks: ["wiki", "till", "forms"].map((service) => check({ id: `${service}/http`, kind: "http", failAfter: 1 })),
      maintenance: { now: once(now - MINUTE, now + MINUTE, ["wiki"]) },
      dependsOn: { till: ["wiki"], forms: ["till"] },
      start: false,
    });
    expect(lookout.heldBy("forms", now)).toBe("wiki");
    expect(lookout.heldBy("wiki", now)).toBeUndefined();
    expect(lookout.heldBy("forms", now + 2 * MINUTE)).toBeUndefined();
    lookout.engine.finished("till/http", { at: now, ...down });
    expect(lookout.heldBy("forms", now + 2 * MINUTE)).toBe("till");
    expect(await text("/metrics")).toContain('vigie_service_held{service="forms"} 1');
    lookout.engine.finished("till/http", { at: now, ok: true, seconds: 1, measures: {} });
    expect(lookout.heldBy("forms", now + 2 * MINUTE)).toBeUndefined();
  });

  it("waits with news of a service while what it depends on may be about to be down: for two minutes, and for no early warning", async () => {
    const now = Date.now();
    const { lookout } = await startLookout({
      checks: [
        check({ id: "wiki/http", kind: "http", failAfter: 2 }),
        check({ id: "wiki/slow", kind: "http", failAfter: 2, severity: "ticket" }),
        check({ id: "till/http", kind: "http", failAfter: 2 }),
        check({ id: "forms/http", kind: "http", failAfter: 1 }),
      ],
      dependsOn: { forms: ["till", "wiki"] },
      start: false,
    });
    const good = { ok: true, seconds: 1, measures: {} };
    const held = (after = 1) => lookout.heldBy("forms", now + after);
    lookout.engine.finished("forms/http", { at: now, ...down });
    lookout.engine.finished("wiki/slow", { at: now, ...down });
    lookout.engine.finished("till/http", { at: now, ...down, reason: "expires-soon" });
    expect(held()).toBeUndefined();
    lookout.engine.finished("wiki/http", { at: now, ...down });
    expect(held()).toBe("wiki");
    expect(held(2 * MINUTE - 1)).toBe("wiki");
    // What began long ago is not explained by what begins now, however often that does.
    expect(held(2 * MINUTE)).toBeUndefined();
    lookout.engine.finished("wiki/http", { at: now + 1, ...good });
    expect(held(2)).toBeUndefined();
    lookout.engine.finished("wiki/http", { at: now + 2 * MINUTE, ...down });
    expect(held(2 * MINUTE)).toBeUndefined();
    lookout.engine.finished("wiki/http", { at: now + 2 * MINUTE + 1, ...down });
    expect(held(2 * MINUTE)).toBe("wiki");
    // What does not fail has nothing to be explained.
    lookout.engine.finished("wiki/http", { at: now + 3 * MINUTE, ...good });
    lookout.engine.finished("forms/http", { at: now + 3 * MINUTE, ...good });
    lookout.engine.finished("wiki/http", { at: now + 3 * MINUTE, ...down });
    expect(held(3 * MINUTE)).toBeUndefined();
  });
});
