import type { Inventory } from "../../association/index.ts";
import { provider } from "../../association/index.ts";
import { plainText } from "../clean.ts";
import { safeHtml } from "../html.ts";
import { byUrgency, type Incident, type IncidentUpdate, statusOf, timesOf } from "../incident.ts";
import { prose } from "../prose.ts";
import { ANNOUNCED_DAYS, type Announced, type LookoutView } from "../view.ts";
import { reasonWords } from "../words/index.ts";
import { type Material, type Moment, moment } from "./material.ts";

/** What words about incidents need; people are not among it. */
type Input = Omit<Material, "people">;

/** An incident in words. Whom it is for decides which services are named. */
export interface IncidentModel {
  readonly id: string;
  readonly title: string;
  readonly href: string;
  readonly severity: string;
  readonly severityWords: string;
  readonly status: string;
  readonly statusWords: string;
  /** The state's sign of the pages. */
  readonly sign: "down" | "operational";
  readonly open: boolean;
  readonly started: Moment;
  readonly resolved: Moment | null;
  readonly length: string;
  readonly services: string;
  readonly updates: readonly { readonly at: Moment; readonly statusWords: string; readonly html: unknown }[];
  /** The last of the updates; null where there is none. */
  readonly last: { readonly at: Moment; readonly statusWords: string; readonly html: unknown } | null;
  readonly times: readonly { readonly label: string; readonly value: string }[];
  readonly postmortem: unknown;
}

/** Whether everybody may know of something on these services. */
export const isPublic = ({ services }: Inventory, ids: readonly string[]): boolean =>
  ids.some((id) => services[id]?.audience === "public");

/** Incidents that everybody may know of, the most urgent first. */
export const publicIncidents = ({ inventory, view }: Pick<Input, "inventory" | "view">): Incident[] =>
  byUrgency((view.incidents ?? []).filter(({ services }) => isPublic(inventory, services)));

/** Work that everybody may know of and that is not over, the first to begin first. */
export const publicWorks = ({ inventory, view }: Pick<Input, "inventory" | "view">): Announced[] =>
  (view.announced ?? [])
    .filter(({ services, until }) => until > view.now && isPublic(inventory, services))
    .toSorted((a, b) => a.from - b.from);

/** What an incident is called. */
export function titleOf({ title, services }: Incident, input: Input, internal = false): string {
  const { lang, w } = input;
  return title?.[lang] ?? w.site.incidents.auto(names(services, input, internal));
}

export function incidentModel(incident: Incident, input: Input, internal = false): IncidentModel {
  const { lang, w, format, view } = input;
  const words = w.site.incidents;
  const { id, severity, started, resolved, postmortem } = incident;
  const status = statusOf(incident);
  const updates = incident.updates
    .filter(
      ({ fact }) => internal || fact === undefined || !("service" in fact) || isPublic(input.inventory, [fact.service]),
    )
    .map((update) => ({
      at: moment(update.at, view.now, format),
      statusWords: words.status[update.status],
      html: safeHtml(prose(textOf(update, input))),
    }))
    .reverse();
  const howLong = format.length(((resolved ?? view.now) - started) / 1000);
  return {
    id,
    title: titleOf(incident, input, internal),
    href: internal ? logHref(id, lang) : incidentHref(id, lang),
    severity,
    severityWords: words.severity[severity],
    status,
    statusWords: words.status[status],
    sign: resolved === undefined ? "down" : "operational",
    open: resolved === undefined,
    started: moment(started, view.now, format),
    resolved: resolved === undefined ? null : moment(resolved, view.now, format),
    length: resolved === undefined ? words.ongoing(howLong) : words.lasted(howLong),
    services: names(incident.services, input, internal),
    updates,
    last: updates[0] ?? null,
    times: Object.entries(timesOf(incident)).map(([part, seconds]) => ({
      label: words.times[part as keyof ReturnType<typeof timesOf>],
      value: format.length(seconds),
    })),
    postmortem: postmortem === undefined ? "" : safeHtml(prose(postmortem[lang])),
  };
}

/** An update in words: what somebody wrote, or what the lookout noted. In Markdown, unless names are to stay as they are. */
export function textOf(
  { text, fact, status }: IncidentUpdate,
  { inventory, lang, w }: Input,
  quoted: (text: string) => string = escapeMarkdown,
): string {
  if (text !== undefined) return text[lang];
  const { facts } = w.site.incidents;
  if (fact === undefined) return w.site.incidents.status[status];
  if (!("service" in fact)) return facts[fact.what];
  const name = quoted(inventory.services[fact.service]?.name[lang] ?? fact.service);
  return "reason" in fact ? facts[fact.what](name, quoted(reasonWords(fact.reason, lang))) : facts[fact.what](name);
}

const escapeMarkdown = (text: string): string => text.replace(/[\\`*_{}[\]()#+\-.!|<>~&]/g, "\\$&");

function names(ids: readonly string[], { inventory, lang, format }: Input, internal: boolean): string {
  const shown = ids.filter((id) => internal || isPublic(inventory, [id]));
  return format.list(shown.map((id) => inventory.services[id]?.name[lang] ?? id));
}

/** Work in words. */
export interface WorkModel {
  /** Unique: work that comes again is announced anew each time. */
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly services: string;
  readonly when: string;
  readonly from: string;
  readonly going: boolean;
}

export function workModel(
  { window, title, text, services, from, until }: Announced,
  input: Input,
  internal = false,
): WorkModel {
  const { lang, w, format, view } = input;
  const oneDay = format.dayOf(from) === format.dayOf(until);
  return {
    id: `${window}-${from}`,
    title: title[lang],
    text: text?.[lang] ?? "",
    services: names(services, input, internal),
    from: new Date(from).toISOString(),
    when: oneDay
      ? w.site.works.sameDay(format.day(format.dayOf(from)), format.time(from), format.time(until))
      : w.site.works.when(format.dateTime(from, view.now), format.dateTime(until, view.now)),
    going: from <= view.now && view.now < until,
  };
}

/**
 * When it came to be announced, as far as anybody knows: since the lookout was started with it, which a new declaration does, or since
 * it is near enough. The same each time that a reader asks, so that nothing looks new that is not.
 */
export const announcedAt = ({ from }: Announced, { now, startedAt }: LookoutView): Date =>
  new Date(Math.min(now, from, Math.max(startedAt, from - ANNOUNCED_DAYS * DAY_MS)));

export const incidentHref = (id: string, lang: string): string => `/incidents/${encodeURIComponent(id)}?lang=${lang}`;

/** The same incident on the internal pages, with names. */
export const logHref = (id: string, lang: string): string => `/log/${encodeURIComponent(id)}?lang=${lang}`;

/** Who takes care of an incident, and what can be done about that. Internal. */
export function acknowledgement(incident: Incident, { inventory, people, view, lang, w, format }: Material) {
  const words = w.site.incidents;
  const { id, by, acknowledged, escalated, resolved } = incident;
  const open = resolved === undefined;
  const owner = inventory.services[incident.services[0] ?? ""]?.owner;
  const above = owner === undefined ? undefined : inventory.roles[owner]?.escalatesTo;
  const waits = open && acknowledged === undefined;
  return {
    open,
    acknowledged:
      acknowledged === undefined
        ? ""
        : words.acknowledged(nameOf(acknowledged.by, people), format.moment(acknowledged.at, view.now)),
    escalated: escalated === undefined ? "" : words.escalatedAt(format.moment(escalated, view.now)),
    escalates:
      waits && escalated === undefined && above !== undefined
        ? words.escalates(inventory.roles[above]?.title[lang] ?? above)
        : "",
    action: waits && by === "lookout" ? `/log/${encodeURIComponent(id)}/acknowledge?lang=${lang}` : "",
    ticket: open ? ticketHref(incident, { inventory, view, lang, w, format }) : "",
  };
}

/** Trackers take addresses of a few kilobytes. */
const LONGEST_TICKET = 600;

/** The tracker's form, filled in with what everybody at work may read: no message of a machine, nobody's name. Empty without a tracker. */
function ticketHref(incident: Incident, input: Input): string {
  const { inventory, view, lang, w, format } = input;
  const { tracker } = inventory.association.incidents;
  if (tracker === undefined) return "";
  const filled: Readonly<Record<string, string>> = {
    title: plainText(titleOf(incident, input, true), LONGEST_TICKET),
    text: [
      plainText(names(incident.services, input, true), LONGEST_TICKET),
      `${w.site.incidents.started} ${format.dateTime(incident.started, view.now)}`,
      `${baseOf(inventory)}${logHref(incident.id, lang)}`,
    ].join("\n"),
  };
  // Both at once: a title with `{text}` in it is a title.
  return tracker.replace(/\{(title|text)\}/g, (_, part: string) => encodeURIComponent(filled[part]!));
}

/** The name of whoever signs in so; the sign-in name where it is nobody's any more. */
const nameOf = (login: string, { holders }: Material["people"]): string =>
  Object.values(holders).find((person) => person.login === login)?.name ?? login;

/** Where the pages are found from elsewhere, without a final slash. */
export const baseOf = ({ services }: Inventory): string => provider("lookout", services)?.url ?? "https://localhost";

const DAY_MS = 86_400_000;
const NINETY_DAYS_MS = 90 * DAY_MS;

/** Medians and longest times of the incidents of the last ninety days, in words. */
export function timesTable(view: LookoutView, { w, format }: Pick<Input, "w" | "format">) {
  const words = w.site.incidents.times;
  const recent = (view.incidents ?? []).filter(({ started }) => started > view.now - NINETY_DAYS_MS).map(timesOf);
  return (["detect", "acknowledge", "resolve"] as const).map((part) => {
    const known = recent.flatMap((times) => times[part] ?? []).sort((a, b) => a - b);
    return {
      part: words[part],
      count: words.count(known.length),
      median: known.length === 0 ? "" : format.length(known[Math.floor((known.length - 1) / 2)]!),
      worst: known.length === 0 ? "" : format.length(known.at(-1)!),
    };
  });
}
