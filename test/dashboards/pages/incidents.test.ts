import { beforeAll, describe, expect, it } from "vitest";
import type { Inventory, People } from "../../../association/index.ts";
import { unescaped } from "../../../cli/export/links.ts";
import { paramsOf, renderPage, site } from "../../../dashboards/site.ts";
import { ALL_HOSTILE } from "../hostile.ts";
import { demoInventory, incidentsOf, viewOf } from "../views.ts";

let inventory: Inventory;
let people: People;
beforeAll(async () => {
  ({ inventory, people } = await demoInventory());
});

const TRACKER = "https://forge.example.org/new?title={title}&body={text}";

/** The address of the ticket's form on an incident's page; undefined without a link. */
function ticketOf(id: string, tracker: string | undefined, incidents = incidentsOf()): URL | undefined {
  const { tracker: _, ...rest } = inventory.association.incidents;
  const association = { ...inventory.association, incidents: tracker === undefined ? rest : { ...rest, tracker } };
  const page = site["log-entry"]!;
  const input = { inventory: { ...inventory, association }, people, view: viewOf(inventory, { incidents }) };
  const html = renderPage(page, input, "en", { params: paramsOf(page.path, `/log/${id}`)!, query: {} })!;
  const href = /<a class="action" href="([^"]*)" rel="noreferrer">Open a ticket<\/a>/.exec(html)?.[1];
  return href === undefined ? undefined : new URL(unescaped(href));
}

describe("the ticket of an incident", () => {
  it("opens the declared tracker's form, filled in", () => {
    const url = ticketOf("auto-wiki-1", TRACKER)!;
    expect(url.origin + url.pathname).toBe("https://forge.example.org/new");
    expect(url.searchParams.get("title")).toBe("Outage: Wiki");
    expect(url.searchParams.get("body")).toMatch(/^Wiki\n.*10 March.*\nhttps:\/\/.*\/log\/auto-wiki-1\?lang=en$/);
  });

  it("names nobody", () => {
    const text = decodeURIComponent(ticketOf("auto-wiki-1", TRACKER)!.href);
    for (const { name, login, email } of Object.values(people.holders))
      for (const personal of [name, login, email]) expect(text).not.toContain(personal);
  });

  it("is not offered without a tracker, nor once the incident is over", () => {
    expect(ticketOf("auto-wiki-1", undefined)).toBeUndefined();
    expect(ticketOf("2026-03-02-shop-offline", TRACKER)).toBeUndefined();
  });

  it("takes a hostile title for a title, and stays one address", () => {
    const title = `{text}&body=x#${ALL_HOSTILE}`;
    const [wiki] = incidentsOf();
    const url = ticketOf("auto-wiki-1", TRACKER, [{ ...wiki!, title: { fr: title, en: title } }])!;
    expect([...url.searchParams.keys()]).toEqual(["title", "body"]);
    expect(url.hash).toBe("");
    expect(url.searchParams.get("title")).toMatch(/^\{text\}&body=x#<script>/);
  });
});
