import { beforeAll, describe, expect, it } from "vitest";
import type { Inventory, People } from "../../../association/index.ts";
import { trailQuery } from "../../../dashboards/pages/files.ts";
import { renderPage, site } from "../../../dashboards/site.ts";
import type { TrailAnswer, TrailEvent } from "../../../dashboards/trail.ts";
import { ALL_HOSTILE, skeleton, textOf } from "../hostile.ts";
import { demoInventory, emptyView } from "../views.ts";

let inventory: Inventory;
let people: People;
beforeAll(async () => {
  ({ inventory, people } = await demoInventory());
});

const event = (change: Partial<TrailEvent> = {}): TrailEvent => ({
  time: "2027-03-12T13:05:00Z",
  event: "delete",
  result: "ok",
  user: "paul-faure",
  ip: "192.0.2.7",
  share: "epicerie",
  path: "commandes/mars.odt",
  ...change,
});
const page = (answer?: TrailAnswer, query: Record<string, string> = {}, lang: "fr" | "en" = "fr") =>
  renderPage(site.files!, { inventory, people, view: emptyView }, lang, { params: {}, query }, answer)!;

describe("what the file server is asked", () => {
  const ask = (query: Record<string, string>) => trailQuery({ inventory, query });

  it("is what the form says, of the declared server, and nothing else of the address", () => {
    expect(ask({ path: " mars ", share: "epicerie", user: "", lang: "fr", limit: "9999", evil: "x" })).toEqual({
      service: "nas",
      fields: { path: "mars", share: "epicerie" },
      limit: 100,
    });
    expect(ask({ service: "wiki" })?.service).toBe("nas");
    expect(ask({ before: "2027-03-12:4711" })?.fields).toEqual({ before: "2027-03-12:4711" });
    expect(ask({ before: "../../etc:1", path: "x".repeat(5000) })?.fields).toEqual({ path: "x".repeat(200) });
  });

  it("has days of the association's clock, whole ones, through the changes of the clocks", () => {
    expect(ask({ from: "2027-01-10", until: "2027-01-10" })?.fields).toEqual({
      from: "2027-01-09T23:00:00Z",
      until: "2027-01-10T23:00:00Z",
    });
    expect(ask({ from: "2027-03-28", until: "2027-03-28" })?.fields).toEqual({
      from: "2027-03-27T23:00:00Z",
      until: "2027-03-28T22:00:00Z",
    });
    expect(ask({ from: "2027-02-31", until: "tomorrow" })?.fields).toEqual({});
  });

  it("is nothing where no file server is ours, or the days are the wrong way round", () => {
    const without = { ...inventory, services: { wiki: inventory.services.wiki! } };
    expect(trailQuery({ inventory: without, query: {} })).toBeUndefined();
    expect(ask({ from: "2027-01-11", until: "2027-01-10" })).toBeUndefined();
    expect(page(undefined, { from: "2027-01-11", until: "2027-01-10" })).toContain("inversez-les");
  });
});

describe("the page of the audit trail", () => {
  it("says who did what to which file, by the member's name, and where from", () => {
    const html = page({
      ok: true,
      since: "2026-03-12",
      events: [
        event(),
        event({ event: "rename", to: "commandes/avril.odt" }),
        event({ user: "stranger", result: "denied", why: "not in a team of this share" }),
      ],
    });
    for (const words of [
      "Paul Faure",
      "a supprimé",
      "commandes/mars.odt",
      "Épicerie",
      "192.0.2.7",
      "12 mars 2027, 14:05",
    ])
      expect(html).toContain(words);
    expect(html).toContain("en\u00a0: commandes/avril.odt");
    expect(html).toMatch(/<bdi>stranger<\/bdi>/);
    expect(html).toContain("refusé");
    expect(html).toContain("remonte au 12 mars 2026");
    expect(page({ ok: true, events: [event()] }, {}, "en")).toContain("deleted");
  });

  it("leads on to what is older with the same search, and says where a search was stopped", () => {
    const html = page(
      { ok: true, events: [event()], next: "2027-03-12:55", reached: "2027-03-10T08:00:00Z" },
      { path: "mars & <avril>", user: "paul-faure", before: "2027-03-13:1" },
    );
    const href = /rel="next" href="([^"]+)"/.exec(html)![1]!.replaceAll("&amp;", "&").replaceAll("&#x3D;", "=");
    expect(Object.fromEntries(new URLSearchParams(href.slice(1)))).toEqual({
      path: "mars & <avril>",
      user: "paul-faure",
      lang: "fr",
      before: "2027-03-12:55",
    });
    expect(html).toMatch(/s&#x27;est arrêtée|s'est arrêtée/);
    expect(html).toMatch(/<option value="paul-faure" selected>/);
    expect(page({ ok: true, events: [] })).toContain("Rien de tel");
  });

  it("says so where the server does not answer, and shows no table", () => {
    const html = page({ ok: false });
    expect(html).toContain("ne répond pas");
    expect(html).not.toContain("<table");
  });

  it("shows names of files and what clients sent as texts, whatever is in them", () => {
    const bad = event({
      time: ALL_HOSTILE,
      event: "constructor",
      result: "__proto__",
      user: ALL_HOSTILE,
      ip: ALL_HOSTILE,
      share: "toString",
      path: ALL_HOSTILE,
      to: ALL_HOSTILE,
      why: ALL_HOSTILE,
    });
    const html = page({ ok: true, events: [bad] }, { path: ALL_HOSTILE, user: ALL_HOSTILE });
    expect(textOf(html)).not.toMatch(/[<>]/);
    expect(html).not.toMatch(/\[object|function|native code/);
    const plain = page({ ok: true, events: [event({ to: "x", why: "y", time: "z" })] }, { path: "p", user: "u" });
    expect(skeleton(html).filter((tag) => tag.startsWith("script"))).toEqual([]);
    expect(skeleton(html).length).toBeLessThanOrEqual(skeleton(plain).length);
  });
});

describe("the public page of a file server", () => {
  const render = (change: (shares: Inventory["shares"]) => Inventory["shares"] = (shares) => shares) =>
    renderPage(
      site["service-public"]!,
      { inventory: { ...inventory, shares: change(inventory.shares) }, people, view: emptyView },
      "en",
      { params: { service: "nas" }, query: {} },
    )!;

  it("tells members how they get a file back by themselves, by what is declared of all shares", () => {
    expect(render()).toContain("stays for 30 days in");
    expect(render()).toContain("A state is kept at intervals of 1 hr, when");
    const without = render((shares) => ({ ...shares, bureau: { ...shares.bureau!, versions: { none: "On paper" } } }));
    expect(without).not.toContain("Previous versions");
    expect(without).toContain("ask the IT team");
    expect(render(() => ({}))).not.toContain("ask the IT team");
  });
});
