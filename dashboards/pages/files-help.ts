import type { InventoryService } from "../../association/index.ts";
import type { PublicInput } from "../site/_page.ts";
import { filesWords } from "../words/files.ts";

/** What members of a file server can do by themselves, of what all of its shares have; null for other services. */
export function filesHelp({ id, provides }: InventoryService, { inventory, lang, format }: PublicInput) {
  const shares = Object.values(inventory.shares).filter(({ service }) => service === id);
  if (!provides.includes("shares") || shares.length === 0) return null;
  const words = filesWords[lang].help;
  const paces = shares.flatMap(({ versions }) => ("none" in versions ? [] : [versions.every]));
  return {
    title: words.title,
    items: [
      words.bin(format.length(Math.min(...shares.map(({ recycleFor }) => recycleFor)))),
      ...(paces.length === shares.length ? [words.versions(format.length(Math.max(...paces)))] : []),
      words.elsewhere,
    ],
  };
}
