import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  createWriteStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Refusal } from "../refusal.ts";
import { dockerWords } from "./agent.ts";
import type { Choice } from "./choose.ts";
import type { Entry } from "./listing.ts";
import { entriesAt } from "./look.ts";
import type { Saved } from "./subject.ts";

/**
 * Brings folders and files of a snapshot into a new or empty folder of this machine; nothing that is in use is touched.
 * Files belong to whoever asks, unless that is root, who keeps their owners.
 *
 * @returns how many files and folders were written
 */
export async function restoreBeside(
  saved: Saved,
  choice: Choice,
  paths: readonly string[],
  to: string,
): Promise<number> {
  const folder = resolve(to);
  const made = prepareFolder(folder, markOf(choice, paths));
  const mark = join(folder, MARK);
  let count = 0;
  try {
    for (const path of paths) count += await bring(saved, choice, path, folder);
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    const isEmpty = readdirSync(folder).every((name) => name === MARK);
    if (isEmpty) rmSync(mark);
    if (isEmpty && made) rmdirSync(folder);
    throw new Refusal({
      what: `Not everything came back: ${error.message}`,
      fix: isEmpty
        ? "Try again, or with another snapshot"
        : `What did come back is in ${folder}, and ${MARK} beside it. The same command tries again; for another snapshot, remove it first`,
    });
  }
  rmSync(mark);
  return count;
}

class Lost extends Error {}

/** The agent gives a folder as an archive, and a file as it is (restic's manual, "Printing files to stdout"). */
async function bring(saved: Saved, choice: Choice, path: string, folder: string): Promise<number> {
  const found = await entriesAt(saved, choice, path);
  const [itself] = found ?? [];
  if (itself?.type === "file" && itself.path === path) return bringFile(saved, choice, itself, folder);
  return unpack(saved, choice, path, folder);
}

async function bringFile(saved: Saved, choice: Choice, file: Entry, folder: string): Promise<number> {
  const parts = file.path.slice(choice.path.length).split("/").filter(Boolean);
  if (parts.some((part) => part === "." || part === "..")) throw new Lost(`${file.path} leads elsewhere`);
  const target = join(folder, ...parts);
  mkdirSync(dirname(target), { recursive: true });
  rmSync(target, { force: true });
  await dump(saved, choice, file.path, createWriteStream(target, { flags: "wx", mode: 0o600 }));
  const { size } = statSync(target);
  if (size !== file.bytes) throw new Lost(`${file.path} has ${size} bytes, and had ${file.bytes}`);
  if (process.getuid?.() === 0 && file.uid !== undefined && file.gid !== undefined)
    chownSync(target, file.uid, file.gid);
  chmodSync(target, file.mode ?? 0o600);
  const changed = new Date(file.changed);
  if (!Number.isNaN(changed.getTime())) utimesSync(target, changed, changed);
  return 1;
}

async function unpack(saved: Saved, choice: Choice, path: string, folder: string): Promise<number> {
  // tar itself refuses absolute names and names with "..", and follows no link that it has just made.
  const above = choice.path.split("/").filter(Boolean).length;
  const tar = spawn("tar", ["--extract", "--verbose", `--strip-components=${above}`, "--directory", folder], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let said = "";
  let count = 0;
  tar.stderr.setEncoding("utf8").on("data", (text) => {
    said = (said + text).slice(-2048);
  });
  tar.stdout.setEncoding("utf8").on("data", (text: string) => {
    count += text.split("\n").length - 1;
  });
  const end = ended(tar);
  await dump(saved, choice, path, tar.stdin).finally(() => tar.stdin.end());
  const code = await end;
  if (code !== 0) throw new Lost(said.trim() || `tar ended with code ${code}`);
  return count;
}

/** @throws {Lost} where the agent could not give all of it */
async function dump(saved: Saved, choice: Choice, path: string, into: Writable): Promise<void> {
  const words = ["exec", saved.agent, "vigie-backup", "dump", choice.id, "--path", path];
  const docker = spawn("docker", dockerWords(saved, ...words), { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  docker.stderr.setEncoding("utf8").on("data", (text) => {
    said = (said + text).slice(-2048);
  });
  const end = ended(docker);
  await pipeline(docker.stdout, into).catch(() => {}); // the exit codes tell
  const code = await end;
  if (code !== 0) throw new Lost(said.trim() || `the agent ended with code ${code}`);
}

const ended = (child: ReturnType<typeof spawn>): Promise<number> =>
  new Promise((done, fail) => {
    child.once("error", fail);
    child.once("close", (code) => done(code ?? 1));
  });

/** Lies in the folder until all has come back: whoever finds one that was killed on the way knows what it is. */
const MARK = "VIGIE-INCOMPLETE.txt";

const markOf = ({ id, path: base }: Choice, paths: readonly string[]): string =>
  `Une restauration interrompue : il manque des fichiers. La même commande la reprend.
An interrupted restore: files are missing. The same command goes on with it.

snapshot ${id}
${paths.map((path) => path.slice(base.length + 1) || ".").join("\n")}
`;

/**
 * Takes a folder for what is to come, or one in which the very same was begun.
 * @returns whether it was made
 * @throws {Refusal} where something else is there already: nothing is ever overwritten
 */
export function prepareFolder(folder: string, mark: string): boolean {
  const there = statSync(folder, { throwIfNoEntry: false });
  if (there !== undefined && !there.isDirectory())
    throw new Refusal({ what: `${folder} is no folder`, fix: "Name a new folder, or an empty one" });
  if (there === undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const names = readdirSync(folder);
  if (names.includes(MARK)) {
    if (readFileSync(join(folder, MARK), "utf8") === mark) return false;
    throw new Refusal({
      what: `${folder} holds an interrupted restore of something else (${MARK} in it): nothing was touched`,
      fix: "Remove it, or name a new folder",
    });
  }
  if (names.length > 0)
    throw new Refusal({
      what: `${folder} is not empty: nothing was touched`,
      fix: "Name a new folder, or an empty one",
    });
  writeFileSync(join(folder, MARK), mark);
  return there === undefined;
}
