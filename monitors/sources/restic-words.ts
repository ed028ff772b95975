import { z } from "zod";
import type { Reason } from "../reasons.ts";

export interface ResticError extends Error {
  code?: number | string | null;
  stderr?: string;
}

type Failed = { ok: false; reason: Reason; message: string };

/** Exit statuses of restic 0.17 and later (its manual, "Scripting"). */
const STATUSES: Readonly<Record<number, Reason>> = { 10: "repository-missing", 12: "wrong-password" };

/** Something that is there is not what was written. */
const DAMAGED = /invalid data returned|ciphertext verification failed|is damaged|zero size/i;

/** Why restic failed, for a repository's id. */
export function explain(error: unknown, id: string, limitMs: number): Failed {
  const { code, stderr = "", name, message } = error as ResticError;
  const fail = (reason: Reason, why: string): Failed => ({
    ok: false,
    reason,
    message: `repository ${id}: ${why}`,
  });
  if (code === "ENOENT" && message.includes("restic")) return fail("not-configured", "restic is not installed");
  if (code === "ENOENT" || code === "EACCES") return fail("not-configured", message);
  if (name === "AbortError") return fail("repository-unreachable", `no listing within ${limitMs / 1000} s`);
  if (error instanceof z.ZodError || error instanceof SyntaxError)
    return fail("malformed", "restic's list cannot be read");
  const said = lastMessage(stderr) || message.split("\n")[0]!;
  const known = typeof code === "number" ? STATUSES[code] : undefined;
  if (known ?? /wrong password|no key found/i.test(said)) return fail(known ?? "wrong-password", said);
  if (DAMAGED.test(said)) return fail("repository-damaged", said);
  if (/does not exist|unable to open config file/i.test(said) && !/dial|connect|lookup|timeout|40[13]/i.test(said))
    return fail("repository-missing", said);
  return fail("repository-unreachable", said);
}

/** Why restic gave up: its `Fatal:` line, or its last message in JSON (`{"message_type":"exit_error","message":…}`). */
function lastMessage(stderr: string): string {
  const lines = stderr.trim().split("\n").map(plainLine);
  return clean(lines.findLast((line) => line.startsWith("Fatal:")) ?? lines.at(-1) ?? "");
}

function plainLine(line: string): string {
  try {
    const { message } = JSON.parse(line) as { message?: unknown };
    return typeof message === "string" ? message : line;
  } catch {
    return line;
  }
}

/** Addresses are quoted without the user and password in them. */
const clean = (text: string): string =>
  text
    .split("\n", 1)[0]!
    .replace(/\/\/[^/@\s]*@/g, "//")
    .slice(0, 500);

/** What restic says of the first snapshot that it lists without, since it cannot be read; one that has gone meanwhile is none. */
export const unreadableIn = (stderr: string): string | undefined =>
  stderr
    .split("\n")
    .map((line) => /^Ignoring "[0-9a-f]+": (.*)$/.exec(plainLine(line))?.[1])
    .find((words) => words !== undefined && DAMAGED.test(words));
