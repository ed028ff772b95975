import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { stringify } from "yaml";
import { type Edition, readEditions } from "../../stacks/edition.ts";
import { LOCAL, ROOT } from "../places.ts";
import { keptSettings, readSettingsFile, settingsOf } from "../settings.ts";
import { dropPrepared, type Journal } from "./journal.ts";

const KEY = "vigie:images";

/** The editions of a stack's images, by service. */
export const editionsOf = (stack: string, root = ROOT, local = LOCAL): Record<string, Edition> =>
  readEditions(settingsOf(stack, root, local).config?.[KEY]);

/** Puts the configuration back as it was before an upgrade that brought nothing up. */
export function forgetPrepared(journal: Journal): void {
  setEdition(journal.stack, journal.service, journal.before.edition);
  dropPrepared(journal);
}

/** Writes a service's edition into the settings that are kept beside the state: both tell what runs. */
export function setEdition(stack: string, service: string, to: Edition, local = LOCAL): void {
  const file = keptSettings(stack, local);
  const { config = {}, ...rest } = readSettingsFile(file);
  const { [KEY]: before, ...settings } = config;
  const { [service]: _, ...others } = readEditions(before);
  const all = Object.keys(to).length > 0 ? { ...others, [service]: to } : others;
  const after = Object.keys(all).length > 0 ? { ...settings, [KEY]: all } : settings;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, stringify({ ...rest, config: after }), { mode: 0o600 });
  chmodSync(`${file}.new`, 0o600);
  renameSync(`${file}.new`, file);
}
