import { createHash, timingSafeEqual } from "node:crypto";
import express, { type RequestHandler } from "express";
import { channelsOf, mailboxFor, type People } from "../../association/index.ts";
import { mainLanguage } from "../../dashboards/words/index.ts";
import type { Log } from "../log.ts";
import type { Lookout } from "../lookout.ts";
import type { Metrics } from "../metrics/registry.ts";
import { send, signOfLife } from "../notify/channels.ts";
import type { MailMeans } from "../notify/mail.ts";
import { noticeOf, type WebhookMessage, webhookMessage } from "../notify/message.ts";
import { plain } from "../text.ts";

export interface AlertOptions extends Pick<MailMeans, "smtp"> {
  lookout: Lookout;
  metrics: Metrics;
  log: Log;
  people(): People;
  /** The authorities that the mail server's certificate may come from, in PEM. */
  authorities?(): readonly string[];
  /** The file that holds the address to call as long as alerting works, all the way to here. */
  deadmanFile?: string;
  /** What Alertmanager shows; anybody may post where it is left out. */
  token?: string;
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/**
 * Takes what Alertmanager sends. With `?role=…&channel=N` it goes on to the people who hold the role, by the Nth channel that the role
 * declares: what is answered tells Alertmanager whether to try again. Without, it is logged, so that every alert that left is known.
 */
export function alertReceiver(options: AlertOptions): RequestHandler[] {
  const { lookout, metrics, log, token, deadmanFile } = options;
  const expected = token === undefined ? undefined : digest(`Bearer ${token}`);
  return [
    (request, response, next) => {
      if (expected === undefined || timingSafeEqual(expected, digest(request.get("authorization") ?? ""))) next();
      else response.status(401).set("WWW-Authenticate", "Bearer").type("text").send("Only Alertmanager posts here.\n");
    },
    express.json({ limit: "1mb", type: () => true }),
    async (request, response) => {
      const { data } = webhookMessage.safeParse(request.body);
      if (data === undefined) {
        response.status(400).type("text").send("Expected a webhook message of Alertmanager, version 4.\n");
        return;
      }
      // Support level 2 has been told: it shows in the incident.
      for (const { status, labels } of data.alerts)
        if (status === "firing" && labels.level === "2" && labels.service !== undefined)
          lookout.incidents?.escalate(labels.service);
      const { role, channel } = request.query;
      if (role === undefined) {
        note(data, metrics, log);
        const alive = data.alerts.some(({ status, labels }) => status === "firing" && labels.alertname === "Watchdog");
        if (alive) lookout.alertsThrough = performance.now();
        const problem = alive && deadmanFile !== undefined ? await signOfLife(deadmanFile) : undefined;
        if (problem !== undefined) log.warn({ problem }, "the sign of life was not taken");
        response.status(problem === undefined ? 204 : 503).end();
        return;
      }
      const declared = Object.hasOwn(lookout.inventory.roles, String(role))
        ? lookout.inventory.roles[String(role)]
        : undefined;
      const chosen = declared && channelsOf(declared)[Number(channel)];
      if (declared === undefined || chosen === undefined) {
        // Not to be tried again: the declaration has changed.
        response.status(404).type("text").send("No such role or channel is declared.\n");
        return;
      }
      const lang = chosen.language ?? mainLanguage(lookout.inventory.association);
      const alerts = chosen.pagesOnly ? data.alerts.filter(({ labels }) => labels.severity === "page") : data.alerts;
      const context = { inventory: lookout.inventory, people: options.people(), view: lookout.view(), lang };
      const notice = noticeOf({ ...data, alerts }, context);
      if (notice === undefined) {
        response.status(204).end();
        return;
      }
      try {
        const mailbox = mailboxFor(String(role), lookout.inventory);
        await send(chosen, notice, { smtp: options.smtp, authorities: options.authorities?.(), mailbox });
        metrics.countSent(chosen.by, "sent");
        log.info({ role, by: chosen.by, title: notice.title }, "told");
        response.status(204).end();
      } catch (error) {
        metrics.countSent(chosen.by, "failed");
        log.warn({ role, by: chosen.by, problem: plain((error as Error).message) }, "could not be told");
        response
          .status(503)
          .type("text")
          .send(`${plain((error as Error).message)}\n`);
      }
    },
  ];
}

function note({ receiver, alerts }: WebhookMessage, metrics: Metrics, log: Log): void {
  for (const { status, labels, annotations, startsAt } of alerts) {
    metrics.countNotification(status);
    log.info({ receiver, status, startsAt, labels: safe(labels), summary: plain(annotations.summary ?? "") }, "alert");
  }
}

const safe = (labels: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [plain(name, 100), plain(value, 200)]));
