import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { loadVocabulary } from "../../../association/index.ts";
import { importBlackbox } from "../../../cli/import/blackbox.ts";
import type { Imported } from "../../../cli/import/draft.ts";
import { importGatus } from "../../../cli/import/gatus.ts";
import { importUptimeKuma } from "../../../cli/import/uptime-kuma.ts";
import { writeServices } from "../../../cli/import/write.ts";
import { ROOT } from "../../../cli/places.ts";
import { compile } from "../../compiler.ts";

const fixture = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");

const IMPORTED: Readonly<Record<string, () => Imported>> = {
  gatus: () => importGatus(fixture("gatus.yaml"), "gatus.yaml"),
  "uptime-kuma": () => importUptimeKuma(fixture("uptime-kuma.json"), "uptime-kuma.json"),
  blackbox: () =>
    importBlackbox(fixture("blackbox.yml"), "blackbox.yml", {
      text: fixture("prometheus.yml"),
      name: "prometheus.yml",
    }),
};

/** Beside the demo's, where what is written imports the model from. For the compiler only. */
const folder = join(ROOT, "associations/import-types");
const fileOf = (name: string) => join(folder, `${name}.ts`);
const found = new Map<string, string[]>();

/** One run of the compiler for all: the whole model, and every kind of check that they use. */
beforeAll(async () => {
  const vocabulary = await loadVocabulary();
  const written = new Map(
    Object.entries(IMPORTED).map(([name, imported]) => {
      const owned = { owner: "it-on-call", supplier: "webhost" };
      return [fileOf(name), writeServices(imported(), name, owned, vocabulary).source];
    }),
  );
  // A mistake is seen: the test would pass else if the compiler knew no kind of check.
  written.set(fileOf("wrong"), written.get(fileOf("gatus"))!.replace('check: "http"', 'check: "htttp"'));
  const kinds = [...written.values()].flatMap((source) =>
    [...source.matchAll(/check: "([a-z-]+)"/g)].map(([, kind]) => kind!),
  );
  const uses = [...new Set(kinds)]
    .filter((kind) => kind !== "htttp")
    .map((kind) => `import type {} from "../../monitors/checks/${kind}.ts";\n`);
  written.set(fileOf("kinds"), uses.join(""));
  for (const [file, findings] of compile(folder, written))
    found.set(
      file,
      findings.map(({ lineNumber, message }) => `line ${lineNumber}: ${message}`),
    );
}, 180_000);

it.each(Object.keys(IMPORTED))("the compiler accepts what is written of a configuration of %s", (name) => {
  expect(found.get(fileOf(name))).toEqual([]);
});

it("the compiler refuses a kind of check that there is not", () => {
  expect(found.get(fileOf("wrong"))!.join("\n")).toContain("htttp");
});
