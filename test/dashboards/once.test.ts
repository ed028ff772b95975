import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { once, pieces } from "../../dashboards/once.ts";
import { oncallPage, statusPage } from "../../dashboards/render.ts";
import { type CheckState, DAYS_SHOWN, type DayBar, type LookoutView, type Maintenance } from "../../dashboards/view.ts";
import { demoInventory, viewOf } from "./views.ts";

describe("what is made once", () => {
  it("is made for each pair of objects", () => {
    let made = 0;
    const add = once((a: { n: number }, b: { n: number }) => {
      made++;
      return a.n + b.n;
    });
    const [one, two] = [{ n: 1 }, { n: 2 }];
    expect([add(one, two), add(one, two), add(two, one), add(one, one)]).toEqual([3, 3, 3, 2]);
    expect(made).toBe(3);
  });
});

describe("a piece of a page", () => {
  const inventory = {};

  it("stays while its model holds the same, and is made anew for each thing that differs", () => {
    let made = 0;
    const piece = pieces((model: Record<string, unknown>) => `${++made} ${JSON.stringify(model)}`);
    const list = ["a"];
    const first = piece(inventory, "here", { name: "wiki", list });
    expect(piece(inventory, "here", { list, name: "wiki" })).toBe(first);
    expect(piece(inventory, "here", { name: "wiki", list: ["a"] })).not.toBe(first);
    expect(piece(inventory, "here", { name: "wiki", list, more: undefined })).toMatch(/^3 /);
    expect(piece(inventory, "here", { name: "wiki", list })).toMatch(/^4 /);
    expect(piece(inventory, "there", { name: "wiki", list })).toMatch(/^5 /);
    expect(piece({}, "here", { name: "wiki", list })).toMatch(/^6 /);
  });
});

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A view that goes on, as the lookout's does: bars are counted in their own objects, states are replaced. */
interface Live extends Mutable<LookoutView> {
  states: Record<string, CheckState>;
  days: Record<string, Mutable<DayBar>[]>;
  maintenance: Record<string, Maintenance>;
}

type Happening = (live: Live, service: string, check: string, amount: number) => void;

const lastOf = (live: Live, service: string) => live.days[service]?.at(-1);

/** Everything that the pages show may change in these ways. */
const HAPPENINGS: Readonly<Record<string, Happening>> = {
  "a good run": (live, service) => {
    const bar = lastOf(live, service);
    if (bar) [bar.good, bar.total] = [bar.good + 1, bar.total + 1];
  },
  "many failed runs": (live, service, _, amount) => {
    const bar = lastOf(live, service);
    if (bar) bar.total += amount;
  },
  "time spent down today": (live, service, _, amount) => {
    const bar = lastOf(live, service);
    if (bar) bar.down += amount;
  },
  "an outage long ago that is known of now": (live, service, _, amount) => {
    const bars = live.days[service];
    const bar = bars?.[amount % bars.length];
    if (bar) bar.down = bar.down > 0 ? 0 : amount;
  },
  "a new day": (live, service) => {
    const bars = live.days[service] ?? [];
    live.days[service] = bars;
    const day = new Date(Date.parse(bars.at(-1)?.day ?? "2026-03-01") + 86_400_000).toISOString().slice(0, 10);
    bars.push({ day, good: 0, total: 0, down: 0 });
    if (bars.length > DAYS_SHOWN) bars.shift();
  },
  "days that are called otherwise": (live, service) => {
    for (const bar of live.days[service] ?? []) bar.day = `2025${bar.day.slice(4)}`;
  },
  "history that was lost": (live, service) => {
    delete live.days[service];
  },
  "a check that goes down": (live, _, check, amount) => {
    const since = live.now - amount * 1000;
    live.states[check] = {
      check,
      status: "down",
      since,
      consecutiveFailures: amount,
      lastRun: {
        at: since,
        ok: false,
        seconds: amount,
        reason: "timeout",
        message: `not within ${amount} s`,
        measures: {},
      },
    };
  },
  "a check that comes up": (live, _, check, amount) => {
    const at = live.now - amount;
    live.states[check] = {
      check,
      status: "up",
      since: at,
      consecutiveFailures: 0,
      lastRun: { at, ok: true, seconds: amount / 1000, measures: {} },
    };
  },
  "a check that nobody knows of any more": (live, _, check) => {
    delete live.states[check];
  },
  "work on a service": (live, service, _, amount) => {
    if (live.maintenance[service]) delete live.maintenance[service];
    else live.maintenance[service] = { until: live.now + amount * 60_000 };
  },
  "time going on": (live, _service, _check, amount) => {
    live.now += amount * 1000;
  },
};

describe("pages made of pieces", () => {
  it("are the same as when made from nothing, whatever has changed since they were last made", async () => {
    const { inventory, people } = await demoInventory();
    const [services, checks] = [Object.keys(inventory.services), Object.keys(inventory.checks)];
    const happening = fc.record({
      what: fc.constantFrom(...Object.keys(HAPPENINGS)),
      service: fc.constantFrom(...services),
      check: fc.constantFrom(...checks),
      amount: fc.integer({ min: 1, max: 100_000 }),
    });
    fc.assert(
      fc.property(fc.array(happening, { minLength: 1, maxLength: 12 }), (all) => {
        const { latency: _, ...start } = structuredClone({ ...viewOf(inventory), latency: undefined });
        const live = { ...start, maintenance: {} } as Live;
        for (const { what, service, check, amount } of all) {
          HAPPENINGS[what]!(live, service, check, amount);
          // Copies are not known to any memory.
          const [other, view] = [structuredClone(inventory), structuredClone(live)];
          for (const lang of ["fr", "en"] as const) {
            expect(statusPage(inventory, live, lang), what).toBe(statusPage(other, view, lang));
            expect(oncallPage(inventory, people, live, lang), what).toBe(oncallPage(other, people, view, lang));
          }
        }
      }),
      { numRuns: 8 },
    );
  });
});
