import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { browse } from "../browse.ts";
import { reach } from "../connect.ts";
import { Refusal, readDeclaration } from "../declaration.ts";
import { dump as dumpInto } from "../dump.ts";
import { isNoteName, readNote, writeNote } from "../notes.ts";
import { listSnapshots, table } from "../snapshots.ts";
import { jobNamed, SNAPSHOT, say } from "./words.ts";

/** `list [JOB] [--json]`: the host's snapshots, oldest first. */
export async function list(args: readonly string[]): Promise<number> {
  const declaration = readDeclaration();
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: "boolean" } },
  });
  const job = positionals[0] === undefined ? undefined : jobNamed(declaration.jobs, positionals[0]);
  const snapshots = await listSnapshots((await reach(declaration)).restic, declaration.host, job);
  if (values.json) say(JSON.stringify(snapshots));
  else say(snapshots.length === 0 ? "no snapshot yet" : table(snapshots));
  return 0;
}

/** `ls SNAPSHOT --path PATH`: what is in a folder of a snapshot, as JSON. */
export async function ls(args: readonly string[]): Promise<number> {
  const { snapshot, path } = placeIn(args, "ls");
  const entries = await browse((await reach(readDeclaration())).restic, snapshot, path);
  if (entries === undefined) {
    process.stderr.write(`vigie-backup: nothing in that snapshot is named ${path}\n`);
    return 1;
  }
  say(JSON.stringify(entries));
  return 0;
}

/** `dump SNAPSHOT --path PATH`: a folder or file of a snapshot on standard output, as a tar archive. */
export async function dump(args: readonly string[]): Promise<number> {
  const place = placeIn(args, "dump");
  const { access, secrets } = await reach(readDeclaration());
  return dumpInto(access, secrets, place, process.stdout, (words) => process.stderr.write(`${words}\n`));
}

function placeIn(args: readonly string[], command: string): { snapshot: string; path: string } {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { path: { type: "string" } },
  });
  const [snapshot] = positionals;
  if (!snapshot || !SNAPSHOT.test(snapshot) || !values.path?.startsWith("/"))
    throw new Refusal(`usage: vigie-backup ${command} SNAPSHOT --path /PATH`);
  return { snapshot, path: values.path };
}

/** `note NAME [--write]`: shows what was noted, or keeps the JSON on standard input. */
export async function note(args: readonly string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { write: { type: "boolean" } },
  });
  const [name] = positionals;
  if (!isNoteName(name)) throw new Refusal("usage: vigie-backup note NAME [--write]");
  if (values.write) writeNote(name, readFileSync(0, "utf8"));
  else say(readNote(name) ?? "null");
  return 0;
}
