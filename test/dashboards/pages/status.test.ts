import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Inventory, People } from "../../../association/index.ts";
import type { Incident } from "../../../dashboards/incident.ts";
import { statusModel } from "../../../dashboards/pages/status.ts";
import { statusPage } from "../../../dashboards/render.ts";
import { LANGUAGES } from "../../../dashboards/words/index.ts";
import { ALL_HOSTILE, HOSTILE, skeleton, textOf, withTexts } from "../hostile.ts";
import { demoInventory, emptyView, everythingDown, NOW, viewOf } from "../views.ts";

let inventory: Inventory;
let people: People;
beforeAll(async () => {
  ({ inventory, people } = await demoInventory());
});

const serviceIn = (model: ReturnType<typeof statusModel>, id: string) =>
  model.teams.flatMap(({ services }) => services).find((service) => service.id === id);

describe("the public status page", () => {
  it("groups public services in production by team, in the order of the language's alphabet", () => {
    const model = statusModel(inventory, viewOf(inventory), "fr");
    expect(model.teams.map(({ name }) => name)).toEqual([
      "Bureau et secrétariat",
      "Commission technique",
      "Communication",
      "Épicerie coopérative",
    ]);
    const shown = model.teams.flatMap(({ services }) => services.map(({ id }) => id)).sort();
    const expected = Object.values(inventory.services)
      .filter(({ active, audience }) => active && audience === "public")
      .map(({ id }) => id);
    expect(shown).toEqual(expected.sort());
    expect(expected).toContain("wiki");
    expect(expected).not.toContain("proxy");
    expect(expected).not.toContain("vault");
  });

  it("says that everything works when it does", () => {
    const model = statusModel(inventory, viewOf(inventory), "fr");
    expect(model.overall).toMatchObject({ status: "operational", headline: "Tout fonctionne", names: "" });
    expect(serviceIn(model, "wiki")).toMatchObject({ status: "operational", words: "Fonctionne", since: "" });
  });

  it("names what is down, since when and for how long", () => {
    const view = viewOf(inventory, { down: { "wiki/http": { reason: "timeout" }, "till/tcp": {} } });
    const model = statusModel(inventory, view, "en");
    expect(model.overall).toMatchObject({ status: "partial", names: "Down: Till and Wiki." });
    expect(serviceIn(model, "wiki")).toMatchObject({ status: "down", words: "Down", since: "since 13:40 (25 mins)" });
    const page = statusPage(inventory, view, "en");
    expect(page).toContain("Down: Till and Wiki.");
    expect(page).toContain("since 13:40 (25 mins)");
  });

  it("says what somebody wrote of a service whose checks see nothing, and no longer once that is over", () => {
    const told = (change: Partial<Incident>) => {
      const incident: Incident = {
        id: "by-hand",
        by: "hand",
        services: ["newsletter"],
        severity: "major",
        started: NOW - 2 * 3_600_000,
        updates: [],
        ...change,
      };
      const model = statusModel(inventory, { ...viewOf(inventory), incidents: [incident] }, "fr");
      const { status, since } = serviceIn(model, "newsletter")!;
      return { overall: model.overall.status, status, since: since.replace(/\s/g, " ") };
    };
    expect(told({})).toEqual({ overall: "partial", status: "down", since: "depuis 12:05 (2 h)" });
    expect(told({ severity: "minor" })).toEqual({ overall: "degraded", status: "degraded", since: "" });
    const mended = [{ at: NOW - 60_000, status: "monitoring" as const }];
    expect(told({ updates: mended })).toEqual({ overall: "degraded", status: "degraded", since: "" });
    const well = { overall: "operational", status: "operational", since: "" };
    expect(told({ resolved: NOW - 60_000 })).toEqual(well);
    // The lookout's own follow the checks.
    expect(told({ by: "lookout" })).toEqual(well);
  });

  it("names what is worked on and what works with reservations, where nothing is down", () => {
    const works = { forms: { until: NOW + 3_600_000 } };
    expect(statusModel(inventory, viewOf(inventory, { maintenance: works }), "en").overall).toMatchObject({
      status: "maintenance",
      names: "Being worked on: Forms and file drop.",
    });
    expect(statusModel(inventory, viewOf(inventory, { down: { "newsletter/http": {} } }), "fr").overall).toMatchObject({
      status: "degraded",
      names: "Avec des réserves\u00a0: Lettre d'information.",
    });
  });

  it("does not count internal services in the overall state", () => {
    const view = viewOf(inventory, { down: { "prometheus/http": {} } });
    expect(statusModel(inventory, view, "fr").overall.status).toBe("operational");
  });

  it("says until when work lasts", () => {
    const view = viewOf(inventory, { maintenance: { forms: { until: NOW + 3_600_000 } } });
    expect(serviceIn(statusModel(inventory, view, "fr"), "forms")).toMatchObject({
      status: "maintenance",
      since: "jusqu'à 15:05",
    });
  });

  it("admits that it knows nothing before the first check", () => {
    const model = statusModel(inventory, emptyView, "en");
    expect(model.updated).toBeNull();
    expect(model.overall.status).toBe("unknown");
    const page = statusPage(inventory, emptyView, "en");
    expect(page).toContain("No check has been run yet");
    expect(page).toContain("No history yet");
  });

  it("warns when the lookout has stopped looking", () => {
    expect(statusPage(inventory, viewOf(inventory), "en")).not.toContain("may be out of date");
    expect(statusPage(inventory, viewOf(inventory, { late: 16 * 60_000 }), "en")).toContain("may be out of date");
  });

  it("counts uptime over the days that are known", () => {
    const view = { ...emptyView, days: { wiki: [{ day: "2026-03-09", good: 999, total: 1000, down: 60 }] } };
    const wiki = serviceIn(statusModel(inventory, view, "en"), "wiki");
    expect(wiki?.uptime).toBe("99.9% of checks passed today");
    expect(wiki?.outages).toEqual(["Monday 9 March: 1 min"]);
    expect(wiki?.barsLabel).toBe("1 day of history, with an outage");
  });

  it("says whom to ask: a role and its mailbox", () => {
    const page = statusPage(inventory, viewOf(inventory), "fr");
    expect(page).toContain("Secrétaire");
    expect(page).toContain('href="mailto:secretariat-bureau@tilleuls.localhost"');
  });

  it("has a heading, landmarks, a skip link and a link to the other language", () => {
    const page = statusPage(inventory, viewOf(inventory), "fr");
    expect(page).toMatch(/^<!doctype html>\n<html lang="fr">/);
    expect(page.match(/<h1[ >]/g)).toHaveLength(1);
    expect(page.match(/<main[ >]/g)).toHaveLength(1);
    expect(page).toContain('<a class="skip" href="#content">Aller au contenu</a>');
    expect(page).toContain('href="?lang&#x3D;en" hreflang="en"');
    expect(
      statusPage({ ...inventory, association: { ...inventory.association, languages: ["fr"] } }, emptyView, "fr"),
    ).not.toContain("hreflang");
  });

  it("carries no script, no inline style and nothing from elsewhere, as the strictest policy wants", () => {
    for (const lang of LANGUAGES) {
      const page = statusPage(inventory, viewOf(inventory, { down: everythingDown(inventory) }), lang);
      expect(page).not.toMatch(/<script|<style|\sstyle=|\son[a-z]+=|javascript:/i);
      for (const [, address] of page
        .replace(/<link rel="alternate"[^>]*>/, "")
        .matchAll(/<(?:link|img|source|iframe)[^>]*?(?:href|src)="([^"]*)"/g)) {
        expect(address).toMatch(/^\/assets\/vigie\.[0-9a-f]{12}\.(css|svg)$/);
      }
    }
  });
});

describe("what the public page keeps to itself", () => {
  it("is every person, machine, container, target and error message", () => {
    const secret = "proxy upstream 10.0.0.7 said no";
    const down = Object.fromEntries(
      Object.keys(inventory.checks).map((id) => [id, { reason: "refused", message: secret }]),
    );
    const view = viewOf(inventory, { down, problems: ["History is in memory only"] });
    for (const lang of LANGUAGES) {
      const page = statusPage(inventory, view, lang);
      const hidden = [
        secret,
        "refused",
        "History is in memory only",
        ...Object.values(people.holders).flatMap(({ name, email, phone, login }) => [
          name,
          email,
          login,
          ...(phone ? [phone] : []),
        ]),
        ...Object.values(inventory.hosts).flatMap(({ name, address, engine }) => [name[lang], address, engine]),
        ...Object.values(inventory.services).flatMap(({ container, volumes }) => [
          ...(container ? [container] : []),
          ...Object.values(volumes).map((volume) => volume.name),
        ]),
        ...Object.values(inventory.services)
          .filter(({ audience, active }) => audience === "internal" || !active)
          .map(({ name }) => name[lang])
          // "Alerts" or "Backup" are also words; a name of two words cannot be there by chance.
          .filter((name) => name.includes(" ")),
        ...Object.values(inventory.suppliers).flatMap(({ contact, contract }) => [
          ...(contact.phone ? [contact.phone] : []),
          ...(contract ? [contract] : []),
        ]),
      ];
      expect(hidden.length).toBeGreaterThan(40);
      for (const text of hidden) expect(page, text).not.toContain(text);
    }
  });
});

describe("hostile texts on the public page", () => {
  it("never change what the page is made of", () => {
    const view = viewOf(inventory);
    const expected = skeleton(statusPage(withTexts(inventory, "plain"), view, "fr"));
    for (const text of [...HOSTILE, ALL_HOSTILE]) {
      const page = statusPage(withTexts(inventory, text), view, "fr");
      expect(skeleton(page)).toEqual(expected);
      expect(textOf(page)).not.toMatch(/[<>]/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is looked for
      expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/);
    }
  });

  it("never do, whatever they are", () => {
    const view = viewOf(inventory);
    const expected = skeleton(statusPage(withTexts(inventory, "plain"), view, "en"));
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (text) => {
        const page = statusPage(withTexts(inventory, `x${text}`), view, "en");
        expect(skeleton(page)).toEqual(expected);
        expect(textOf(page)).not.toMatch(/[<>]/);
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it("cannot make a service's link run something", () => {
    const wiki = { ...inventory.services.wiki!, url: "javascript:alert(1)" };
    const page = statusPage({ ...inventory, services: { ...inventory.services, wiki } }, viewOf(inventory), "fr");
    expect(page).not.toContain("javascript:");
    expect(page).toContain("<h3>Wiki</h3>");
  });
});
