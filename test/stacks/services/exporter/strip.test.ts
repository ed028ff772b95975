import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkNames } from "../../../../monitors/checks.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const STRIP = join(ROOT, "stacks/services/exporter/image/strip.mjs");

/** What becomes of files by path. */
function stripped(files: Readonly<Record<string, string>>): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "vigie-strip-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  strip(folder);
  return Object.fromEntries(
    globSync("**/*.*", { cwd: folder }).map((path) => [path, readFileSync(join(folder, path), "utf8")]),
  );
}

const strip = (folder: string) => execFileSync(process.execPath, [STRIP], { cwd: folder, stdio: "pipe" });

describe("the lookout's code in its image", () => {
  it("is plain JavaScript, each thing in its line and column, that imports plain JavaScript", () => {
    const found = stripped({
      "monitors/a.ts": 'import type { B } from "./b.ts";\nimport { c } from "../association/c.ts";\nconst d: B = c;\n',
      "dashboards/e.ts":
        'const { f } = await import("./f.ts");\nconst g = "./no-import.ts" as const;\nexport { h } from "./h.ts";\n',
      "monitors/page.hbs": "{{kept}}",
      "elsewhere/i.ts": "const j: number = 1;",
    });
    expect(Object.keys(found).sort()).toEqual([
      "dashboards/e.js",
      "elsewhere/i.ts",
      "monitors/a.js",
      "monitors/page.hbs",
    ]);
    expect(found["monitors/a.js"]!.split("\n").slice(1, 3)).toEqual([
      'import { c } from "../association/c.js";',
      "const d    = c;",
    ]);
    expect(found["dashboards/e.js"]).toBe(
      'const { f } = await import("./f.js");\nconst g = "./no-import.ts"         ;\nexport { h } from "./h.js";\n',
    );
  });

  it("finds all of its checks and pages", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vigie-strip-"));
    for (const part of ["package.json", "association", "dashboards", "runbooks", "monitors"])
      cpSync(join(ROOT, part), join(folder, part), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    strip(folder);
    const program = `
      const { loadChecks } = await import("./monitors/checks.js");
      const { site } = await import("./dashboards/site.js");
      await import("./monitors/web/app.js");
      console.log(JSON.stringify({ checks: Object.keys(await loadChecks()), pages: Object.keys(site) }));`;
    const out = execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, NODE_OPTIONS: "--no-experimental-strip-types --disable-warning=ExperimentalWarning" },
    });
    const pages = globSync("*.ts", { cwd: join(ROOT, "dashboards/site") }).filter((file) => !file.startsWith("_"));
    const found = JSON.parse(out) as { pages: string[] };
    expect({ ...found, pages: found.pages.sort() }).toEqual({
      checks: await checkNames(),
      pages: pages.map((file) => file.replace(".ts", "")).sort(),
    });
  });

  it("has zod's messages in English only, in the file that zod loads all languages from", async () => {
    const locales = join(ROOT, "node_modules/zod/v4/locales");
    const ours = readFileSync(join(ROOT, "stacks/services/exporter/image/zod-locales.js"), "utf8");
    const loads = (text: string) =>
      [...text.matchAll(/^export \{ default as (\w+) \} from "(\S+)";$/gm)].map(([, name]) => name);
    expect(loads(ours)).toEqual(["en"]);
    expect(loads(readFileSync(join(locales, "index.js"), "utf8"))).toEqual(expect.arrayContaining(["en", "fr"]));
    const users = globSync("**/*.js", { cwd: join(locales, "..") }).filter(
      (file) =>
        !file.startsWith("locales/") &&
        /locales\/(?!index\.js|en\.js)/.test(readFileSync(join(locales, "..", file), "utf8")),
    );
    expect(users).toEqual([]);
  });
});
