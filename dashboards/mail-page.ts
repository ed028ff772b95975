import type { Check, Inventory } from "../association/index.ts";
import { formats } from "./format.ts";
import { frame, type NavEntry } from "./frame.ts";
import { compilePage } from "./html.ts";
import type { LookoutView } from "./view.ts";
import type { Lang } from "./words/index.ts";
import { type MailPageWords, mailPageWords } from "./words/mail-page.ts";

type Measures = Readonly<Record<string, number>>;

const template = compilePage("mail");
const DAY = 86_400;
/** As many sources as the check tells apart, and a few more rows than anybody reads. */
const MOST_ROWS = 200;

/** What the internal page on mail shows, from the last run of each mail server's checks. */
export function mailPageModel(inventory: Inventory, view: LookoutView, lang: Lang, nav: readonly NavEntry[] = []) {
  const m = mailPageWords[lang];
  const format = formats(lang, inventory.association.timeZone);
  const servers = Object.values(inventory.services)
    .filter(({ provides, active }) => active && provides.includes("mail"))
    .map((service) => {
      const checks = service.checks.flatMap((id) => inventory.checks[id] ?? []);
      const measured = (kind: string): Measures => measuresOf(checks, kind, view);
      const queue = measured("mail-queue");
      const age = measured("mail-keys").key_age_seconds;
      return {
        name: service.name[lang],
        queue: queueText(queue, m, format.length),
        key: age === undefined ? "" : m.keyAge(format.length(age)),
        boxes: labelled(measured("mail-boxes"), "box_used_ratio")
          .sort(([, a], [, b]) => b - a)
          .slice(0, MOST_ROWS)
          .map(([box, ratio]) => ({ box: box === "people" ? m.people : box, used: format.percent(ratio) })),
        reports: reportsModel(measured("mail-reports"), checks, m),
      };
    });
  return { frame: frame(inventory, lang, { title: m.title, internal: true, here: "/mail", nav }), m, servers };
}

/** The internal page on mail. */
export const mailPage = (inventory: Inventory, view: LookoutView, lang: Lang, nav: readonly NavEntry[] = []): string =>
  template(mailPageModel(inventory, view, lang, nav));

const measuresOf = (checks: readonly Check[], kind: string, view: LookoutView): Measures => {
  const check = checks.find((one) => one.kind === kind);
  return (check && view.states[check.id]?.lastRun?.measures) ?? {};
};

/** Values of a measure with a label, by label. */
const labelled = (measures: Measures, name: string): [string, number][] =>
  Object.entries(measures).flatMap(([key, value]): [string, number][] =>
    key.startsWith(`${name}/`) ? [[key.slice(name.length + 1), value]] : [],
  );

function queueText(queue: Measures, m: MailPageWords, length: (seconds: number) => string): string {
  const oldest = queue.queue_oldest_seconds;
  if (oldest === undefined) return m.none;
  const waiting = labelled(queue, "queue_messages").reduce((sum, [, count]) => sum + count, 0);
  return m.waiting(waiting, length(oldest));
}

function reportsModel(measures: Measures, checks: readonly Check[], m: MailPageWords) {
  const over = Number(checks.find(({ kind }) => kind === "mail-reports")?.params.over ?? 7 * DAY);
  const { reports } = measures;
  if (reports === undefined) return { text: m.none, dmarc: "", tls: "", sources: [] };
  const failing = new Map(labelled(measures, "failing"));
  return {
    text: m.reportsText(Math.round(over / DAY), reports),
    dmarc: reports === 0 ? "" : m.dmarc(measures["dmarc_messages/pass"] ?? 0, measures["dmarc_messages/fail"] ?? 0),
    tls: m.tls(measures["tls_sessions/good"] ?? 0, measures["tls_sessions/failed"] ?? 0),
    sources: labelled(measures, "passing").map(([source, passing]) => ({
      source,
      passing: String(passing),
      failing: String(failing.get(source) ?? 0),
    })),
  };
}
