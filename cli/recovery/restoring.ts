import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LOCAL } from "../places.ts";

/** A restore in place, written down before anything is touched and forgotten once all of it is done. */
export interface Restoring {
  readonly version: 1;
  readonly stack: string;
  readonly service: string;
  /** What was asked, as `restore` takes it: asked again, it goes on. */
  readonly words: string;
  /** ISO 8601. */
  readonly started: string;
  /** The snapshot of what was there before; none while nothing was changed. */
  undo?: string;
}

const folderOf = (local: string): string => join(local, "restores");
const fileOf = ({ stack, service, words }: Restoring, local: string): string =>
  join(folderOf(local), `${stack}.${service}.${createHash("sha256").update(words).digest("hex").slice(0, 8)}.json`);

/** Replaces it whole: a half-written one would be worse than none. */
export function keepRestoring(one: Restoring, local = LOCAL): void {
  mkdirSync(folderOf(local), { recursive: true, mode: 0o700 });
  const file = fileOf(one, local);
  writeFileSync(`${file}.new`, `${JSON.stringify(one, null, 1)}\n`);
  renameSync(`${file}.new`, file);
}

export const forgetRestoring = (one: Restoring, local = LOCAL): void => rmSync(fileOf(one, local), { force: true });

/** The restores of a stack, or of one of its services, whose end nobody saw, the oldest first. */
export function unfinishedRestores(stack: string, service?: string, local = LOCAL): Restoring[] {
  const folder = folderOf(local);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.startsWith(`${stack}.`) && file.endsWith(".json"))
    .map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Restoring)
    .filter((one) => one.stack === stack && (service === undefined || one.service === service))
    .sort((a, b) => (a.started < b.started ? -1 : 1));
}

/** What is to be known of a restore that did not come to its end, and both ways out of it. Pure. */
export function describeRestoring({ stack, service, words, started, undo }: Restoring): string[] {
  const command = (own: string) => `npm run restore -- --stack ${stack} --service ${service} ${own}`;
  return [
    `A restore of ${service} begun on ${started.slice(0, 16)}Z did not come to its end${undo === undefined ? "; nothing was changed by it" : ": part of it may be as it was before, and its service stopped"}`,
    `  to go on: ${command(words)}`,
    ...(undo === undefined
      ? []
      : [`  what was there before is in snapshot ${undo}: ${command(undoWords(words, undo))}`]),
  ];
}

/** Words that put back what was there before a restore with such words. Pure. */
export const undoWords = (words: string, undo: string): string =>
  `${words.replace(/^--snapshot \S+/, `--snapshot ${undo}`).replace(/ --exact$/, "")} --exact`;
