import type { RequestHandler } from "express";
import type { Lookout } from "../lookout.ts";

/** The schedule is looked at once a second; after this long without, it is stuck. In seconds. */
const STUCK = 15;

/** 200 while the schedule moves, 503 otherwise. What else is wrong is told, and is no reason to be restarted. */
export const health =
  (lookout: Lookout): RequestHandler =>
  (_request, response) => {
    const { running, waiting, idleSeconds } = lookout.engine.health;
    const { writable } = lookout.history.stats;
    const moving = idleSeconds < STUCK;
    response
      .status(moving ? 200 : 503)
      .set("Cache-Control", "no-store")
      .json({
        status: moving ? "ok" : "stuck",
        checks: lookout.watched.length,
        runs: lookout.runs,
        running,
        waiting,
        scheduleIdleSeconds: Number(idleSeconds.toFixed(3)),
        historyWritable: writable,
        problems: lookout.problems.length,
      });
  };
