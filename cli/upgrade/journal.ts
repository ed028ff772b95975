import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Edition } from "../../stacks/edition.ts";
import { LOCAL } from "../places.ts";
import type { Holdings } from "./losses.ts";

/**
 * How far an upgrade has come:
 * - `prepared`: the configuration names the new edition, nothing runs it: forgotten when found again;
 * - `saved`: the service is stopped and its data kept; `applying`: the new version is being brought up or watched;
 * - `undoing`: it is going back;
 * - `kept` or `undone`: over.
 */
export type Phase = "prepared" | "saved" | "applying" | "undoing" | "kept" | "undone";

/** One upgrade of one service, written down before each step so that a killed one can be taken up again. */
export interface Journal {
  readonly version: 1;
  readonly stack: string;
  readonly service: string;
  readonly started: string;
  phase: Phase;
  readonly before: { readonly edition: Edition; readonly image: string };
  readonly after: { readonly edition: Edition; readonly image: string };
  /** URNs of what the upgrade changes; everything else is left as it is. */
  readonly targets: readonly string[];
  /** Snapshots of the stopped service's volumes, by the volume's key. */
  snapshots: Readonly<Record<string, string>>;
  /** Checks that failed before it began: the new version does not answer for them. */
  failingBefore: readonly string[];
  /** What its volumes held when the old version was stopped. */
  holdings?: Holdings;
  /** What the old version was given by its own means: the new one has to hold it too. */
  canary?: string;
  /** Why it went back. */
  because?: string;
  /** While no new version was brought up: the one before, which can still be undone where nothing comes of this one. */
  previous?: Journal;
}

const FOLDER = "upgrades";
const fileOf = (stack: string, service: string, local: string): string =>
  join(local, FOLDER, `${stack}.${service}.json`);

export function readJournal(stack: string, service: string, local = LOCAL): Journal | undefined {
  const file = fileOf(stack, service, local);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Journal) : undefined;
}

/** Replaces it whole: a half-written journal would be worse than none. */
export function keepJournal(journal: Journal, local = LOCAL): void {
  const file = fileOf(journal.stack, journal.service, local);
  mkdirSync(join(local, FOLDER), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, `${JSON.stringify(journal, null, 1)}\n`);
  renameSync(`${file}.new`, file);
}

export const forgetJournal = (stack: string, service: string, local = LOCAL): void =>
  rmSync(fileOf(stack, service, local), { force: true });

/** A journal of an upgrade that nothing came of: the one before it is the last again. */
export function dropPrepared({ stack, service, previous }: Journal, local = LOCAL): void {
  if (previous === undefined) forgetJournal(stack, service, local);
  else keepJournal(previous, local);
}

/** The journal that a new upgrade begins from; `previous` only while no new version was brought up. */
export const without = ({ previous: _, ...journal }: Journal): Journal => journal;

const OVER: ReadonlySet<Phase> = new Set(["kept", "undone"]);
export const isOver = ({ phase }: Pick<Journal, "phase">): boolean => OVER.has(phase);

/** The upgrades of a stack that something interrupted. */
export function unfinished(stack: string, local = LOCAL): Journal[] {
  const folder = join(local, FOLDER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.startsWith(`${stack}.`) && file.endsWith(".json"))
    .map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Journal)
    .filter((journal) => journal.stack === stack && !isOver(journal));
}
