import { once } from "node:events";
import type { RequestHandler } from "express";
import type { Metrics } from "../metrics/registry.ts";

/** Sends the metrics as they are written, no faster than they are read. */
export const metricsRoute =
  (metrics: Metrics): RequestHandler =>
  async (request, response) => {
    response.set({ "Content-Type": metrics.contentType, "Cache-Control": "no-store" });
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    try {
      for await (const piece of metrics.pieces()) {
        if (gone.signal.aborted) return;
        if (!response.write(piece)) await once(response, "drain", { signal: gone.signal });
      }
      response.end();
    } catch (error) {
      if (!gone.signal.aborted) throw error;
    }
  };
