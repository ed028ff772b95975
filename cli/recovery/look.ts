import { Refusal } from "../refusal.ts";
import { say } from "../say.ts";
import { askAgent } from "./agent.ts";
import type { Choice, Snapshot } from "./choose.ts";
import { type Entry, listing, snapshotTable } from "./listing.ts";
import type { Saved } from "./subject.ts";

/** The snapshots that the agent sees. @throws {Refusal} where it cannot tell */
export async function list(saved: Saved): Promise<Snapshot[]> {
  const { code, stdout, stderr } = await askAgent(saved, "list", "--json");
  if (code === 0) return JSON.parse(stdout) as Snapshot[];
  throw new Refusal({
    what: `The snapshots cannot be listed: ${stderr.trim()}`,
    fix: `docker logs ${saved.agent}   tells more`,
  });
}

export function showSnapshots(saved: Saved, choices: readonly Choice[]): void {
  if (choices.length === 0) {
    say.warn(`${saved.service.id} has no snapshot yet: npm run backup -- --service ${saved.service.id}   takes one`);
    return;
  }
  say.result(snapshotTable(choices));
}

export async function browse(saved: Saved, choice: Choice, path: string): Promise<void> {
  const entries = await entriesAt(saved, choice, path);
  if (entries === undefined) throw missing(choice, path, saved);
  say.result(listing(entries));
}

/** What is in a folder of a snapshot, a file giving itself; undefined where there is nothing of that path. */
export async function entriesAt(saved: Saved, choice: Choice, path: string): Promise<readonly Entry[] | undefined> {
  const { code, stdout, stderr } = await askAgent(saved, "ls", choice.id, "--path", path);
  if (code === 0) return JSON.parse(stdout) as Entry[];
  if (nothingThere(stderr)) return undefined;
  throw unreadable(choice, stderr);
}

const nothingThere = (stderr: string): boolean => stderr.includes("nothing in that snapshot is named");

const unreadable = ({ id }: Choice, stderr: string): Refusal =>
  new Refusal({
    what: `Snapshot ${id} cannot be read: ${stderr.trim()}`,
    fix: "Try another one",
  });

export const missing = (choice: Choice, path: string, { service }: Saved): Refusal =>
  new Refusal({
    what: `Snapshot ${choice.id} has no ${shown(choice, path)}: nothing was touched`,
    fix: `npm run restore -- --service ${service.id} --snapshot ${choice.id} --browse .   shows what it has`,
  });

/** A path as people typed it: inside the volume. */
export const shown = ({ path: base, volume }: Choice, path: string): string =>
  path === base ? `volume ${volume.key}` : path.slice(base.length + 1);

/** A word as a shell takes it. */
export const quoted = (word: string): string =>
  /^[\w./@:-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
