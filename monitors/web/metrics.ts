import type { Request, RequestHandler, Response } from "express";
import type { Metrics } from "../metrics/registry.ts";
import type { Format } from "../metrics/text.ts";

const TYPES = {
  text: "text/plain; version=0.0.4",
  openmetrics: "application/openmetrics-text; version=1.0.0",
} as const;

/** OpenMetrics to who would rather have it (RFC 9110 section 12.5.1), as Prometheus does; the text format to everybody else. */
function formatFor(request: Request): Format {
  return request.accepts(TYPES.text, TYPES.openmetrics) === TYPES.openmetrics ? "openmetrics" : "text";
}

/** Sends the metrics as they are written, no faster than they are read. */
export const metricsRoute =
  (metrics: Metrics): RequestHandler =>
  async (request, response) => {
    const format = formatFor(request);
    response.set({ "Content-Type": `${TYPES[format]}; charset=utf-8`, "Cache-Control": "no-store", Vary: "Accept" });
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    const closed = new Promise((resolve) => response.once("close", resolve));
    for await (const piece of metrics.pieces(format)) {
      if (response.closed || response.destroyed) return;
      await Promise.race([sent(response, piece), closed]);
    }
    response.end();
  };

/** Settles once the piece has left: its bytes may be others afterwards. */
const sent = (response: Response, piece: string | Buffer): Promise<void> =>
  new Promise((resolve) => {
    response.write(piece, () => resolve());
  });
