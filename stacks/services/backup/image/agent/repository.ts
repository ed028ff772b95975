import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { EXIT } from "./messages.ts";
import type { Outcome, Restic } from "./restic.ts";

/** The repository cannot be used now; trying again later may help. */
export class Unusable extends Error {}

/** Lets one agent in at a time; answers false where another is inside. */
export interface Turnstile {
  enter(): Promise<boolean>;
  leave(): Promise<void>;
}

/**
 * Sees that the repository is there, and makes it when it is new.
 *
 * Two agents that made it at once would leave a key of which the configuration knows nothing, and an append-only server
 * keeps that key for ever. So they take turns.
 */
export async function ensureRepository(
  restic: Restic,
  turnstile: Turnstile,
  pause = 3000,
  patience = 20,
): Promise<"found" | "made"> {
  for (let turn = 0; ; turn++) {
    if (await exists(restic)) return "found";
    if (await turnstile.enter()) break;
    // Whoever was inside so long died there.
    if (turn === patience) await turnstile.leave();
    await wait(pause * (0.5 + Math.random()));
  }
  try {
    // Made by another between our look and our turn.
    if (await exists(restic)) return "found";
    const made = await restic(["init"]);
    if (made.code !== EXIT.ok) throw new Unusable(`the repository cannot be made: ${reasonOf(made)}`);
    return "made";
  } finally {
    await turnstile.leave();
  }
}

async function exists(restic: Restic): Promise<boolean> {
  const looked = await restic(["cat", "config", "--no-lock"]);
  if (looked.code === EXIT.ok) return true;
  if (looked.code === EXIT.noRepository) return false;
  throw new Unusable(
    looked.code === EXIT.wrongPassword
      ? "the repository's password is not the one in the repository-password file"
      : `the repository does not answer: ${reasonOf(looked)}`,
  );
}

export const reasonOf = (outcome: Outcome): string => outcome.errors.at(-1) ?? `restic ended with code ${outcome.code}`;

/** Neither waits nor keeps anybody out: for a repository on a disk that one agent alone uses. */
export const open: Turnstile = { enter: async () => true, leave: async () => {} };

/**
 * A turnstile made of what a REST server has: an object can be created once, and of all objects in an append-only
 * repository, those under locks/ can be deleted. The server refuses a name that is not its content's SHA-256.
 * https://github.com/restic/restic/blob/master/doc/REST_backend.rst
 */
export function restTurnstile(address: URL, user: string, password: string): Turnstile {
  const body = "vigie: making the repository";
  const object = new URL(`locks/${createHash("sha256").update(body).digest("hex")}`, address);
  const call = async (method: string, url: URL, content?: string) => {
    const response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(20_000),
      headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` },
      ...(content === undefined ? {} : { body: content }),
    }).catch((error: Error) => {
      throw new Unusable(
        `the repository does not answer: ${error.cause instanceof Error ? error.cause.message : error.message}`,
      );
    });
    await response.arrayBuffer();
    return response.status;
  };
  return {
    async enter() {
      const folder = new URL(address);
      folder.searchParams.set("create", "true");
      await call("POST", folder);
      return (await call("POST", object, body)) === 200;
    },
    async leave() {
      await call("DELETE", object);
    },
  };
}
