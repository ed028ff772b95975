import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Inventory } from "../../association/index.ts";
import { askAgent } from "../recovery/agent.ts";
import { copyBeside } from "../recovery/beside-snapshots.ts";
import type { Saved } from "../recovery/subject.ts";
import { type Planted, planted, readPlanted } from "./canary.ts";

/** The file beside the snapshots that says what was planted when: whoever rebuilds from a copy has nobody to ask. */
export const CANARIES = "canaries.json";

/** What was planted, by service. */
export type Known = Readonly<Record<string, Planted>>;

const known = z.record(z.string(), planted);

/** Keeps beside the snapshots what the agents have noted. */
export async function keepCanaries(saved: readonly Saved[], inventory: Inventory): Promise<void> {
  const all: Record<string, Planted> = {};
  for (const one of saved) {
    const values = readPlanted((await askAgent(one, "note", `canary-${one.service.id}`)).stdout);
    if (values.length > 0) all[one.service.id] = values;
  }
  const folder = mkdtempSync(join(tmpdir(), "vigie-canaries-"));
  try {
    const file = join(folder, CANARIES);
    writeFileSync(file, JSON.stringify(all));
    await copyBeside(file, CANARIES, "What was planted", inventory);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a copy of a repository says was planted; nothing where it does not, or cannot be read. */
export function readCanaries(folder: string): Known {
  const file = join(folder, CANARIES);
  if (!existsSync(file)) return {};
  try {
    return known.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return {};
  }
}
