import { randomBytes } from "node:crypto";
import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { Refusal } from "./refusal.ts";

/**
 * Makes sure that the passphrase file is there and fit to protect the stack's secrets: made on first use from 32 random
 * bytes, readable by its owner alone.
 *
 * @param inUse what already depends on the passphrase, in words: a new one would lock it for ever
 * @throws {Refusal} where it was lost while something depends on it, is empty, or others can read it
 */
export function ensurePassphrase(path: string, inUse: readonly string[]): void {
  const state = statSync(path, { throwIfNoEntry: false });
  if (state === undefined) {
    if (inUse.length > 0) throw new Refusal(lost(path, inUse));
    create(path);
    return;
  }
  if (state.mode & 0o077)
    throw new Refusal({
      what: `${path} holds the passphrase of every secret, and others can read it (mode ${(state.mode & 0o777).toString(8)})`,
      fix: `chmod 600 ${path}   and if others use this machine, count the secrets as known`,
    });
  if (readFileSync(path, "utf8").trim() === "")
    throw new Refusal({
      what: `${path} is empty`,
      fix: "Restore it from the copy kept with the association's other secrets",
    });
}

/** Never overwrites: another command may have made it in between. */
function create(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  chmodSync(dirname(path), 0o700);
  const file = openSync(path, "wx", 0o600);
  try {
    writeSync(file, `${randomBytes(32).toString("base64url")}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

const lost = (path: string, inUse: readonly string[]) => ({
  what: `${path} is missing, and without it nobody can read ${inUse.join(" and ")}`,
  fix: [
    "Restore it from the copy kept with the association's other secrets, mode 600.",
    "If it is lost for good: `docker` still holds the data; delete the files of settings named above and .vigie/state,",
    "and bring a new stack up under another name with --stack NAME.",
  ].join("\n"),
});
