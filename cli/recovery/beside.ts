import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, rmdirSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { Refusal } from "../refusal.ts";
import { dockerWords } from "./agent.ts";
import type { Choice } from "./choose.ts";
import type { Saved } from "./subject.ts";

/**
 * Brings a folder or file of a snapshot into a new or empty folder of this machine; nothing that is in use is touched.
 * Files belong to whoever asks, unless that is root, who keeps their owners.
 *
 * @returns how many files and folders were written
 */
export async function restoreBeside(
  saved: Saved,
  choice: Choice,
  path: string,
  to: string,
  more = false,
): Promise<number> {
  const folder = resolve(to);
  // Further parts of one thing come into the folder that the first one made.
  const made = more ? false : prepareFolder(folder);
  const docker = spawn(
    "docker",
    dockerWords(saved, "exec", saved.agent, "vigie-backup", "dump", choice.id, "--path", path),
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  // tar itself refuses absolute names and names with "..", and follows no link that it has just made.
  const above = choice.path.split("/").filter(Boolean).length;
  const tar = spawn("tar", ["--extract", "--verbose", `--strip-components=${above}`, "--directory", folder], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let said = "";
  let count = 0;
  for (const stream of [docker.stderr, tar.stderr])
    stream.setEncoding("utf8").on("data", (text) => {
      said = (said + text).slice(-2048);
    });
  tar.stdout.setEncoding("utf8").on("data", (text: string) => {
    count += text.split("\n").length - 1;
  });
  const ends = [docker, tar].map(
    (child) =>
      new Promise<number>((done, fail) => {
        child.once("error", fail);
        child.once("close", (code) => done(code ?? 1));
      }),
  );
  await pipeline(docker.stdout, tar.stdin).catch(() => {}); // the exit codes tell
  const codes = await Promise.all(ends);
  if (codes.some((code) => code !== 0)) {
    if (made && readdirSync(folder).length === 0) rmdirSync(folder);
    throw new Refusal({
      what: `Not everything came back: ${said.trim() || `exit codes ${codes.join(", ")}`}`,
      fix: `What did come back is in ${folder}. Remove it, and try again or with another snapshot`,
    });
  }
  return count;
}

/** @returns whether it was made @throws {Refusal} where something is there already: nothing is ever overwritten */
function prepareFolder(folder: string): boolean {
  const there = statSync(folder, { throwIfNoEntry: false });
  if (there === undefined) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return true;
  }
  if (!there.isDirectory() || readdirSync(folder).length > 0)
    throw new Refusal({
      what: there.isDirectory() ? `${folder} is not empty: nothing was touched` : `${folder} is no folder`,
      fix: "Name a new folder, or an empty one",
    });
  return false;
}
