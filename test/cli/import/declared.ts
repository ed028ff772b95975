import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "vitest";
import { buildInventory, type Inventory, loadVocabulary, type Vocabulary } from "../../../association/index.ts";
import demo from "../../../associations/tilleuls/index.ts";
import type { Imported } from "../../../cli/import/draft.ts";
import { type Written, writeServices } from "../../../cli/import/write.ts";
import { ROOT } from "../../../cli/places.ts";

export const owned = { owner: "it-on-call", supplier: "webhost" };

export const vocabulary: Vocabulary = await loadVocabulary();

type Services = Record<
  string,
  { checks: Record<string, unknown>[]; delivery: Record<string, unknown>; name: { fr: string } }
>;
type Windows = Record<string, Record<string, unknown>>;
interface Module {
  imported: Services;
  importedMaintenance?: Windows;
}
/** What was written, loaded as a module: beside the demo's, for it imports the model by a path from there. */
export async function load({ source }: Written): Promise<Module> {
  const folder = mkdtempSync(join(ROOT, "associations", "test-import-"));
  try {
    const file = join(folder, "part.ts");
    writeFileSync(file, source);
    return (await import(pathToFileURL(file).href)) as Module;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What was written, put into the demo: what the inventory makes of it. */
export async function declared(
  imported: Imported,
): Promise<{ written: Written; services: Services; windows: Windows; inventory: Inventory; lost: string }> {
  const written = writeServices(imported, "elsewhere", owned, vocabulary);
  const { imported: services, importedMaintenance: windows = {} } = await load(written);
  const { inventory } = buildInventory(
    {
      ...demo,
      services: { ...demo.services, ...services },
      maintenance: { ...demo.maintenance, ...(windows as typeof demo.maintenance) },
    },
    vocabulary,
  );
  expect(Object.keys(inventory.services)).toEqual(expect.arrayContaining(Object.keys(services)));
  return {
    written,
    services,
    windows,
    inventory,
    lost: written.losses.map(({ where, what, why }) => `${where}: ${what} – ${why}`).join("\n"),
  };
}
