import { beforeAll, describe, expect, it } from "vitest";
import type { Inventory, People } from "../../../association/index.ts";
import type { CheckState, LookoutView } from "../../../dashboards/view.ts";
import type { Lang } from "../../../dashboards/words/index.ts";
import { noticeOf, webhookMessage } from "../../../monitors/notify/message.ts";
import { demoInventory, NOW, viewOf } from "../../dashboards/views.ts";

let inventory: Inventory;
let people: People;
beforeAll(async () => {
  ({ inventory, people } = await demoInventory());
});

const MINUTE = 60_000;
const wiki = { alertname: "CheckFailing", service: "wiki", check: "http", severity: "page" };

/** What is told of one alert, with plain spaces. */
function told(
  labels: Record<string, string>,
  view: LookoutView,
  { lang = "fr", status = "firing", startsAt = NOW, endsAt = Date.parse("0001-01-01T00:00:00Z") } = {},
) {
  const alert = { status, labels, startsAt: new Date(startsAt).toISOString(), endsAt: new Date(endsAt).toISOString() };
  const message = webhookMessage.parse({ version: "4", receiver: "it-on-call", alerts: [alert] });
  const { title, lines, findings } = noticeOf(message, { inventory, people, view, lang: lang as Lang })!;
  const spaced = (text: string): string => text.replace(/[\u00a0\u202f]/g, " ");
  return { title: spaced(title), text: lines.map(spaced).join("\n"), findings: findings.map(spaced) };
}

const withState = (changes: Partial<CheckState>): LookoutView => {
  const view = viewOf(inventory, { down: { "wiki/http": { reason: "timeout", since: NOW - 31 * MINUTE } } });
  return { ...view, states: { ...view.states, "wiki/http": { ...view.states["wiki/http"]!, ...changes } } };
};

describe("what an alert tells", () => {
  it("is what fails, why, and since when the check has failed, however late the alert began", () => {
    const { text, title } = told({ ...wiki, level: "2" }, withState({}));
    expect(title).toContain("Wiki");
    expect(text).toContain("Personne n'a réglé cela au niveau 1");
    expect(text).toContain("– pas de réponse à temps – depuis 13:34");
  });

  it("is that it works on and off where its last run was good", () => {
    const good = { at: NOW - MINUTE, ok: true, seconds: 0.1, measures: {} };
    expect(told(wiki, withState({ flapping: true, lastRun: good })).text).toContain("– marche par moments – depuis");
    expect(told(wiki, withState({ lastRun: good }), { lang: "en" }).text).toContain("– coming back – since");
  });

  it("is when it began and how long it lasted, once it is over", () => {
    const times = { status: "resolved", startsAt: NOW - 10 * MINUTE, endsAt: NOW - 3 * MINUTE };
    const { text, title } = told(wiki, viewOf(inventory), times);
    expect(title).toMatch(/^Rétabli : /);
    expect(text).toMatch(/^✓ .* – début 13:55, durée 7 min$/);
    expect(told(wiki, viewOf(inventory), { ...times, lang: "en" }).text).toMatch(/ – began 13:55, lasted 7 mins$/);
  });

  it("is what is to be renewed, and when; or which role", () => {
    const ticket = { severity: "ticket" };
    const view = viewOf(inventory);
    expect(told({ ...ticket, alertname: "RenewalDue", subject: "till-maker" }, view).title).toMatch(
      / – Éditeur de caisse \(31 décembre 2026\)$/,
    );
    expect(told({ ...ticket, alertname: "RenewalDue", subject: "tilleuls.localhost" }, view).title).toMatch(
      / – tilleuls\.localhost \(30 septembre 2027\)$/,
    );
    expect(told({ ...ticket, alertname: "RoleVacant", role: "treasurer" }, view, { lang: "en" }).title).toMatch(
      / – Treasurer$/,
    );
    expect(told({ ...ticket, alertname: "RoleVacant", role: "constructor" }, view).title).toMatch(/ – constructor$/);
  });

  it("is in one line whatever a label holds", () => {
    const { title, text } = told(
      { alertname: "RenewalDue", severity: "ticket", subject: "a\nb\u001b[2J" },
      viewOf(inventory),
    );
    for (const said of [title, ...text.split("\n")]) expect(said).not.toMatch(/^b|\p{Cc}/u);
  });
});
