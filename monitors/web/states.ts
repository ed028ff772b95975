import { randomBytes } from "node:crypto";
import type { RequestHandler } from "express";
import type { Lookout } from "../lookout.ts";
import { answerer, PROOF_HEADER } from "../net/proven.ts";
import type { StatesMessage } from "../sources/peers.ts";

/** Answers that are remembered: a lookout that was made anew, or one in a drill, may ask in between. */
const MOST_CHALLENGES = 8;

/**
 * What this lookout itself sees, for others on the same inventory that know the key; there is no such page without one.
 *
 * @param heard told how long ago alerts got through to whoever asks, in milliseconds. It is believed once with the words of an answer
 *   that was given lately, so that a question that was heard before proves nothing.
 */
export function states(
  lookout: Lookout,
  vantage: string,
  key: string | undefined,
  heard?: (ageMs: number | undefined) => void,
): RequestHandler {
  const challenges = new Set<string>();
  return (request, response, next) => {
    if (key === undefined) return next();
    const known = answerer(key, (name) => request.get(name));
    response.set("Cache-Control", "no-store");
    if (known === undefined) {
      response.status(401).type("text").send("\n");
      return;
    }
    const [given, age] = known.said?.split(" ") ?? [];
    if (given !== undefined && challenges.delete(given)) heard?.(age === undefined ? undefined : Number(age) || 0);
    const challenge = randomBytes(16).toString("hex");
    challenges.add(challenge);
    // The oldest goes first: a set keeps the order in which things came.
    if (challenges.size > MOST_CHALLENGES) challenges.delete(challenges.values().next().value!);
    const message: StatesMessage = {
      version: 1,
      challenge,
      vantage,
      states: Object.fromEntries(
        Object.values(lookout.engine.states).map(({ check, status, since, lastRun }) => [
          check,
          [status, since, lastRun?.reason as never, lastRun?.at],
        ]),
      ),
    };
    const body = JSON.stringify(message);
    response.set(PROOF_HEADER, known.prove(body)).type("json").send(body);
  };
}
