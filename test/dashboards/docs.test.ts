import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../cli/places.ts";
import { renderPage, type SitePage } from "../../dashboards/site.ts";
import { compile } from "../compiler.ts";
import { demoInTrouble } from "./views.ts";

describe("docs/add-a-page.md, followed word for word", () => {
  const [, path, source] = /^```ts file=(\S+)\n([\s\S]*?)^```$/m.exec(
    readFileSync(join(ROOT, "docs/add-a-page.md"), "utf8"),
  )!;

  it("compiles", () => {
    const file = join(ROOT, path!);
    expect(compile(dirname(file), new Map([[file, source!]])).get(file) ?? []).toEqual([]);
  });

  it("makes a page, in each language", async () => {
    expect(path).toBe("dashboards/site/hello.ts");
    // Under a name that is no page's: other tests go through all of them meanwhile.
    const file = join(ROOT, "dashboards/site/_hello-of-the-docs.ts");
    writeFileSync(file, source!);
    try {
      const { default: page } = (await import(pathToFileURL(file).href)) as { default: SitePage };
      const input = await demoInTrouble();
      const html = (lang: "fr" | "en") => renderPage(page, input, lang, { params: {}, query: {} });
      expect(html("fr")).toContain("<title>Adressez-vous à");
      expect(html("en")).toMatch(/<title>[^<]*Secretary/);
    } finally {
      rmSync(file);
    }
  });
});
