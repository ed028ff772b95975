import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import { type Edition, readEditions } from "../../stacks/edition.ts";
import { LOCAL } from "../places.ts";
import type { Escrow } from "../recovery/escrow.ts";
import { type Problem, Refusal } from "../refusal.ts";
import { keptSettings, readSettingsFile, type StackSettings } from "../settings.ts";

const ROOT_SECRET = "vigie:rootSecret";
const IMAGES = "vigie:images";

/**
 * Puts what the escrow holds where the commands find it: the passphrase, and the stack's settings with its root secret. What is
 * there already has to be the same. @returns the images that were held, which are lost with their engine
 * @throws {Refusal} where this checkout has another passphrase or another stack of that name; nothing is written then
 */
export function takeOver(
  escrow: Escrow,
  local = LOCAL,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string[] {
  const { settings, lifted } = withoutHolds((parse(escrow.config) as StackSettings | null) ?? {});
  const kept = keptSettings(escrow.stack, local);
  const problems: Problem[] = [];
  const here = readSettingsFile(kept).config?.[ROOT_SECRET];
  if (here !== undefined && JSON.stringify(here) !== JSON.stringify(settings.config?.[ROOT_SECRET]))
    problems.push({
      what: `This checkout has a stack "${escrow.stack}" of its own: ${kept}`,
      fix: "Rebuild in a fresh clone",
    });
  const file = environment.PULUMI_CONFIG_PASSPHRASE_FILE ?? join(local, "passphrase");
  const passphrase =
    environment.PULUMI_CONFIG_PASSPHRASE ?? (existsSync(file) ? readFileSync(file, "utf8").trim() : undefined);
  if (passphrase === undefined && escrow.passphrase === undefined)
    problems.push({
      what: "The escrow holds no passphrase: the stack's was kept elsewhere",
      fix: "Give it by PULUMI_CONFIG_PASSPHRASE_FILE",
    });
  if (passphrase !== undefined && escrow.passphrase !== undefined && passphrase !== escrow.passphrase)
    problems.push({
      what: "This checkout has another passphrase than the lost stack's",
      fix: "Rebuild in a fresh clone, or point PULUMI_CONFIG_PASSPHRASE_FILE to a file that is not there yet",
    });
  if (problems.length > 0) throw new Refusal(problems);
  if (passphrase === undefined) write(file, `${escrow.passphrase}\n`);
  if (here === undefined) write(kept, stringify(settings));
  return here === undefined ? lifted : [];
}

/** A held image was on the lost engine alone, and nothing says what it was built from. Pure. */
export function withoutHolds(settings: StackSettings): { settings: StackSettings; lifted: string[] } {
  const { [IMAGES]: images, ...config } = settings.config ?? {};
  const lifted: string[] = [];
  const kept = Object.entries(readEditions(images)).flatMap(([service, { packages, hold }]): [string, Edition][] => {
    if (hold !== undefined) lifted.push(hold);
    return packages === undefined ? [] : [[service, { packages }]];
  });
  const all = kept.length === 0 ? config : { ...config, [IMAGES]: Object.fromEntries(kept) };
  return { settings: { ...settings, config: all }, lifted };
}

/** For its owner alone, and in one step. */
function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
