import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Inventory, People } from "../../../association/index.ts";
import { oncallModel } from "../../../dashboards/pages/oncall.ts";
import { oncallPage } from "../../../dashboards/render.ts";
import type { LookoutView } from "../../../dashboards/view.ts";
import { LANGUAGES } from "../../../dashboards/words/index.ts";
import { ALL_HOSTILE, HOSTILE, skeleton, textOf, withTexts } from "../hostile.ts";
import { demoInventory, emptyView, everythingDown, incidentsOf, NOW, viewOf } from "../views.ts";

let inventory: Inventory;
let people: People;
beforeAll(async () => {
  ({ inventory, people } = await demoInventory());
});

const model = (view: LookoutView, lang: "fr" | "en" = "en") => oncallModel(inventory, people, view, lang);
const page = (view: LookoutView, lang: "fr" | "en" = "en") => oncallPage(inventory, people, view, lang);

describe("a broken service on the on-call page", () => {
  const wikiDown = {
    "wiki/http": { reason: "wrong-status", message: "found status 502, expected 200" },
    "wiki/container": { reason: "unhealthy", message: "unhealthy for 3 min", since: NOW - 30 * 60_000 },
  };

  it("says what, since when, why, and what to open", () => {
    const [wiki] = model(viewOf(inventory, { down: wikiDown })).broken;
    expect(wiki).toMatchObject({ id: "wiki", status: "down", howLong: "30 mins", because: "" });
    expect(wiki?.failures.map(({ check, reason, message, runbook }) => ({ check, reason, message, runbook }))).toEqual([
      {
        check: "wiki/container",
        reason: "container unhealthy",
        message: "unhealthy for 3 min",
        runbook: "ContainerUnhealthy",
      },
      {
        check: "wiki/http",
        reason: "wrong status code",
        message: "found status 502, expected 200",
        runbook: "CheckFailing",
      },
    ]);
    expect(wiki?.failures[1]?.runbookHref).toBe("/runbooks/CheckFailing?service=wiki&lang=en");
    expect(wiki?.procedureHref).toBe("/runbooks/wiki?service=wiki&lang=en");
  });

  it("shows the first failure and whom to call at once, and the others behind their number", () => {
    const html = page(viewOf(inventory, { down: wikiDown }), "fr");
    const [atOnce, behind] = html
      .slice(html.indexOf('id="service-wiki"'), html.indexOf("</article>"))
      .split("<summary>");
    expect(atOnce).toContain("conteneur en mauvaise santé");
    expect(atOnce).toContain("Karim Benali");
    expect(atOnce).not.toContain("mauvais code de réponse");
    expect(behind).toMatch(/^1 autre contrôle en échec, niveau 2, fournisseur<\/summary>/);
    expect(behind).toContain("mauvais code de réponse");
  });

  it("says from where a check is seen down, and from where it is not, where places do not agree", () => {
    const view = viewOf(inventory, { down: wikiDown });
    const seen = [{ status: "down" }, { vantage: "nas", status: "up" }, { vantage: "gone", status: "down" }] as const;
    const states = { ...view.states, "wiki/http": { ...view.states["wiki/http"]!, seen } };
    const [wiki] = model({ ...view, states }).broken;
    expect(wiki?.failures[1]).toMatchObject({
      message: "found status 502, expected 200",
      seen: "down as seen from the lookout and gone, up as seen from Shared files",
    });
    // What is no outage for that reason is told beside the check, in the table of all of them.
    const well = viewOf(inventory);
    const outvoted = { ...well.states, "wiki/http": { ...well.states["wiki/http"]!, seen: seen.slice(0, 2) } };
    expect(model({ ...well, states: outvoted }, "fr").checks.find(({ check }) => check === "wiki/http")?.seen).toBe(
      "en panne vu depuis la vigie, en marche vu depuis Fichiers partagés",
    );
  });

  it("says who answers for it, who holds that role now, and how to call them", () => {
    const html = page(viewOf(inventory, { down: wikiDown }), "fr");
    expect(html).toContain("Astreinte informatique");
    expect(html).toContain("Karim Benali");
    expect(html).toContain('href="tel:+33639980102"');
    expect(html).toContain('href="mailto:karim.benali@courriel.example"');
    expect(html).toContain("Responsable technique");
    expect(html).toContain("Léa Martin");
  });

  it("gives the supplier's contact, contract included, when somebody else runs it", () => {
    const [till] = model(viewOf(inventory, { down: { "till/tcp": { reason: "refused" } } })).broken;
    expect(till?.supplier).toMatchObject({ name: "Éditeur de caisse", phoneHref: "tel:+33199002020" });
    expect(till?.supplier?.contract).toContain("Maintenance caisse");
    expect(till?.level2?.id).toBe("it-on-call");
  });

  it("points at what it depends on when that is down too, directly or not", () => {
    const down = { "wiki/http": {}, "proxy/tcp": { since: NOW - 60_000 } };
    const { broken } = model(viewOf(inventory, { down }));
    expect(broken.find(({ id }) => id === "wiki")?.because).toBe("Probably because of: Front door");
    expect(broken.find(({ id }) => id === "proxy")?.because).toBe("");
    const badge = model(viewOf(inventory, { down: { "badge-readers/tcp": {}, "internet/tcp": {} } })).broken;
    expect(badge.find(({ id }) => id === "badge-readers")?.because).toContain("Internet at the premises");
  });

  it("comes before those that are only degraded, the oldest outage first", () => {
    const down = {
      "nas/backup": { reason: "too-old", since: NOW - 9_000_000 },
      "wiki/http": { since: NOW - 60_000 },
      "till/tcp": { since: NOW - 120_000 },
    };
    expect(model(viewOf(inventory, { down })).broken.map(({ id, status }) => [id, status])).toEqual([
      ["till", "down"],
      ["wiki", "down"],
      ["nas", "degraded"],
    ]);
  });

  it("opens the certificate's runbook when a certificate runs out, and another when it is wrong", () => {
    const alert = (reason: string) =>
      model(viewOf(inventory, { down: { "wiki/tls": { reason } } })).broken[0]?.failures[0]?.runbook;
    expect(alert("expires-soon")).toBe("CertificateExpiring");
    expect(alert("expired")).toBe("CertificateExpiring");
    expect(alert("wrong-name")).toBe("CheckFailing");
  });

  it("says plainly that nobody holds a role", () => {
    const vacant: People = { ...people, roles: { ...people.roles, "it-on-call": [] } };
    const html = oncallPage(inventory, vacant, viewOf(inventory, { down: wikiDown }), "fr");
    expect(html).toContain("Personne ne tient ce rôle");
  });
});

describe("the on-call page", () => {
  it("wishes a quiet watch when nothing is broken, and waits when nothing is known", () => {
    expect(model(viewOf(inventory))).toMatchObject({ mood: "operational", headline: "Nothing is broken", broken: [] });
    expect(page(viewOf(inventory))).toContain("Have a quiet watch");
    expect(model(emptyView)).toMatchObject({ mood: "unknown", updated: null });
    expect(page(emptyView)).toContain("No check has given its verdict yet");
  });

  it("does not say that nothing is broken while an incident is open that no check sees", () => {
    const incidents = incidentsOf().filter(({ by, resolved }) => by === "hand" && resolved === undefined);
    const open = incidents.length > 0 ? incidents : [{ ...incidentsOf()[0]!, by: "hand" as const }];
    expect(model(viewOf(inventory, { incidents: open }))).toMatchObject({
      mood: "partial",
      headline: "No check fails",
    });
  });

  it("says of a check that flaps that it works on and off, and why it counts as down", () => {
    const view = viewOf(inventory, { down: { "wiki/http": {} } });
    const good = { at: NOW - 1000, ok: true, seconds: 0.1, measures: {} };
    const states = { ...view.states, "wiki/http": { ...view.states["wiki/http"]!, flapping: true, lastRun: good } };
    const failure = model({ ...view, states }).broken[0]!.failures.find(({ check }) => check === "wiki/http")!;
    expect(failure).toMatchObject({ reason: "works on and off", message: "" });
    expect(failure.seen).toMatch(/several times within an hour/);
  });

  it("does not say that a check passes whose last run failed, below its threshold", () => {
    const view = viewOf(inventory, { down: { "wiki/http": { message: "status 502" } } });
    const once = { ...view.states["wiki/http"]!, status: "up" as const, consecutiveFailures: 1 };
    const rows = model({ ...view, states: { ...view.states, "wiki/http": once } }).checks;
    expect(rows.find(({ check }) => check === "wiki/http")).toMatchObject({ status: "pending", words: "1 failure" });
  });

  it("shows the lookout's own problems", () => {
    const problems = ["History is kept in memory only: ENOSPC", "SQLITE_FULL"];
    expect(page(viewOf(inventory, { problems }), "fr")).toContain(
      '<ul><li lang="fr">L&#x27;historique n&#x27;est gardé qu&#x27;en mémoire\u00a0: ENOSPC</li><li lang="en">SQLITE_FULL</li></ul>',
    );
    expect(page(viewOf(inventory))).not.toContain("The lookout itself");
  });

  it("lists every check, those that fail first", () => {
    const { checks } = model(viewOf(inventory, { down: { "wiki/http": { message: "status 502" } } }));
    expect(checks).toHaveLength(Object.keys(inventory.checks).length);
    expect(checks[0]).toMatchObject({ check: "wiki/http", status: "down", words: "fails", error: "status 502" });
    expect(checks[1]).toMatchObject({ status: "up", error: "" });
    expect(model(emptyView).checks[0]).toMatchObject({ status: "pending", last: null, since: null, took: "" });
  });

  it("says in the reader's language what a check found, in English what has no words in it, and which of them it is", () => {
    const shown = (message: string): string =>
      page(viewOf(inventory, { down: { "wiki/http": { reason: "wrong-status", message } } }), "fr");
    expect(shown("status 503, expected 200")).toContain('<bdi lang="fr">code de réponse 503 au lieu de 200</bdi>');
    expect(shown("bad record mac")).toContain('<bdi lang="en">bad record mac</bdi>');
  });

  it("lists every container with its host and what is wrong with it", () => {
    const { containers } = model(viewOf(inventory, { down: { "nas/container": { reason: "restarting" } } }));
    const ours = Object.values(inventory.services).filter(({ container }) => container);
    expect(containers).toHaveLength(ours.length);
    expect(containers.find(({ container }) => container.includes("nas"))).toMatchObject({
      host: "Main server",
      words: "keeps restarting",
    });
  });

  it("lists every volume that is backed up with the age of its last snapshot, none at all first", () => {
    const never = { "wiki/backup": { reason: "no-snapshot", measures: {} } };
    const { backups, uncovered } = model(viewOf(inventory, { down: never }));
    expect(backups[0]).toMatchObject({ service: "Wiki", volume: "data", taken: null, size: "", words: "no backup" });
    expect(backups.find(({ volume }) => volume === "shares")).toMatchObject({ promise: "12 hrs" });
    expect(backups.find(({ volume }) => volume === "shares")?.taken?.ago).toMatch(/hours ago$/);
    expect(uncovered.map(({ service }) => service)).toContain("Metrics");
  });

  it("lists certificates with the days they have left", () => {
    const soon = {
      "wiki/tls": {
        reason: "expires-soon",
        measures: { certificate_expiry_timestamp_seconds: NOW / 1000 + 3 * 86_400 + 60 },
      },
    };
    const { certificates } = model(viewOf(inventory, { down: soon }), "fr");
    expect(certificates[0]).toMatchObject({ service: "Wiki", left: "3 jours", words: "certificat bientôt expiré" });
    expect(certificates[1]?.left).toBe("61 jours");
    expect(model(emptyView).certificates[0]).toMatchObject({ left: "", expires: "" });
  });

  it("lists projects with their gate and next step, the nearest to production first", () => {
    const { projects } = model(viewOf(inventory), "fr");
    const expected = Object.values(inventory.services).filter(({ delivery }) => delivery.by === "project");
    expect(projects).toHaveLength(expected.length);
    const gates = projects.map(({ gate }) => ["build", "study", "opportunity"].indexOf(gate));
    expect(gates).toEqual([...gates].sort());
    expect(page(viewOf(inventory), "fr")).toContain("Déposer le fichier dans le partage du bureau");
  });

  it("lists every supplier with what rests on it", () => {
    const { suppliers } = model(viewOf(inventory), "fr");
    expect(suppliers).toHaveLength(Object.keys(inventory.suppliers).length);
    expect(suppliers.find(({ name }) => name === "Éditeur de caisse")).toMatchObject({
      services: "Lecteurs de badges et Caisse",
      renews: "31 décembre 2026",
    });
  });

  it("is kept from search engines and says that it is internal", () => {
    for (const lang of LANGUAGES)
      expect(page(viewOf(inventory), lang)).toContain('<meta name="robots" content="noindex, nofollow">');
    expect(page(viewOf(inventory), "fr")).toContain("Page interne");
  });

  it("is made in both languages whatever the state", () => {
    for (const lang of LANGUAGES) {
      for (const view of [emptyView, viewOf(inventory), viewOf(inventory, { down: everythingDown(inventory) })]) {
        expect(page(view, lang)).toContain(`<html lang="${lang}">`);
      }
    }
  });
});

describe("hostile texts on the on-call page", () => {
  const attacked = (text: string) => ({
    view: viewOf(inventory, {
      down: { "wiki/http": { reason: "wrong-body", message: text }, "till/tcp": { reason: text, message: text } },
      problems: [text],
    }),
    inventory: withTexts(inventory, text),
    people: withTexts(people, text),
  });

  it("never change what the page is made of", () => {
    const benign = attacked("plain");
    const expected = skeleton(oncallPage(benign.inventory, benign.people, benign.view, "fr"));
    for (const text of [...HOSTILE, ALL_HOSTILE]) {
      const hostile = attacked(text);
      // Telephone numbers without a digit are no links: keep one, so that pages can be compared.
      const html = oncallPage(attacked("plain").inventory, hostile.people, hostile.view, "fr");
      expect(textOf(html)).not.toMatch(/[<>]/);
      expect(skeleton(html).filter((tag) => !tag.startsWith("a ") && tag !== "/a")).toEqual(
        expected.filter((tag) => !tag.startsWith("a ") && tag !== "/a"),
      );
      const everywhere = oncallPage(hostile.inventory, hostile.people, hostile.view, "fr");
      expect(textOf(everywhere)).not.toMatch(/[<>]/);
      expect(everywhere).not.toMatch(/<script|<img|\son[a-z]+="|href="javascript/i);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what is looked for
      expect(everywhere).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/);
    }
  });

  it("never do, whatever a machine answers", () => {
    const expected = skeleton(page(viewOf(inventory, { down: { "wiki/http": { message: "x" } } })));
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const html = page(viewOf(inventory, { down: { "wiki/http": { message: `x${text}` } } }));
        expect(skeleton(html)).toEqual(expected);
        expect(textOf(html)).not.toMatch(/[<>]/);
      }),
      { numRuns: 40 },
    );
  });

  it("are still there to be read", () => {
    const html = page(viewOf(inventory, { down: { "wiki/http": { message: "<b>{{x}}</b>\n\u001b[31m" } } }));
    expect(html).toContain("&lt;b&gt;{{x}}&lt;/b&gt;␊␛[31m");
  });

  it("cannot add headers to a mail, nor an address that runs something", () => {
    const lea = {
      ...people.holders["lea-martin"]!,
      email: "a@b.c?bcc=evil@x.y&body=<b>",
      phone: "javascript:alert(1)",
    };
    const html = oncallPage(
      inventory,
      { ...people, holders: { ...people.holders, "lea-martin": lea } },
      viewOf(inventory),
      "fr",
    );
    expect(html).not.toContain('href="javascript');
    expect(html).not.toMatch(/href="mailto:[^"]*[?&]/);
    expect(html).toContain('href="tel:1"');
  });

  it("cannot be endless", () => {
    const html = page(viewOf(inventory, { down: { "wiki/http": { message: "y".repeat(1_000_000) } } }));
    expect(html.length).toBeLessThan(
      page(viewOf(inventory, { down: { "wiki/http": { message: "y" } } })).length + 3000,
    );
  });
});

describe("incidents on the on-call page", () => {
  it("are those still open, internal ones too, each with a link to where it is taken care of", () => {
    const view = viewOf(inventory, { incidents: incidentsOf() });
    expect(model(view).incidents.map(({ id }) => id)).toEqual(["auto-wiki-1"]);
    expect(page(view)).toMatch(/<a href="\/log\/auto-wiki-1\?lang(=|&#x3D;)en">Outage: Wiki<\/a>/);
    const { resolved: _, ...open } = incidentsOf().find(({ id }) => id === "auto-prometheus-1")!;
    expect(page(viewOf(inventory, { incidents: [open] }))).toContain("/log/auto-prometheus-1");
  });

  it("have no place where there is none", () => {
    expect(page(viewOf(inventory))).not.toContain('id="incidents"');
  });
});

it("ten thousand checks are not all listed: those that fail are, with how many others there are", () => {
  const wiki = inventory.services.wiki!;
  const one = inventory.checks["wiki/http"]!;
  const ids = Array.from({ length: 3000 }, (_, index) => `wiki/http-${index}`);
  const large = {
    ...inventory,
    services: { wiki: { ...wiki, dependsOn: [], uses: [], checks: ids } },
    checks: Object.fromEntries(ids.map((id) => [id, { ...one, id }])),
  };
  const failing = Object.fromEntries(ids.slice(1500, 2600).map((id) => [id, { reason: "timeout" }]));
  const few = oncallModel(large, people, viewOf(large, { down: { [ids[2999]!]: { reason: "timeout" } } }), "en");
  expect(few.checks).toHaveLength(500);
  expect(few.checks[0]).toMatchObject({ check: ids[2999], status: "down" });
  expect(few.unlisted).toMatch(/^2,500 other checks/);
  const many = oncallModel(large, people, viewOf(large, { down: failing }), "en");
  expect(many.checks.map(({ check }) => check)).toEqual(ids.slice(1500, 2600));
  expect(many.unlisted).toMatch(/^1,900 other checks/);
  expect(model(emptyView).unlisted).toBe("");
});
