import type { Inventory, People } from "../association/index.ts";
import { type FrameOptions, frame, type NavEntry } from "./frame.ts";
import { compilePage, safeHtml } from "./html.ts";
import { type OncallModel, oncallModel } from "./pages/oncall.ts";
import { type RecoveryModel, recoveryModel } from "./pages/recovery.ts";
import { type StatusModel, statusModel } from "./pages/status.ts";
import type { Reports } from "./reports.ts";
import type { LookoutView } from "./view.ts";
import { type Lang, words } from "./words/index.ts";

export { assets, assetsByPath } from "./assets.ts";
export { isLang, LANGUAGES, type Lang } from "./words/index.ts";

/*
 * Whole HTML documents. They hold no script, no style and no address outside the association, so that the strictest
 * policy fits: `default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'`.
 */

const templates = {
  status: compilePage<StatusModel>("status"),
  oncall: compilePage<OncallModel>("oncall"),
  recovery: compilePage<RecoveryModel>("recovery"),
  message: compilePage("message"),
  document: compilePage("document"),
};

/** The public page. It holds nothing about a person or a machine. */
export const statusPage = (inventory: Inventory, view: LookoutView, lang: Lang): string =>
  templates.status(statusModel(inventory, view, lang));

/** The page of those on call: internal, it holds names and telephone numbers. */
export const oncallPage = (
  inventory: Inventory,
  people: People,
  view: LookoutView,
  lang: Lang,
  nav: readonly NavEntry[] = [],
): string => templates.oncall(oncallModel(inventory, people, view, lang, nav));

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
