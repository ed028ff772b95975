import { describe, expect, it } from "vitest";
import { recoveryModel } from "../../../dashboards/pages/recovery.ts";
import { recoveryPage } from "../../../dashboards/render.ts";
import { drills, goodDrill, versions } from "../../monitors/reports-fixture.ts";
import { demoInventory } from "../views.ts";

const { inventory: plain } = await demoInventory();
const inventory = {
  ...plain,
  association: { ...plain.association, drill: { schedule: { cron: "0 4 1 * *" }, maxAge: 30 * 86_400 } },
};
const NOW = Date.parse("2026-11-24T12:00:00Z");

describe("the page of drills and versions", () => {
  it("says in both languages that nothing is known yet", () => {
    expect(recoveryPage(inventory, {}, NOW, "fr")).toContain("Aucun exercice n&#x27;a encore eu lieu");
    expect(recoveryPage(inventory, {}, NOW, "en")).toContain("Nobody has looked for newer versions yet");
  });

  it("shows the time each service took beside what is promised, and what would have been lost", () => {
    const { drill, headline, mood } = recoveryModel(inventory, { drills: drills(goodDrill) }, NOW, "en");
    expect(headline).toMatch(/^Everything was back in 5/);
    expect(mood).toBe("operational");
    expect(drill?.services[0]).toMatchObject({
      name: "Wiki",
      promised: expect.stringMatching(/^4 h/),
      status: "operational",
    });
    expect(drill?.volumes[0]).toMatchObject({ snapshot: "1a2b3c4d", files: "12", lost: expect.stringMatching(/^2 h/) });
  });

  it("is alarmed by a drill that failed, a promise that was broken, and a good one that is too old", () => {
    const late = {
      ...goodDrill,
      services: [{ service: "wiki", rtoSeconds: 20_000, rtoGoalSeconds: 14_400, failing: [] }],
    };
    expect(recoveryModel(inventory, { drills: drills(late) }, NOW, "en").drill?.services[0]?.status).toBe("down");
    const lost = { ...late, services: [{ ...late.services[0]!, rtoSeconds: 60, canary: "missing" as const }] };
    expect(recoveryModel(inventory, { drills: drills(lost) }, NOW, "en").drill?.services[0]).toMatchObject({
      canary: "not found",
      status: "down",
    });
    const failed = { ...goodDrill, passed: false, rtoSeconds: null };
    expect(recoveryModel(inventory, { drills: drills(failed, goodDrill) }, NOW, "en")).toMatchObject({
      mood: "partial",
      headline: "Not everything came back",
    });
    const later = NOW + 40 * 86_400_000;
    expect(recoveryModel(inventory, { drills: drills(goodDrill) }, later, "en")).toMatchObject({
      mood: "partial",
      overdue: true,
    });
  });

  it("tells what is newer, since when, what is decided and what is held back", () => {
    const rows = recoveryModel(inventory, { versions }, NOW, "en").versions!.rows;
    expect(rows[0]).toMatchObject({ runs: "dokuwiki 0.0.20240206b-1", status: "down" });
    expect(rows[0]!.newer).toMatch(/^2 packages, 1 for security, since /);
    expect(rows[1]).toMatchObject({
      newer: "up to date",
      decision: "kept on its earlier version",
      why: "nas/tcp: refused",
    });
    const page = recoveryPage(inventory, { versions }, NOW, "fr");
    expect(page).toContain("debian:trixie-slim: son registre en a une plus récente");
    expect(page).toContain("zod 4.0.0 → 4.1.0");
  });

  it("escapes whatever a report holds", () => {
    const evil = "<script>alert(1)</script>\u202e{{x}}";
    const hostile = {
      ...versions,
      unreached: [evil],
      services: { [evil]: { ...versions.services.wiki!, software: [{ package: evil, version: evil }] } },
    };
    const page = recoveryPage(
      inventory,
      {
        versions: hostile,
        drills: drills({ ...goodDrill, volumes: [{ ...goodDrill.volumes[0]!, service: evil, volume: evil }] }),
      },
      NOW,
      "en",
    );
    expect(page).not.toContain("<script>alert");
    expect(page).not.toContain("\u202e");
  });
});
