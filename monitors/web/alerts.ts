import express, { type RequestHandler } from "express";
import { z } from "zod";
import type { Log } from "../log.ts";
import type { Metrics } from "../metrics/registry.ts";
import { plain } from "../text.ts";

/** What is used of Alertmanager's webhook message (its documentation, "webhook_config", version 4). */
const message = z.object({
  version: z.literal("4"),
  receiver: z.string(),
  alerts: z
    .array(
      z.object({
        status: z.enum(["firing", "resolved"]),
        labels: z.record(z.string(), z.string()),
        annotations: z.record(z.string(), z.string()).default({}),
        startsAt: z.string(),
      }),
    )
    .max(1000),
});

/** Takes what Alertmanager sends, so that the log holds every alert that left it, and to whom. */
export function alertReceiver(metrics: Metrics, log: Log): RequestHandler[] {
  return [
    express.json({ limit: "1mb", type: () => true }),
    (request, response) => {
      const { data } = message.safeParse(request.body);
      if (data === undefined) {
        response.status(400).type("text").send("Expected a webhook message of Alertmanager, version 4.\n");
        return;
      }
      for (const { status, labels, annotations, startsAt } of data.alerts) {
        metrics.countNotification(status);
        log.info(
          {
            receiver: data.receiver,
            status,
            startsAt,
            labels: safe(labels),
            summary: plain(annotations.summary ?? ""),
          },
          "alert",
        );
      }
      response.status(204).end();
    },
  ];
}

const safe = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [plain(name, 100), plain(value, 200)]));
