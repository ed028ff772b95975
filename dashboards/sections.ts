import { readdirSync } from "node:fs";
import { extname } from "node:path";
import type { InventoryService } from "../association/index.ts";
import type { Material } from "./pages/material.ts";
import { sectionModel } from "./pages/register.ts";
import type { SectionFile } from "./sections/_section.ts";

const FOLDER = new URL("sections/", import.meta.url);
/** `.js` in the image of the lookout, whose files have been stripped of types. */
const SUFFIX = extname(import.meta.filename);

const sections: readonly SectionFile[] = (
  await Promise.all(
    readdirSync(FOLDER)
      .filter((file) => file.endsWith(SUFFIX) && !file.startsWith("_"))
      .map(async (file) => ((await import(new URL(file, FOLDER).href)) as { default: SectionFile }).default),
  )
).sort((a, b) => a.order - b.order);

/** Tables added to the page of those on call. */
export const oncallSections = (input: Material) =>
  sections.flatMap((file) => {
    const section = file.on === "oncall" ? file.render(input) : undefined;
    return section ? [sectionModel(section)] : [];
  });

/** Tables added to the page of a service. */
export const serviceSections = (input: Material, service: InventoryService) =>
  sections.flatMap((file) => {
    const section = file.on === "service" ? file.render(input, service) : undefined;
    return section ? [sectionModel(section)] : [];
  });
