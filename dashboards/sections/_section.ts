import type { InventoryService } from "../../association/index.ts";
import type { Material } from "../pages/material.ts";
import type { Section } from "../pages/register.ts";

/** Tables that other parts of the project add to a page: a file of `dashboards/sections/` is one. Internal pages only. */
export type SectionFile =
  | { readonly on: "oncall"; readonly order: number; readonly render: (input: Material) => Section | undefined }
  | {
      readonly on: "service";
      readonly order: number;
      readonly render: (input: Material, service: InventoryService) => Section | undefined;
    };

/**
 * Types a section; identity at run time.
 *
 * @example
 * export default defineSection({ on: "service", order: 50, render: ({ w }, { cost }) => cost && { … } });
 */
export const defineSection = <File extends SectionFile>(file: File): File => file;
