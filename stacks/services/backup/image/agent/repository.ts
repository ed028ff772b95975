import { setTimeout as wait } from "node:timers/promises";
import { EXIT } from "./messages.ts";
import type { Outcome, Restic } from "./restic.ts";

/** The repository cannot be used now; trying again later may help. */
export class Unusable extends Error {}

/** Where a repository lies, as far as making it goes. */
export interface Place {
  /** Whether there is a repository. Answers soon, or throws an Unusable. */
  exists(): Promise<boolean>;
  /** Lets one agent in at a time; answers false where another is inside. */
  enter(): Promise<boolean>;
  leave(): Promise<void>;
}

/**
 * Sees that the repository is there, and makes it when it is new.
 *
 * Two agents that made it at once would leave a key of which the configuration knows nothing, and an append-only server
 * keeps that key for ever. So they take turns.
 *
 * @param pause about how long to wait for another's turn to end, in milliseconds
 * @param patience how many such waits before whoever is inside is taken for dead
 */
export async function ensureRepository(
  restic: Restic,
  place: Place,
  pause = 3000,
  patience = 20,
  /** More words for `restic init`. */
  more: readonly string[] = [],
): Promise<"found" | "made"> {
  for (let turn = 1; ; turn++) {
    if (await place.exists()) return "found";
    if (await place.enter()) break;
    if (turn === patience) await place.leave();
    await wait(pause * (0.5 + Math.random()));
  }
  try {
    // Made by another between our look and our turn.
    if (await place.exists()) return "found";
    const made = await restic(["init", ...more]);
    if (made.code !== EXIT.ok) throw new Unusable(`the repository cannot be made: ${reasonOf(made)}`);
    return "made";
  } finally {
    await place.leave();
  }
}

/** Why restic failed, in the last of its own words. */
export const reasonOf = (outcome: Outcome): string =>
  outcome.code === EXIT.wrongPassword
    ? "no key of the repository opens with the password in the repository-password file: it is another password, or the key is gone"
    : (outcome.errors.at(-1) ?? `restic ended with code ${outcome.code}`);
