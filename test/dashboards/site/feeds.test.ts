import { beforeAll, describe, expect, it } from "vitest";
import type { Inventory, People } from "../../../association/index.ts";
import { renderPage, site } from "../../../dashboards/site.ts";
import { ALL_HOSTILE, withTexts } from "../hostile.ts";
import { demoInventory, incidentsOf, NOW, viewOf, worksOf } from "../views.ts";

let inventory: Inventory;
let people: People;
beforeAll(async () => {
  ({ inventory, people } = await demoInventory());
});

const feed = (name: string, text?: string, lang: "fr" | "en" = "en", later = 0) =>
  renderPage(
    site[name]!,
    {
      inventory: text === undefined ? inventory : withTexts(inventory, text),
      people,
      view: { ...viewOf(inventory, { incidents: incidentsOf(text), works: worksOf(text) }), now: NOW + later },
    },
    lang,
    { params: {}, query: {} },
  )!;

/** Element names and text of XML, by a reader that knows no more than its grammar; throws where it is not well formed. */
function elements(xml: string): string[] {
  const open: string[] = [];
  const names: string[] = [];
  const rest = xml.replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, "");
  for (const [, end, name, selfClosed] of rest.matchAll(
    /<(\/?)([A-Za-z:]+)(?:\s+[\w:]+="[^"<]*")*\s*(\/?)>|<\?[^>]*\?>/g,
  )) {
    if (name === undefined) continue;
    if (end) {
      if (open.pop() !== name) throw new Error(`</${name}> closes something else`);
    } else {
      names.push(name);
      if (!selfClosed) open.push(name);
    }
  }
  if (open.length > 0) throw new Error(`${open} left open`);
  return names;
}

describe("the feeds", () => {
  it("hold public incidents and announced work, the newest first, and keep each one's id", () => {
    const json = JSON.parse(feed("feed-json")) as {
      language?: string;
      items: { id: string; title: string; content_html?: string; date_modified: string }[];
    };
    const ids = json.items.map(({ id }) => id.replace(/^.*\.localhost(:\d+)?/, ""));
    const work = worksOf().map(({ window, from }) => `/works/${window}-${from}`);
    expect(ids.toSorted()).toEqual(
      ["/incidents/auto-wiki-1", "/incidents/2026-03-02-shop-offline", ...work].toSorted(),
    );
    expect(ids[0]).toBe("/incidents/auto-wiki-1");
    const changed = json.items.map((item) => item.date_modified);
    expect(changed).toEqual(changed.toSorted().reverse());
    expect(json.items.find(({ id }) => id.endsWith("auto-wiki-1"))).toMatchObject({ title: "Outage: Wiki" });
    expect(feed("feed-json")).not.toContain("prometheus");
    expect(feed("feed-json")).not.toContain("karim");
  });

  it.each(["feed-atom", "feed-rss", "feed-json", "feed-calendar"])(
    "%s is the same a minute later, so that no reader shows old news as new",
    (name) => {
      const said = (text: string): string => text.replace(/<lastBuildDate>.*/, "");
      expect(said(feed(name, undefined, "fr", 60_000))).toBe(said(feed(name, undefined, "fr")));
    },
  );

  it("say when each thing happened as people write it, in the association's time", () => {
    const said = feed("feed-json", undefined, "fr");
    expect(said).toContain("<p>10 mars à 13:41 – ");
    expect(said).toContain('"title": "Travaux\u00a0: ');
    expect(feed("feed-json")).toContain('"title": "Maintenance: ');
    expect(said).not.toMatch(/<p>\d{4}-\d\d-\d\dT|<p><\/p>/);
  });

  it("tell the same in French", () => {
    expect(feed("feed-atom", undefined, "fr")).toContain("La caisse hors ligne un samedi");
    expect(feed("feed-rss", undefined, "fr")).toContain("<language>fr</language>");
  });

  it.each(["feed-atom", "feed-rss"])("%s is well-formed XML whatever the texts are", (name) => {
    const [plain, hostile] = [feed(name), feed(name, ALL_HOSTILE)].map((xml) => elements(xml));
    expect(hostile).toEqual(plain);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no way to write them
    expect(feed(name, ALL_HOSTILE)).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
  });

  it("hold no HTML but ours", () => {
    const { items } = JSON.parse(feed("feed-json", ALL_HOSTILE)) as { items: { content_html?: string }[] };
    for (const { content_html: html = "" } of items) expect(html).not.toMatch(/<(script|img|svg|style|iframe)/i);
  });
});

describe("the calendar", () => {
  const lines = (text: string) => text.replace(/\r\n[ \t]/g, "").split("\r\n");

  it("holds each announced work with its own hours, in UTC", () => {
    const events = lines(feed("feed-calendar"));
    expect(events.filter((line) => line === "BEGIN:VEVENT")).toHaveLength(2);
    const stamp = (at: number) => new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, "");
    expect(events).toContain(`DTSTART:${stamp(NOW - 20 * 60_000)}`);
    expect(events).toContain(`DTEND:${stamp(NOW + 60 * 60_000)}`);
    expect(events.join("\n")).toContain("SUMMARY:New version of the forms");
  });

  it("is the same text until the work changes", () => {
    expect(feed("feed-calendar")).toBe(feed("feed-calendar"));
  });

  it("lets no text begin a line or an event of its own", () => {
    const plain = lines(feed("feed-calendar")).map((line) => line.split(/[:;]/)[0]);
    expect(lines(feed("feed-calendar", ALL_HOSTILE)).map((line) => line.split(/[:;]/)[0])).toEqual(plain);
  });
});
