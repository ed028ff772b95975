import type { Request, RequestHandler } from "express";
import type { Log } from "../log.ts";
import type { Lookout } from "../lookout.ts";
import { plain } from "../text.ts";
import type { Gatekeeper } from "./proof.ts";

/** How long reminders and the hand-over to level 2 are silenced once somebody takes care, in hours: long enough to work, short enough to be remembered. */
export const SILENCE_HOURS = 2;

/** Answers of a browser's form come back in this time, or without the silence. In milliseconds. */
const ALERTMANAGER_MS = 5000;

export interface AcknowledgeOptions {
  lookout: Lookout;
  gatekeeper: Gatekeeper;
  /** Where Alertmanager's API is. */
  alertmanager: string | undefined;
  log: Log;
}

/**
 * A volunteer says that they take care of an incident: it is noted with their name, and Alertmanager is told to be silent
 * about its services for a while. One act for both: who works on it need not be called again, and level 2 need not be woken.
 */
export const acknowledge =
  ({ lookout, gatekeeper, alertmanager, log }: AcknowledgeOptions): RequestHandler =>
  async (request, response) => {
    response.set("Cache-Control", "no-store").type("text");
    const user = gatekeeper.user(request);
    if (user === undefined) {
      response.status(403).send("Nobody is signed in: open this page through the proxy.\n");
      return;
    }
    if (!fromOwnPage(request)) {
      response.status(403).send("This form was sent from elsewhere.\n");
      return;
    }
    const incident = lookout.incidents?.acknowledge(String(request.params.id), user);
    if (incident === undefined) {
      response.status(404).send("There is no such incident, or it is over.\n");
      return;
    }
    log.info({ incident: incident.id, by: plain(user, 100) }, "acknowledged");
    if (alertmanager !== undefined) {
      const problem = await silence(alertmanager, incident.services, incident.id, user).catch(String);
      if (problem !== undefined) log.warn({ problem }, "alertmanager was not silenced");
      lookout.setProblem("silence", problem && `Alertmanager could not be told to be silent: ${plain(problem, 200)}`);
    }
    const lang = request.query.lang === "en" ? "en" : "fr";
    // Of the form's own page: what a browser shows when it is reloaded asks nothing again (RFC 9110 section 15.4.4).
    response.redirect(303, `/log/${encodeURIComponent(incident.id)}?lang=${lang}`);
  };

/** Browsers say where a form comes from (Fetch Metadata; Origin, RFC 6454): another site cannot have a volunteer's browser sign for them. */
function fromOwnPage(request: Request): boolean {
  const site = request.get("sec-fetch-site");
  if (site !== undefined) return site === "same-origin";
  const origin = request.get("origin");
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === request.get("host");
}

/** Alertmanager's API, version 2 (its openapi.yaml): a silence for each service. @returns what is wrong, in words */
async function silence(
  base: string,
  services: readonly string[],
  incident: string,
  user: string,
): Promise<string | undefined> {
  for (const service of services) {
    const answer = await fetch(new URL("/api/v2/silences", base), {
      method: "POST",
      headers: { "content-type": "application/json" },
      signal: AbortSignal.timeout(ALERTMANAGER_MS),
      body: JSON.stringify({
        matchers: [{ name: "service", value: service, isRegex: false, isEqual: true }],
        startsAt: new Date().toISOString(),
        endsAt: new Date(Date.now() + SILENCE_HOURS * 3_600_000).toISOString(),
        createdBy: user,
        comment: `Acknowledged: ${incident}`,
      }),
    });
    const text = await answer.text();
    if (!answer.ok) return `it answered ${answer.status}: ${text.slice(0, 200)}`;
  }
  return undefined;
}
