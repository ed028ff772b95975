import type { RequestHandler } from "express";
import type { Lookout } from "../lookout.ts";
import { answerer, PROOF_HEADER } from "../net/proven.ts";
import type { StatesMessage } from "../sources/peers.ts";

/** What this lookout itself sees, for others on the same inventory that know the key; there is no such page without one. */
export function states(lookout: Lookout, vantage: string, key: string | undefined): RequestHandler {
  return (request, response, next) => {
    if (key === undefined) return next();
    const prove = answerer(key, (name) => request.get(name));
    response.set("Cache-Control", "no-store");
    if (prove === undefined) {
      response.status(401).type("text").send("\n");
      return;
    }
    const message: StatesMessage = {
      version: 1,
      vantage,
      states: Object.fromEntries(
        Object.values(lookout.engine.states).map(({ check, status, since, lastRun }) => [
          check,
          [status, since, lastRun?.reason as never],
        ]),
      ),
    };
    const body = JSON.stringify(message);
    response.set(PROOF_HEADER, prove(body)).type("json").send(body);
  };
}
