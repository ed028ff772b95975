import { describe, expect, it } from "vitest";
import type { Inventory } from "../../../association/index.ts";
import type { Incident } from "../../../dashboards/incident.ts";
import { ticketLetter } from "../../../monitors/notify/ticket.ts";
import { demoInventory, NOW, viewOf } from "../../dashboards/views.ts";

const { inventory, people } = await demoInventory();
const MINUTE = 60_000;

const incident: Incident = {
  id: "20260310-1400-wiki",
  by: "lookout",
  services: ["wiki"],
  severity: "minor",
  started: NOW - 10 * MINUTE,
  detected: NOW - 9 * MINUTE,
  updates: [
    { at: NOW - 5 * MINUTE, status: "investigating", fact: { what: "detected", service: "wiki", reason: "timeout" } },
  ],
};
const resolved: Incident = {
  ...incident,
  resolved: NOW,
  updates: [...incident.updates, { at: NOW, status: "resolved", fact: { what: "resolved" } }],
};
const letter = (one: Incident, from: number, of: Inventory = inventory) =>
  ticketLetter(one, from, { inventory: of, people, view: viewOf(of) })!;
const withRole = (id: string, more: object): Inventory => ({
  ...inventory,
  roles: { ...inventory.roles, [id]: { ...inventory.roles[id]!, ...more } },
});

describe("a ticket", () => {
  it("says what the checks found, in the language of those who read it, while they fail", () => {
    const view = viewOf(inventory, {
      down: { "wiki/http": { reason: "wrong-status", message: "status 503, expected 200\u001b[31m" } },
    });
    const lines = (one: Incident) => ticketLetter(one, 0, { inventory, people, view })!.lines;
    expect(lines(incident)).toContain("wiki/http\u00a0: code de réponse 503 au lieu de 200\\u{1b}[31m");
    expect(lines(resolved).join()).not.toContain("wiki/http");
  });

  it("goes to the box of the role in charge, says what is known and where to say that one takes care of it", () => {
    const written = letter(incident, 0);
    expect(written).toMatchObject({
      to: "commission.technique@tilleuls.localhost",
      replyTo: "commission.technique@tilleuls.localhost",
      subject: "Incident\u00a0: Panne\u00a0: Wiki (20260310-1400-wiki)",
      id: "vigie.20260310-1400-wiki",
    });
    expect(written.answers).toBeUndefined();
    const text = written.lines.join("\n");
    expect(text).toContain("Wiki ne répond plus comme prévu (pas de réponse à temps).");
    expect(text).toContain("/log/20260310-1400-wiki?lang=fr");
    expect(text).toContain("/runbooks/wiki?service=wiki");
    expect(text).toContain("Astreinte informatique");
  });

  it("is answered in its thread by what is new alone", () => {
    const written = letter(resolved, 1);
    expect(written).toMatchObject({
      subject: "Re: Incident\u00a0: Panne\u00a0: Wiki (20260310-1400-wiki)",
      id: "vigie.20260310-1400-wiki.1",
      answers: "vigie.20260310-1400-wiki",
    });
    expect(written.lines.join("\n")).toContain("Tout fonctionne de nouveau.");
    expect(written.lines.join("\n")).not.toContain("pas de réponse à temps");
  });

  it("tells both levels once the incident was handed over", () => {
    const handed = { ...incident, escalated: NOW };
    const above = withRole("it-lead", { address: "direction@tilleuls.localhost" });
    expect(letter(handed, 0, above).cc).toBe("direction@tilleuls.localhost");
    expect(letter(incident, 0, above).cc).toBeUndefined();
  });

  it("says once that it was handed over, and does not ask who takes care of it once that is said", () => {
    const said = (one: Incident, from: number): string => letter(one, from).lines.join("\n").replaceAll("\u00a0", " ");
    const update = (what: "escalated" | "acknowledged") => ({
      at: NOW,
      status: "investigating" as const,
      fact: { what },
    });
    const handed = { ...incident, escalated: NOW, updates: [...incident.updates, update("escalated")] };
    expect(said(handed, incident.updates.length).match(/niveau 2/g)).toHaveLength(1);
    expect(said(handed, 0)).toContain("Pour dire que vous vous en occupez");
    const taken = {
      ...incident,
      acknowledged: { at: NOW, by: "lea-martin" },
      updates: [...incident.updates, update("acknowledged")],
    };
    expect(said(taken, incident.updates.length)).toContain("Pris en charge par Léa Martin (");
    expect(said(taken, incident.updates.length)).not.toContain("Pour dire que vous vous en occupez");
    expect(said(taken, incident.updates.length)).toContain("Tout ce que l'on en sait :");
  });

  it("is about the cause where others went down with it, whichever failed first", () => {
    const both = { ...incident, services: ["wiki", "proxy"] };
    const dependent: Inventory = {
      ...inventory,
      services: {
        ...inventory.services,
        wiki: { ...inventory.services.wiki!, dependsOn: ["proxy"] },
        proxy: { ...inventory.services.proxy!, owner: "treasurer" },
      },
    };
    expect(letter(both, 0, dependent).to).toBe("tresor@tilleuls.localhost");
  });

  it("is in the language of the role's mail where it has one of its own", () => {
    const english = withRole("it-on-call", { alerts: [{ by: "mail", language: "en", pagesOnly: false }] });
    expect(letter(incident, 0, english).subject).toBe("Incident: Outage: Wiki (20260310-1400-wiki)");
  });

  it("names the tracker's form where there is one, and shows nothing that a mail program would obey", () => {
    const name = "Wiki\r\nBcc: everybody@evil.example\u202e";
    const hostile: Inventory = {
      ...inventory,
      association: {
        ...inventory.association,
        incidents: { openAfter: 300, tracker: "https://forge.example/?t={title}" },
      },
      services: { ...inventory.services, wiki: { ...inventory.services.wiki!, name: { fr: name, en: name } } },
    };
    const { subject, lines } = letter(incident, 0, hostile);
    for (const text of [subject, ...lines]) expect(text).not.toMatch(/[\r\n\u202e]/);
    expect(lines.join("\n")).toContain("https://forge.example/?t=");
  });

  it("is not written where no role has a box", () => {
    const roles = Object.fromEntries(
      Object.entries(inventory.roles).map(([id, { address: _, ...role }]) => [id, role]),
    );
    expect(
      ticketLetter(incident, 0, { inventory: { ...inventory, roles }, people, view: viewOf(inventory) }),
    ).toBeUndefined();
  });
});
