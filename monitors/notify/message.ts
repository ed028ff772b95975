import { createHash } from "node:crypto";
import { z } from "zod";
import type { Inventory, People } from "../../association/index.ts";
import { formats } from "../../dashboards/format.ts";
import { type LookoutView, reasonFor } from "../../dashboards/view.ts";
import { findingWords } from "../../dashboards/words/findings/index.ts";
import { type Lang, reasonWords, words } from "../../dashboards/words/index.ts";
import { renderRunbook } from "../../runbooks/render.ts";
import { plain } from "../text.ts";

/** What is used of Alertmanager's webhook message (its documentation, "webhook_config", version 4). */
export const webhookMessage = z.object({
  version: z.literal("4"),
  groupKey: z.string().default(""),
  receiver: z.string(),
  status: z.enum(["firing", "resolved"]).optional(),
  alerts: z
    .array(
      z.object({
        status: z.enum(["firing", "resolved"]),
        labels: z.record(z.string(), z.string()),
        annotations: z.record(z.string(), z.string()).default({}),
        startsAt: z.string(),
        endsAt: z.string().optional(),
        fingerprint: z.string().default(""),
      }),
    )
    .max(1000),
});
export type WebhookMessage = z.output<typeof webhookMessage>;
type Alert = WebhookMessage["alerts"][number];

/** News for people: plain text, nothing in it that a screen, a terminal or a mail header would obey. */
export interface Notice {
  readonly title: string;
  readonly lines: readonly string[];
  /** What each failing check found. It may name mailboxes and machines: for mail to our own addresses only. */
  readonly findings: readonly string[];
  /** The first alert's runbook. */
  readonly link?: string;
  readonly urgency: "page" | "ticket" | "resolved";
  /** The same for the same news: a server that is told twice can know it. */
  readonly id: string;
}

export interface NoticeContext {
  inventory: Inventory;
  people: People;
  view: LookoutView;
  lang: Lang;
}

/** Alerts written out; the rest is a number. */
const MOST_SHOWN = 8;

/** What a group of alerts says, in one language; undefined where none is left. */
export function noticeOf({ alerts, groupKey }: WebhookMessage, context: NoticeContext): Notice | undefined {
  const w = words[context.lang].alerts;
  const firing = alerts.filter(({ status }) => status === "firing");
  const [first] = [...firing, ...alerts];
  if (first === undefined) return undefined;
  const subject = titleOf(first, context);
  const state = firing.length === 0 ? w.resolved : first.labels.severity === "page" ? w.page : w.ticket;
  const more = (firing.length || alerts.length) - 1;
  const shown = [...firing, ...alerts.filter(({ status }) => status === "resolved")].slice(0, MOST_SHOWN);
  const link = webLink(first.annotations.runbook_url);
  return {
    title: `${state}${w.colon}${subject}${more > 0 ? ` (${w.more(more)})` : ""}`,
    lines: [
      ...(firing.some(({ labels }) => labels.level === "2") ? [w.level2] : []),
      ...shown.flatMap((alert) => linesOf(alert, context)),
      ...(alerts.length > shown.length ? [w.more(alerts.length - shown.length)] : []),
    ],
    findings: findingsOf(
      shown.flatMap(({ status, labels }) => (status === "firing" ? [`${labels.service}/${labels.check}`] : [])),
      context,
    ),
    ...(link === undefined ? {} : { link }),
    urgency: firing.length === 0 ? "resolved" : first.labels.severity === "page" ? "page" : "ticket",
    id: createHash("sha256")
      .update(
        JSON.stringify([groupKey, alerts.map(({ fingerprint, status, startsAt }) => [fingerprint, status, startsAt])]),
      )
      .digest("hex")
      .slice(0, 32),
  };
}

/** The runbook's own title, which is in the reader's language and names the service; what the rule says for others. */
function titleOf({ labels, annotations }: Alert, { inventory, people, view, lang }: NoticeContext): string {
  const { alertname = "", service } = labels;
  const known = service !== undefined && Object.hasOwn(inventory.services, service) ? service : undefined;
  const found = renderRunbook(alertname, { inventory, people, view, lang, service: known });
  const about = aboutOf(labels, { inventory, lang });
  return plain([found?.title ?? annotations.summary ?? alertname, ...(about ? [about] : [])].join(" – "), 200);
}

/** What an alert is about where that is no service: a role, or what is to be renewed, and when. */
function aboutOf(
  { role, subject }: Alert["labels"],
  { inventory, lang }: Pick<NoticeContext, "inventory" | "lang">,
): string | undefined {
  const { roles, suppliers, domains, association } = inventory;
  if (role !== undefined) return Object.hasOwn(roles, role) ? roles[role]!.title[lang] : role;
  if (subject === undefined) return undefined;
  const supplier = Object.hasOwn(suppliers, subject) ? suppliers[subject] : undefined;
  const renews = supplier?.renews ?? (Object.hasOwn(domains, subject) ? domains[subject]?.renews : undefined);
  const due = renews === undefined ? "" : ` (${formats(lang, association.timeZone).date(renews)})`;
  return `${supplier?.name ?? subject}${due}`;
}

function linesOf(alert: Alert, context: NoticeContext): string[] {
  const { lang, inventory, view } = context;
  const w = words[lang].alerts;
  const { labels, annotations, startsAt, endsAt, status } = alert;
  const check = labels.service && labels.check ? `${labels.service}/${labels.check}` : undefined;
  const state = check !== undefined && Object.hasOwn(view.states, check) ? view.states[check] : undefined;
  const down = status === "firing" && state?.status === "down" ? state : undefined;
  const failing = status === "firing" && state?.lastRun?.ok === false ? state : down;
  const reason = failing && reasonWords(reasonFor(failing), lang);
  const format = formats(lang, inventory.association.timeZone);
  // What is told to the level above began before it was told.
  const [began, ended] = [Math.min(down?.since ?? Infinity, Date.parse(startsAt)), Date.parse(endsAt ?? "")];
  const when = Number.isNaN(began)
    ? undefined
    : status === "firing"
      ? w.since(format.moment(began, view.now))
      : w.was(format.moment(began, view.now), ended > began ? format.length((ended - began) / 1000) : "");
  const link = webLink(annotations.runbook_url);
  return [
    [
      `${status === "firing" ? "●" : "✓"} ${titleOf(alert, context)}`,
      ...(labels.check ? [w.check(plain(labels.check, 100))] : []),
      ...(reason ? [reason] : []),
      ...(when === undefined ? [] : [when]),
    ].join(" – "),
    ...(status === "firing" && link !== undefined ? [`  ${w.whatToDo} ${link}`] : []),
  ];
}

/** What checks that fail found, in the reader's language. */
export function findingsOf(checks: readonly string[], { view, lang }: Pick<NoticeContext, "view" | "lang">): string[] {
  return [...new Set(checks)].flatMap((id) => {
    const { status, lastRun } = (Object.hasOwn(view.states, id) && view.states[id]) || {};
    if (status !== "down" || !lastRun?.message) return [];
    return [plain(`${id}${words[lang].alerts.colon}${findingWords(lastRun.message, lang).text}`)];
  });
}

/** An address of a page, or nothing: no other scheme is ever made into a link. */
function webLink(text: string | undefined): string | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) ? url.href : undefined;
}
