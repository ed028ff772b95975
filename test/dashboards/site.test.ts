import { readdirSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Inventory, People } from "../../association/index.ts";
import { titleOf } from "../../dashboards/pages/incidents.ts";
import { LANGUAGES } from "../../dashboards/render.ts";
import { addressesOf, navigation, paramsOf, renderPage, type SitePage, site } from "../../dashboards/site.ts";
import type { LookoutView } from "../../dashboards/view.ts";
import { PUBLIC_PATHS } from "../../stacks/services/proxy/caddyfile.ts";
import { ALL_HOSTILE, textOf, withTexts } from "./hostile.ts";
import { demoInTrouble, emptyView, incidentsOf, viewOf, worksOf } from "./views.ts";

let inventory: Inventory;
let people: People;
let view: LookoutView;
beforeAll(async () => {
  ({ inventory, people, view } = await demoInTrouble());
});

const pages = Object.entries(site);
const publicPages = pages.filter(([, { audience }]) => audience === "public");
const isHtml = ({ type = "text/html" }: SitePage) => type.startsWith("text/html");

/** Every answer of a page, by address. */
const answersOf = (page: SitePage, input = { inventory, people, view }, lang: "fr" | "en" = "fr") =>
  addressesOf(page, input, lang).map((address) => {
    const params = paramsOf(page.path, address)!;
    return [address, renderPage(page, input, lang, { params, query: {} })] as const;
  });

/** As the proxy's `path` matcher reads its list: a star at the end stands for anything. */
const letThrough = (address: string): boolean =>
  PUBLIC_PATHS.some((path) => (path.endsWith("*") ? address.startsWith(path.slice(0, -1)) : address === path));

describe("the site", () => {
  it("has a page for each file of its folder", () => {
    const files = readdirSync(new URL("../../dashboards/site/", import.meta.url)).filter(
      (file) => !file.startsWith("_"),
    );
    expect(Object.keys(site).sort()).toEqual(files.map((file) => file.replace(/\.ts$/, "")).sort());
    expect(new Set(pages.map(([, { path }]) => path)).size).toBe(pages.length);
  });

  it.each(pages)("%s answers at each of its addresses, in every language", (_, page) => {
    for (const lang of LANGUAGES)
      for (const [address, answer] of answersOf(page, undefined, lang)) {
        expect(answer, address).toBeTypeOf("string");
        if (isHtml(page)) expect(answer).toContain(`<html lang="${lang}">`);
      }
  });

  it.each(pages)("%s answers before anything was watched", (_, page) => {
    for (const [, answer] of answersOf(page, { inventory, people, view: emptyView }))
      expect(answer).toBeTypeOf("string");
  });

  it.each(pages)("%s is let through by the proxy without a password exactly where it is public", (_, page) => {
    for (const [address] of answersOf(page)) expect(letThrough(address), address).toBe(page.audience === "public");
  });

  it.each(publicPages)("%s tells nothing of people, machines, addresses or messages", (_, page) => {
    const secrets = [
      ...Object.values(people.holders).flatMap(({ name, email, phone, login }) => [
        name,
        email,
        login,
        ...(phone ? [phone] : []),
      ]),
      ...Object.values(inventory.services).flatMap(({ container }) => (container ? [container] : [])),
      ...Object.values(inventory.suppliers).flatMap(({ contact: { email, phone } }) =>
        [email, phone].filter((text) => text !== undefined),
      ),
      "detail-of-the-failure",
      "docker.sock",
    ];
    for (const [address, answer] of answersOf(page))
      for (const secret of secrets) expect(answer, address).not.toContain(secret);
  });

  it.each(publicPages)("%s says nothing of internal services", (_, page) => {
    const internal = Object.values(inventory.services).filter(
      ({ audience, active }) => audience === "internal" && active,
    );
    for (const [address, answer] of answersOf(page))
      for (const { name } of internal) if (name.fr.length > 6) expect(answer, address).not.toContain(`>${name.fr}<`);
  });

  it.each(pages)("%s shows hostile texts as texts", (_, page) => {
    const hostile = {
      inventory: withTexts(inventory, ALL_HOSTILE),
      people: withTexts(people, ALL_HOSTILE),
      view: viewOf(inventory, {
        down: { "wiki/http": { reason: ALL_HOSTILE, message: ALL_HOSTILE } },
        incidents: incidentsOf(ALL_HOSTILE),
        works: worksOf(ALL_HOSTILE),
      }),
    };
    for (const [address, answer] of answersOf(page, hostile)) {
      if (isHtml(page)) expect(textOf(answer!), address).not.toMatch(/[<>]/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      expect(answer, address).not.toMatch(/[\u0000-\u0008\u001b\u202e\u2066]/);
      expect(answer, address).not.toMatch(/href="(?!https?:|mailto:|tel:|\/|#|\?)/);
    }
  });

  it.each(pages.filter(([, page]) => isHtml(page)))("%s links to what exists only", (_, page) => {
    const known = new Set(pages.flatMap(([, other]) => addressesOf(other, { inventory, people, view }, "fr")));
    for (const [, answer] of answersOf(page))
      for (const [, href] of answer!.matchAll(/href="(\/[^"]*)"/g)) {
        const { pathname } = new URL(href!.replaceAll("&amp;", "&"), "https://x.example");
        if (!pathname.startsWith("/assets/")) expect([...known], pathname).toContain(decodeURIComponent(pathname));
      }
  });

  it("lists the internal pages in one order, each once", () => {
    const listed = navigation(inventory, "fr").map(({ path }) => path);
    expect(listed[0]).toBe("/oncall");
    expect(new Set(listed).size).toBe(listed.length);
  });
});

describe("an address", () => {
  it("belongs to the path that has its parts", () => {
    expect(paramsOf("/incidents/:id", "/incidents/a%20b")).toEqual({ id: "a b" });
    expect(paramsOf("/incidents/:id", "/incidents")).toBeUndefined();
    expect(paramsOf("/incidents/:id", "/incident/x")).toBeUndefined();
    expect(paramsOf("/", "/")).toEqual({});
  });
});

describe("public pages of one thing", () => {
  const render = (name: string, params: Record<string, string>) =>
    renderPage(site[name]!, { inventory, people, view }, "en", { params, query: {} });

  it("do not exist for what is internal, planned or made up", () => {
    for (const id of ["prometheus", "chat", "nothing", "constructor", "__proto__"]) {
      expect(render("badge", { name: `${id}.svg` }), id).toBeUndefined();
    }
    expect(render("badge", { name: "wiki" })).toBeUndefined();
    expect(render("incident", { id: "auto-prometheus-1" })).toBeUndefined();
    expect(render("incident", { id: "constructor" })).toBeUndefined();
  });

  it("name the services that an incident is about", () => {
    const input = { inventory, view, lang: "en", w: {}, format: {} } as never;
    expect(titleOf(incidentsOf()[1]!, input)).toBe("The till offline on a Saturday");
    expect(render("incident", { id: "auto-wiki-1" })).toContain("Outage: Wiki");
    expect(render("incident", { id: "2026-03-02-shop-offline" })).toContain("A storm cut the box off.");
  });

  it("say the state in a badge's words, for those who do not see it", () => {
    expect(render("badge", { name: "wiki.svg" })).toMatch(/aria-label="Wiki: Down"/);
    expect(render("badge", { name: "till.svg" })).toMatch(/aria-label="Till: Works"/);
  });
});
