import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Inventory, People } from "../../association/index.ts";
import { compileText, safeHtml } from "../../dashboards/html.ts";
import {
  assets,
  assetsByPath,
  documentPage,
  errorPage,
  notFoundPage,
  oncallPage,
  statusPage,
} from "../../dashboards/render.ts";
import { DAYS_SHOWN } from "../../dashboards/view.ts";
import { demoInventory, viewOf } from "./views.ts";

let inventory: Inventory;
let people: People;
beforeAll(async () => {
  ({ inventory, people } = await demoInventory());
});

const PAGES = new URL("../../dashboards/pages/", import.meta.url);
const templates = (readdirSync(PAGES, { recursive: true }) as string[]).filter((file) => file.endsWith(".hbs"));

describe("templates", () => {
  it.each(templates)("%s never asks for unescaped output", (file) => {
    const source = readFileSync(new URL(file, PAGES), "utf8");
    expect(source).not.toMatch(/\{\{\{|\{\{&/);
  });

  it.each(templates)("%s holds no words of its own", (file) => {
    const source = readFileSync(new URL(file, PAGES), "utf8");
    const text = source.replace(/\{\{[\s\S]*?\}\}/g, " ").replace(/<[^>]*>/g, " ");
    expect(text).not.toMatch(/\p{L}{3,}/u);
  });

  it("fail when their model lacks something, rather than show nothing", () => {
    expect(() => compileText("{{a.b}}")({ a: {} })).toThrow(/"b" not defined/);
  });

  it("reach nothing of a model's prototype, and call nothing", () => {
    for (const template of ["{{constructor}}", "{{a.constructor.name}}", "{{a.__proto__.x}}"]) {
      let said = "";
      try {
        said = compileText(template)({ a: {} });
      } catch {
        // Refusing is as good as saying nothing.
      }
      expect(said, template).toBe("");
    }
  });

  it("escape what they are given, except HTML that was made safe", () => {
    const render = compileText<object>('<p title="{{a}}">{{a}}{{b}}</p>');
    expect(render({ a: `"'<&>\``, b: safeHtml("<b>x</b>") })).toBe(
      '<p title="&quot;&#x27;&lt;&amp;&gt;&#x60;">&quot;&#x27;&lt;&amp;&gt;&#x60;<b>x</b></p>',
    );
  });
});

describe("other pages", () => {
  it("say what happened in both languages, and nothing of the cause", () => {
    expect(notFoundPage(inventory, "fr")).toContain("Page introuvable");
    expect(notFoundPage(inventory, "en")).toContain("Page not found");
    expect(errorPage(inventory, "fr")).toContain("La vigie a trébuché");
    expect(errorPage(inventory, "en")).toContain("The lookout stumbled");
  });

  it("frame HTML that is already safe, and keep its query when the language changes", () => {
    const page = documentPage(inventory, { title: "<T>", html: "<h1>x\ny</h1>", query: { service: "wiki" } }, "fr");
    expect(page).toContain("<h1>x\ny</h1>");
    expect(page).toContain("<title>&lt;T&gt; – ");
    expect(page).toContain('href="?service&#x3D;wiki&amp;lang&#x3D;en"');
    expect(page).toContain("noindex");
  });
});

describe("assets", () => {
  it("have an address that changes with their content, and a type", () => {
    expect(Object.keys(assets).sort()).toEqual(["vigie.css", "vigie.svg"]);
    for (const asset of Object.values(assets)) {
      expect(asset.path).toMatch(/^\/assets\/vigie\.[0-9a-f]{12}\.(css|svg)$/);
      expect(assetsByPath.get(asset.path)).toBe(asset);
      expect(asset.body.length).toBeGreaterThan(100);
    }
    expect(assets["vigie.css"]!.type).toBe("text/css; charset=utf-8");
  });

  it("load nothing from elsewhere", () => {
    expect(assets["vigie.css"]!.body.toString()).not.toMatch(/@import|url\(/);
  });

  it("draw every class that pages give to a state", () => {
    const css = assets["vigie.css"]!.body.toString();
    for (const status of ["operational", "degraded", "down", "unknown", "maintenance", "up", "pending"]) {
      expect(readFileSync(new URL("partials/signs.hbs", PAGES), "utf8")).toContain(`id="sign-${status}"`);
      expect(css).toMatch(new RegExp(`\\.state\\.${status}\\b`));
    }
    for (const overall of ["degraded", "partial", "outage", "maintenance", "unknown"]) {
      expect(css).toContain(`.banner.${overall}`);
    }
  });
});

describe("large associations", () => {
  it("have a status page with every one of a thousand services of ninety days", () => {
    const wiki = inventory.services.wiki!;
    const services = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [`s${index}`, { ...wiki, id: `s${index}` }]),
    );
    const days = Array.from({ length: DAYS_SHOWN }, (_, index) => ({
      day: "2026-03-10",
      good: 2879,
      total: 2880,
      down: index % 17 === 0 ? 60 : 0,
    }));
    const view = { ...viewOf(inventory), days: Object.fromEntries(Object.keys(services).map((id) => [id, days])) };
    const large = { ...inventory, services };
    const page = statusPage(large, view, "fr");
    // How long that takes is measured by test/bench/pages.ts.
    for (const id of Object.keys(services)) expect(page).toContain(`id="${id}"`);
    oncallPage(inventory, people, view, "fr");
  });
});
