import type { ErrorRequestHandler, Express, RequestHandler } from "express";
import express from "express";
import { assetsByPath, errorPage, notFoundPage } from "../../dashboards/render.ts";
import { type SitePage, site } from "../../dashboards/site.ts";
import type { Log } from "../log.ts";
import type { Lookout } from "../lookout.ts";
import type { Metrics } from "../metrics/registry.ts";
import { askTrail } from "../sources/trail.ts";
import { acknowledge } from "./acknowledge.ts";
import { type AlertOptions, alertReceiver } from "./alerts.ts";
import { health } from "./health.ts";
import { metricsRoute } from "./metrics.ts";
import { askedOf, languageOf, type Pages, sendPage } from "./pages.ts";
import { probe } from "./probe.ts";
import type { Gatekeeper } from "./proof.ts";
import { push } from "./push.ts";
import { securityHeaders } from "./security.ts";
import { states } from "./states.ts";

export interface WebOptions {
  lookout: Lookout;
  metrics: Metrics;
  pages: Pages;
  log: Log;
  /** How alerts are passed on. */
  alerts?: Pick<AlertOptions, "smtp" | "authorities" | "token" | "deadmanFile">;
  /** What this lookout is called, and what others on the same inventory show it; they are told nothing without. */
  vantage?: { name: string; key?: string };
  /** Told when another lookout asks: see `states`. */
  heard?(ageMs: number | undefined): void;
  gatekeeper: Gatekeeper;
  /** Where Alertmanager's API is. */
  alertmanager?: string;
}

/** Every address that the exporter answers at. */
export function makeApp(options: WebOptions): Express {
  const { lookout, metrics, pages, log, gatekeeper, alertmanager, vantage, alerts } = options;
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", "simple");
  app.use(securityHeaders);

  for (const { path, audience } of Object.values(site)) if (audience === "internal") app.all(path, gatekeeper.people);
  for (const path of ["/metrics", "/probe", "/api/alerts"]) app.use(path, gatekeeper.machines);
  const routes: Readonly<Record<string, RequestHandler>> = {
    ...Object.fromEntries(Object.values(site).map((page) => [page.path, pageRoute(page, options)])),
    "/metrics": metricsRoute(metrics),
    "/healthz": health(lookout),
    "/probe": probe(lookout),
    "/api/states": states(lookout, vantage?.name ?? "", vantage?.key),
    "/assets/:file": (request, response, next) => {
      const asset = assetsByPath.get(request.path);
      if (asset === undefined) return next();
      // Its address changes with its content.
      response.set("Cache-Control", "public, max-age=31536000, immutable").type(asset.type).send(asset.body);
    },
  };
  for (const [path, handler] of Object.entries(routes)) app.route(path).get(handler).all(onlyIf("GET", "HEAD"));
  app
    .route("/api/alerts")
    .post(alertReceiver({ lookout, metrics, log, people: () => pages.people, ...alerts }))
    .all(onlyIf("POST"));
  app.route("/log/:id/acknowledge").post(acknowledge({ lookout, gatekeeper, alertmanager, log })).all(onlyIf("POST"));
  app.route("/push/:service/:job{/:report}").post(push(lookout)).all(onlyIf("POST"));

  app.use((request, response) => {
    const lang = languageOf(request, lookout.inventory);
    response.status(404).set("Cache-Control", "no-store").type("html").send(notFoundPage(lookout.inventory, lang));
  });
  app.use(failure(lookout, log));
  return app;
}

/** What a place that only tells others what it sees answers at: it has no pages, for what it sees is no verdict. */
export function makeVantageApp({ lookout, vantage, log, heard }: WebOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  app.use(securityHeaders);
  app.get("/healthz", health(lookout));
  app.get("/api/states", states(lookout, vantage?.name ?? "", vantage?.key, heard));
  app.use((_, response) => void response.status(404).type("text").send("Only another lookout asks here.\n"));
  app.use(failure(lookout, log));
  return app;
}

const CACHE_CONTROL: Readonly<Record<SitePage["audience"], string>> = {
  public: "public, max-age=10, stale-if-error=86400",
  // Names and telephone numbers are not for shared caches (N35).
  internal: "private, no-cache",
};

/** A page of `dashboards/site/`, with what it asks others for. */
const pageRoute =
  (entry: SitePage, { pages, lookout, gatekeeper, log }: WebOptions): RequestHandler =>
  async (request, response, next) => {
    const asked = askedOf(request);
    const { inventory, resources } = lookout;
    const question = entry.audience === "internal" ? entry.asks?.({ inventory, query: asked.query }) : undefined;
    const answer = question && (await askTrail(resources.trails, question));
    // Who looks at what members did leaves a trace too; what was found does not.
    if (question) log.info({ user: gatekeeper.user(request), ...question }, "the audit trail was searched");
    const page = await pages.get(entry, languageOf(request, inventory), asked, answer);
    if (page === undefined) next();
    else sendPage(request, response, page, CACHE_CONTROL[entry.audience]);
  };

/** Answers what is neither of these methods: 405 with `Allow` (RFC 9110 section 15.5.6). Others go on, to a 404. */
const onlyIf =
  (...methods: string[]): RequestHandler =>
  (request, response, next) => {
    if (methods.includes(request.method)) return next();
    response
      .status(405)
      .set("Allow", methods.join(", "))
      .type("text")
      .send(`Only ${methods.join(" and ")} here.\n`);
  };

const failure =
  (lookout: Lookout, log: Log): ErrorRequestHandler =>
  (error, request, response, _next) => {
    const status = Number((error as { status?: unknown }).status);
    if (status >= 400 && status < 500) {
      response.status(status).type("text").send("This request could not be understood.\n");
      return;
    }
    log.error({ error, path: request.path }, "a page could not be made");
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const page = errorPage(lookout.inventory, languageOf(request, lookout.inventory));
    response.status(500).set("Cache-Control", "no-store").type("html").send(page);
  };
