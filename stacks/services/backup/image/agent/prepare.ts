import { createHash, randomBytes } from "node:crypto";
import { closeSync, constants, createReadStream, openSync, readFileSync, readSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** A copy of a database that the service made for the snapshot. */
export interface Made {
  readonly kind: "sqlite" | "postgresql" | "mariadb" | "file";
  /** Its place in the volume. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Prepared {
  readonly made: readonly Made[];
  /** What the service counted: rows, messages … */
  readonly facts: Readonly<Record<string, number>>;
}

/** How a service is asked to make its copies. */
export interface Preparation {
  /** The volume that it and the agent share, where its `vigie-hooks` listens. */
  readonly folder: string;
  readonly limitSeconds: number;
  /** How long it may take to listen: both may just be starting. */
  readonly waitSeconds?: number;
}

/** The copies could not be made, or are not whole. */
export class NotPrepared extends Error {}

const LOOK_MS = 200;

/**
 * Has a service make consistent copies of its databases, and sees that each is whole: as large as it was, with the same
 * hash, and with the end that its kind has.
 *
 * @param volume where the volume with the copies is mounted
 * @param id by which it is told later that the snapshot is over
 * @throws {NotPrepared}
 */
export async function prepare(
  { folder, limitSeconds, waitSeconds = 0 }: Preparation,
  volume: string,
  signal?: AbortSignal,
  id = newId(),
): Promise<Prepared> {
  const patience = Date.now() + waitSeconds * 1000;
  for (;;) {
    try {
      ask(join(folder, "ask"), id);
      break;
    } catch (error) {
      if (!(error instanceof NotPrepared) || Date.now() >= patience || signal?.aborted) throw error;
      await pause(LOOK_MS);
    }
  }
  const until = Date.now() + limitSeconds * 1000;
  for (;;) {
    const answer = readAnswer(join(folder, `answer-${id}`));
    if (answer !== undefined) {
      const prepared = parseAnswer(answer);
      for (const made of prepared.made) await verifyMade(made, volume);
      return prepared;
    }
    if (Date.now() > until || signal?.aborted)
      throw new NotPrepared(`the service did not make its copies within ${limitSeconds} s`);
    await pause(LOOK_MS);
  }
}

/** What one snapshot is asked for, and told to be over, by. */
export const newId = (): string => randomBytes(16).toString("hex");

/** Tells the service that the snapshot is over. Whoever is gone meanwhile is woken by its own start. */
export function tellOver({ folder }: Preparation, id: string, outcome: string): void {
  try {
    ask(join(folder, "ask"), `done-${id} ${outcome}`);
  } catch (error) {
    if (!(error instanceof NotPrepared)) throw error;
  }
}

/** Writes into the pipe; without waiting, for nobody may be listening. */
function ask(pipe: string, id: string): void {
  let file: number;
  try {
    file = openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new NotPrepared(
      code === "ENXIO" || code === "ENOENT"
        ? "the service does not listen for snapshots: it is stopped, or its vigie-hooks is"
        : `the service cannot be asked: ${(error as Error).message}`,
    );
  }
  try {
    writeSync(file, `${id}\n`);
  } finally {
    closeSync(file);
  }
}

function readAnswer(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

const COPY = /^(sqlite|postgresql|mariadb|file) ([A-Za-z0-9._/-]+) (\d+) ([0-9a-f]{64})$/;
const FACT = /^fact ([a-z][a-z0-9_]*) (\d+)$/;

/** Reads what `vigie-hooks` answered. Pure. @throws {NotPrepared} */
export function parseAnswer(text: string): Prepared {
  const [first = "", ...lines] = text.trimEnd().split("\n");
  if (first !== "ok") throw new NotPrepared(first.replace(/^failed: /, "") || "the service gave an empty answer");
  const made: Made[] = [];
  const facts: Record<string, number> = {};
  for (const line of lines) {
    const copy = COPY.exec(line);
    const fact = FACT.exec(line);
    if (copy && !copy[2]!.split("/").includes(".."))
      made.push({ kind: copy[1] as Made["kind"], path: copy[2]!, bytes: Number(copy[3]), sha256: copy[4]! });
    else if (fact) facts[fact[1]!] = Number(fact[2]);
    else throw new NotPrepared("the service's answer makes no sense");
  }
  return { made, facts };
}

/** How a whole copy of a kind ends (PostgreSQL's and MariaDB's dump programs write this line last). */
const ENDS: Partial<Record<Made["kind"], RegExp>> = {
  postgresql: /-- PostgreSQL database dump complete\s/,
  mariadb: /-- Dump completed/,
};

/** Sees that a copy is what its service made, and whole. @throws {NotPrepared} */
export async function verifyMade(made: Made, volume: string): Promise<void> {
  const file = join(volume, made.path);
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  const fail = (why: string): never => {
    throw new NotPrepared(`the copy ${made.path} ${why}`);
  };
  if (size === undefined) return fail("is not there");
  if (size === 0) return fail("is empty");
  if (size !== made.bytes) return fail(`has ${size} bytes, and had ${made.bytes} when it was made`);
  const hash = createHash("sha256");
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  if (hash.digest("hex") !== made.sha256) return fail("has changed since it was made");
  const end = ENDS[made.kind];
  if (end && !end.test(part(file, Math.max(0, size - 512), 512).toString("latin1")))
    return fail("is cut off: it lacks its last line");
  if (made.kind === "sqlite" && !isWholeSqlite(part(file, 0, 100), size)) return fail("is no whole SQLite database");
}

function part(file: string, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const open = openSync(file, "r");
  try {
    return bytes.subarray(0, readSync(open, bytes, 0, length, at));
  } finally {
    closeSync(open);
  }
}

/** By its header: as many pages as it says it has (sqlite.org/fileformat2.html section 1.3). Pure. */
export function isWholeSqlite(header: Buffer, size: number): boolean {
  if (header.length < 100 || header.toString("latin1", 0, 16) !== "SQLite format 3\0") return false;
  const written = header.readUInt16BE(16);
  const page = written === 1 ? 65_536 : written;
  const pages = header.readUInt32BE(28);
  return page >= 512 && size === page * pages;
}
