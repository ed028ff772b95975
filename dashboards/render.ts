import type { Inventory, People } from "../association/index.ts";
import { type FrameOptions, frame, type NavEntry } from "./frame.ts";
import { compilePage, safeHtml } from "./html.ts";
import { pieces } from "./once.ts";
import { oncallModel } from "./pages/oncall.ts";
import { type RecoveryModel, recoveryModel } from "./pages/recovery.ts";
import { type ServiceModel, statusModel } from "./pages/status.ts";
import type { Reports } from "./reports.ts";
import type { Steps } from "./site/_page.ts";
import type { LookoutView } from "./view.ts";
import { type Lang, words } from "./words/index.ts";

export { assets, assetsByPath } from "./assets.ts";
export { isLang, LANGUAGES, type Lang } from "./words/index.ts";

/*
 * Whole HTML documents. They hold no script, no style and no address outside the association, so that the strictest
 * policy fits: `default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'`.
 */

const templates = {
  status: compilePage("status"),
  statusService: compilePage("status-service"),
  oncall: compilePage("oncall"),
  oncallChecks: compilePage("oncall-checks"),
  recovery: compilePage<RecoveryModel>("recovery"),
  message: compilePage("message"),
  document: compilePage("document"),
};

/** Makes all of it at once. */
export function finish<Made>(steps: Steps<Made>): Made {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The public page. It holds nothing about a person or a machine. */
export const statusPage = (...what: Parameters<typeof statusSteps>): string => finish(statusSteps(...what));

/** A thousand services take a tenth of a second to write: each is written again only when it shows something else. */
export function* statusSteps(inventory: Inventory, view: LookoutView, lang: Lang): Steps<string> {
  const { teams, ...others } = statusModel(inventory, view, lang);
  const written = [];
  for (const { services, ...team } of teams) {
    const items = [];
    for (const service of services) {
      items.push(statusService(inventory, `${lang} ${service.id}`, service));
      yield;
    }
    written.push({ ...team, services: items });
  }
  return templates.status({ ...others, teams: written });
}

const statusService = pieces((model: ServiceModel) => safeHtml(templates.statusService(model)));

/** The page of those on call: internal, it holds names and telephone numbers. */
export const oncallPage = (...what: Parameters<typeof oncallSteps>): string => finish(oncallSteps(...what));

/** Rows written without letting others have their turn: one by one they cost twice as much. */
const ROWS_A_STEP = 50;

/** It tells how long ago each check was run: there is nothing to keep of a second before. */
export function* oncallSteps(
  inventory: Inventory,
  people: People,
  view: LookoutView,
  lang: Lang,
  nav: readonly NavEntry[] = [],
): Steps<string> {
  const { checks, ...others } = oncallModel(inventory, people, view, lang, nav);
  const { columns, never } = words[lang].oncall;
  const { check, state, since, last, took } = columns;
  const around = { columns: { check, state, since, last, took }, never };
  const parts = [];
  for (let at = 0; at < checks.length; at += ROWS_A_STEP) {
    parts.push(safeHtml(templates.oncallChecks({ rows: checks.slice(at, at + ROWS_A_STEP), ...around })));
    yield;
  }
  return templates.oncall({ ...others, checks: parts });
}

/** The page of recovery drills and versions: internal, it tells what is open to attack. */
export const recoveryPage = (
  inventory: Inventory,
  reports: Reports,
  now: number,
  lang: Lang,
  nav: readonly NavEntry[] = [],
): string => templates.recovery(recoveryModel(inventory, reports, now, lang, nav));

/** An internal page around HTML that is already safe, such as `renderRunbook` makes. */
export const documentPage = (
  inventory: Inventory,
  { title, html, query, nav }: { title: string; html: string } & Pick<FrameOptions, "query" | "nav">,
  lang: Lang,
): string =>
  templates.document({
    frame: frame(inventory, lang, { title, here: "/runbooks", internal: true, query, nav }),
    html: safeHtml(html),
  });

/** What is answered with status 404. */
export const notFoundPage = (inventory: Inventory, lang: Lang): string =>
  messagePage(inventory, lang, "notFound", "404");

/** What is answered with status 500; it says nothing of the cause. */
export const errorPage = (inventory: Inventory, lang: Lang): string => messagePage(inventory, lang, "error", "500");

function messagePage(inventory: Inventory, lang: Lang, which: "notFound" | "error", code: string): string {
  const { title, text, home } = words[lang][which];
  const mood = which === "error" ? "partial" : "unknown";
  return templates.message({ frame: frame(inventory, lang, { title }), text, home, code, mood });
}
