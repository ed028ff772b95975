import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parse } from "yaml";
import { buildInventory, type Inventory, loadVocabulary, type People } from "../association/index.ts";
import { ROOT } from "./places.ts";
import { Refusal } from "./refusal.ts";
import { settingsOf } from "./settings.ts";

/** What a stack's configuration says about where its copy of the systems runs. */
export interface Settings {
  /** Path of the declaration's module, from the project's root. */
  declaration: string;
  /** Added to every port opened on a host. */
  portOffset: number;
}

/** A stack's settings: its own, else the project's defaults. Asks no Pulumi CLI, hence before any is found. */
export function readSettings(stack: string, root = ROOT): Settings {
  const project = yaml(join(root, "Pulumi.yaml")) as { config?: Record<string, { default?: unknown }> } | undefined;
  const { config } = settingsOf(stack, root, join(root, ".vigie"));
  const setting = (key: string) => config?.[`vigie:${key}`] ?? project?.config?.[`vigie:${key}`]?.default;
  return { declaration: String(setting("declaration")), portOffset: Number(setting("portOffset") ?? 0) };
}

function yaml(path: string): unknown {
  return existsSync(path) ? parse(readFileSync(path, "utf8")) : undefined;
}

/**
 * The inventory that a stack deploys, to verify the declaration and the machine before anything is touched.
 * @throws DeclarationError listing everything wrong in the declaration
 */
export async function readInventory(stack: string, settings: Settings, root = ROOT): Promise<Inventory> {
  return (await readDeclared(stack, settings, root)).inventory;
}

/** As `readInventory`, with the people. */
export async function readDeclared(
  stack: string,
  { declaration, portOffset }: Settings,
  root = ROOT,
): Promise<{ inventory: Inventory; people: People }> {
  const path = resolve(root, declaration);
  if (!existsSync(path))
    throw new Refusal({
      what: `There is no declaration at ${path}`,
      fix: "Name its module from the project's root: --declaration associations/NAME/index.ts",
    });
  const [module, vocabulary] = await Promise.all([load(path), loadVocabulary()]);
  const prefix = `${module.default?.association?.id ?? "vigie"}-${stack}`;
  return buildInventory(module.default, vocabulary, { prefix, portOffset });
}

/** A module that does not load is the user's to correct: the place and the reason, without our own stack. */
async function load(path: string): Promise<{ default?: { association?: { id?: string } } }> {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new Refusal({
      what: `The declaration ${path} cannot be loaded`,
      fix: stack.replace(/\n\s+at (node:|async node:)[^\n]*/g, ""),
    });
  }
}
