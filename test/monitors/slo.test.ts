import { describe, expect, it } from "vitest";
import { sloState } from "../../dashboards/slo.ts";
import { check } from "./helpers/inventory.ts";
import { startLookout } from "./helpers/lookout.ts";

const HOUR = 3_600_000;
const objective = { availability: 99, over: 30 * 86_400 };

describe("what is left of an error budget", () => {
  it.each([
    [1000, 1000, 1],
    [995, 1000, 0.5],
    [990, 1000, 0],
    [980, 1000, -1],
  ])("after %d good runs of %d is %d", (good, total, expected) => {
    expect(sloState(objective, { good, total }).budgetLeft).toBeCloseTo(expected);
  });

  it("is unknown while nothing has counted", () => {
    expect(sloState(objective, { good: 0, total: 0 })).toEqual({ objective, good: 0, total: 0 });
  });
});

describe("a service with an objective", () => {
  it("has the runs counted of its declared checks that page, without announced work nor times without a network", async () => {
    const now = Date.now();
    const checks = [
      check({ id: "wiki/http", kind: "http" }),
      check({ id: "wiki/container", kind: "container", origin: "derived" }),
      check({ id: "wiki/slow", kind: "tcp", severity: "ticket" }),
    ];
    const { lookout, history, text } = await startLookout({
      checks,
      start: false,
      slo: { wiki: objective },
      maintenance: {
        past: {
          services: ["wiki"],
          title: { fr: "Travaux", en: "Work" },
          when: { from: now - 3 * HOUR, until: now - 2 * HOUR },
        },
      },
    });
    const run = (at: number, ok: boolean, reason = "timeout") => ({
      at,
      ok,
      seconds: 0.1,
      measures: {},
      ...(ok ? {} : { reason }),
    });
    for (let minute = 0; minute < 240; minute++) {
      const at = now - 4 * HOUR + minute * 60_000;
      // The hour of announced work, all failed; one failure in ten besides.
      const ok = !(at >= now - 3 * HOUR && at < now - 2 * HOUR) && minute % 10 !== 0;
      lookout.engine.finished("wiki/http", run(at, ok));
      lookout.engine.finished("wiki/container", run(at, false));
      lookout.engine.finished("wiki/slow", run(at, false));
    }
    history.flush();
    await history.rollUp(now + HOUR);
    const { wiki } = lookout.slos(now + HOUR);
    expect(wiki).toMatchObject({ total: 180, good: 162 });
    expect(wiki!.budgetLeft).toBeCloseTo(1 - 0.1 / 0.01);
    expect(lookout.view(now + HOUR).slos).toEqual({ wiki });
    const metrics = await text("/metrics");
    expect(metrics).toContain('vigie_service_slo_runs_total{service="wiki",result="good"} 162');
    expect(metrics).toContain('vigie_service_slo_runs_total{service="wiki",result="bad"} 18');
    expect(metrics).toContain('vigie_service_slo_objective_ratio{service="wiki"} 0.99');
    expect(metrics).toMatch(/vigie_service_slo_error_budget_remaining_ratio\{service="wiki"\} -(9|8\.99)/);
  });

  it("has the same runs counted in metrics and on pages: those that others outvote, and early warnings, are no errors", async () => {
    const now = Date.now();
    const others: { status: "up" | "down" } = { status: "up" };
    const { lookout, history, text } = await startLookout({
      checks: [check({ id: "wiki/http", kind: "http", failAfter: 1, recoverAfter: 1 })],
      start: false,
      slo: { wiki: objective },
      votes: () => ["annex", "third"].map((vantage) => ({ vantage, since: now, ...others })),
    });
    let at = now - 4 * HOUR;
    const runs = (count: number, reason?: string): void => {
      for (let run = 0; run < count; run++, at += 60_000)
        lookout.engine.finished("wiki/http", {
          at,
          ok: reason === undefined,
          seconds: 0.1,
          measures: {},
          ...(reason === undefined ? {} : { reason }),
        });
    };
    runs(20);
    // Seen down from here alone, it is up; seen up from here alone, it is down.
    runs(30, "timeout");
    others.status = "down";
    runs(7);
    runs(3, "timeout");
    others.status = "up";
    runs(20);
    runs(40, "expires-soon");
    history.flush();
    await history.rollUp(now + HOUR);
    expect(lookout.slos(now + HOUR).wiki).toMatchObject({ total: 120, good: 110 });
    const metrics = await text("/metrics");
    expect(metrics).toContain('vigie_service_slo_runs_total{service="wiki",result="good"} 110');
    expect(metrics).toContain('vigie_service_slo_runs_total{service="wiki",result="bad"} 10');
    const days = lookout.view(now + HOUR).days.wiki!;
    expect(days.reduce((sum, { good }) => sum + good, 0)).toBe(110);
    expect(days.reduce((sum, { total }) => sum + total, 0)).toBe(120);
    // What is charted of what is not rolled up yet counts alike.
    expect(history.chart("wiki/http", now - 5 * HOUR, now + HOUR)!.whole).toMatchObject({ good: 110, total: 120 });
  });

  it("is not told of where there is none", async () => {
    const { text, lookout } = await startLookout({ start: false });
    expect(await text("/metrics")).not.toContain("vigie_service_slo");
    expect(lookout.view().slos).toEqual({});
  });
});
