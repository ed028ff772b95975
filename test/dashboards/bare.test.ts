import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import {
  buildInventory,
  type Declaration,
  type Inventory,
  loadVocabulary,
  type People,
} from "../../association/index.ts";
import { ROOT } from "../../cli/places.ts";
import { alertmanagerConfig } from "../../dashboards/alertmanager/config.ts";
import { prometheusConfig } from "../../dashboards/prometheus/config.ts";
import { ruleFile } from "../../dashboards/prometheus/rules.ts";
import { LANGUAGES } from "../../dashboards/render.ts";
import { addressesOf, navigation, paramsOf, renderPage, type SitePage, site } from "../../dashboards/site.ts";
import { compile } from "../compiler.ts";
import { textOf } from "./hostile.ts";
import { demoInventory, emptyView } from "./views.ts";

/** What an association declares on its first evening, as the README has it: a name, a domain and who answers for it. */
const [, path, source] = /^```ts file=(\S+)\n([\s\S]*?)^```$/m.exec(readFileSync(join(ROOT, "README.md"), "utf8"))!;

let inventory: Inventory;
let people: People;
beforeAll(async () => {
  const folder = mkdtempSync(join(ROOT, "associations", "test-bare-"));
  try {
    writeFileSync(join(folder, "index.ts"), source!);
    const { default: bare } = (await import(pathToFileURL(join(folder, "index.ts")).href)) as { default: Declaration };
    ({ inventory, people } = buildInventory(bare, await loadVocabulary()));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const shown = (page: SitePage, lang: (typeof LANGUAGES)[number]): string[] =>
  addressesOf(page, { inventory, people, view: emptyView }, lang).map((address) => {
    const asked = { params: paramsOf(page.path, address)!, query: {} };
    return textOf(renderPage(page, { inventory, people, view: emptyView }, lang, asked)!)
      .replaceAll("&#x27;", "'")
      .replace(/\s+/g, " ");
  });

describe("an association that has declared nothing but its name", () => {
  it("compiles as the README writes it", () => {
    const file = join(ROOT, path!);
    expect(compile(dirname(file), new Map([[file, source!]])).get(file)).toEqual([]);
  });

  it.each(Object.entries(site))("has the page %s, which says so in words", (_, page) => {
    for (const lang of LANGUAGES)
      for (const text of shown(page, lang)) {
        expect(text).not.toMatch(/undefined|NaN|\[object/);
        expect(text).not.toMatch(/ de le /);
      }
  });

  it("is not told about people where boxes or lists are meant, nor of costs where projects are", () => {
    const [directory] = shown(site.directory!, "fr");
    expect(directory).toContain("Boîtes aux lettres Aucune boîte de rôle n'est déclarée.");
    expect(directory).toContain("Listes Aucune liste n'est déclarée.");
    expect(shown(site["register-budget"]!, "fr")[0]).toContain("Aucun projet n'est déclaré.");
    expect(shown(site["register-privacy"]!, "fr")[0]).toContain("Aucun traitement n'est déclaré.");
  });

  it("is shown no way to mail and files that it does not have", async () => {
    const ways = (own: Inventory) => navigation(own, "fr").map(({ path }) => path);
    const demo = ways((await demoInventory()).inventory);
    expect(demo).toEqual(expect.arrayContaining(["/mail", "/files"]));
    expect(ways(inventory)).toEqual(demo.filter((path) => path !== "/mail" && path !== "/files"));
  });

  it("has rules and routes of alerts all the same", () => {
    expect(ruleFile(inventory).groups.length).toBeGreaterThan(0);
    expect(alertmanagerConfig(inventory)).toMatchObject({ route: { receiver: "role president" } });
    expect(prometheusConfig(inventory, { ruleFiles: [] })).toBeDefined();
  });
});
