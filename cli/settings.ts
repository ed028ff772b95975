import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import { LOCAL, ROOT } from "./places.ts";

/**
 * A stack's settings are in two files. `Pulumi.NAME.yaml` at the project's root is written by people and may be committed;
 * the one beside the state (`stackConfigDir` of Pulumi.yaml) is what the Pulumi CLI reads and writes: it also holds the root
 * secret and the salt, which belong to one checkout. What people wrote is carried into it before each command.
 */
export interface StackSettings {
  /** Made by the CLI: proves the passphrase. */
  encryptionsalt?: string;
  /** By key, with its namespace; a secret is `{ secure: ciphertext }`. */
  config?: Record<string, unknown>;
}

/** The file that people write. */
export const writtenSettings = (stack: string, root = ROOT): string => join(root, `Pulumi.${stack}.yaml`);

/** The file that the CLI reads and writes. */
export const keptSettings = (stack: string, local = LOCAL): string => join(local, "settings", `Pulumi.${stack}.yaml`);

/** Which keys of the kept file were carried over: they go where they are no longer written. */
const carriedKeys = (stack: string, local: string): string => join(local, "settings", `${stack}.carried.json`);

/** Every file that may hold a stack's settings. */
export const settingsFiles = (root = ROOT, local = LOCAL): string[] =>
  [root, join(local, "settings")].flatMap((folder) =>
    globSync("Pulumi.*.yaml", { cwd: folder }).map((name) => join(folder, name)),
  );

/** The stacks that people wrote settings for. */
export const writtenStacks = (root = ROOT): string[] =>
  globSync("Pulumi.*.yaml", { cwd: root }).map((name) => basename(name).slice("Pulumi.".length, -".yaml".length));

export const readSettingsFile = (path: string): StackSettings =>
  existsSync(path) ? ((parse(readFileSync(path, "utf8")) as StackSettings | null) ?? {}) : {};

/**
 * What holds for a stack: what is kept, with what is written over it.
 * @param carried keys that came from the written file last time
 */
export function combine(kept: StackSettings, written: StackSettings, carried: readonly string[]): StackSettings {
  const own = Object.entries(kept.config ?? {}).filter(([key]) => !carried.includes(key));
  const config: Record<string, unknown> = Object.fromEntries(own);
  // Of a key with several values, such as `vigie:secrets`, each is written or kept by itself.
  for (const [key, value] of Object.entries(written.config ?? {}))
    config[key] = isGroup(value) && isGroup(config[key]) ? { ...config[key], ...value } : value;
  const encryptionsalt = written.encryptionsalt ?? kept.encryptionsalt;
  return {
    ...(encryptionsalt === undefined ? {} : { encryptionsalt }),
    ...(Object.keys(config).length === 0 ? {} : { config }),
  };
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !("secure" in value);

/** The settings that a command would find, without changing any file. */
export const settingsOf = (stack: string, root = ROOT, local = LOCAL): StackSettings =>
  combine(
    readSettingsFile(keptSettings(stack, local)),
    readSettingsFile(writtenSettings(stack, root)),
    readCarried(stack, local),
  );

/** Carries what people wrote into the file that the CLI reads. */
export function carrySettings(stack: string, root = ROOT, local = LOCAL): void {
  const path = keptSettings(stack, local);
  const before = readSettingsFile(path);
  const after = settingsOf(stack, root, local);
  // A secret stays even where it is written no longer: without it the data of the stack would be lost.
  const carried = Object.entries(readSettingsFile(writtenSettings(stack, root)).config ?? {}).flatMap(([key, value]) =>
    typeof value === "object" ? [] : [key],
  );
  if (JSON.stringify(after) !== JSON.stringify(before)) replace(path, stringify(after));
  if (JSON.stringify(carried) !== JSON.stringify(readCarried(stack, local)))
    replace(carriedKeys(stack, local), JSON.stringify(carried));
}

/** Forgets what is kept of a stack that is gone with its state. */
export function forgetSettings(stack: string, local = LOCAL): void {
  for (const path of [keptSettings(stack, local), carriedKeys(stack, local)]) rmSync(path, { force: true });
}

function readCarried(stack: string, local: string): string[] {
  const path = carriedKeys(stack, local);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as string[]) : [];
}

/** In one step: a command that is interrupted leaves the old file or the new one. */
function replace(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
