import { createHash, timingSafeEqual } from "node:crypto";
import type { RequestHandler } from "express";
import type { Lookout } from "../lookout.ts";
import type { StatesMessage } from "../sources/peers.ts";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** What this lookout itself sees, for others on the same inventory that know the token; there is no such page without one. */
export function states(lookout: Lookout, vantage: string, token: string | undefined): RequestHandler {
  const expected = token === undefined ? undefined : digest(`Bearer ${token}`);
  return (request, response, next) => {
    if (expected === undefined) return next();
    if (!timingSafeEqual(expected, digest(request.get("authorization") ?? ""))) {
      response.status(401).set({ "WWW-Authenticate": "Bearer", "Cache-Control": "no-store" }).type("text").send("\n");
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
    response.set("Cache-Control", "no-store").json(message);
  };
}
