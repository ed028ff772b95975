import { type InventoryService, instantOf } from "../../association/index.ts";
import { frame } from "../frame.ts";
import { compilePage } from "../html.ts";
import type { InternalInput } from "../site/_page.ts";
import { TRAIL_EVENTS, TRAIL_RESULTS, type TrailEvent, type TrailQuery } from "../trail.ts";
import { filesWords } from "../words/files.ts";

/** Actions on a page. */
const LIMIT = 100;
const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d\d-\d\d$/;
/** Fields that the page's form has besides the dates. */
const FIELDS = ["path", "share", "user", "event", "result"] as const;
const LONGEST = 200;

type Asked = Pick<InternalInput, "inventory" | "query">;

/** The file servers of ours. */
export const fileServers = ({ services }: Pick<Inventory, "services">): InventoryService[] =>
  Object.values(services).filter(({ delivery, provides }) => delivery.by === "us" && provides.includes("shares"));

const serverOf = (asked: Asked): InventoryService | undefined => {
  const all = fileServers(asked.inventory);
  return all.find(({ id }) => id === asked.query.service) ?? all[0];
};

const isDay = (text: string | undefined): text is string =>
  text !== undefined && DAY.test(text) && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);

/** Midnight of a day in the association's time zone, or of the day after. */
function midnight(text: string, zone: string, daysLater = 0): string {
  const day = new Date(Date.parse(`${text}T00:00:00Z`) + daysLater * DAY_MS).toISOString().slice(0, 10);
  return new Date(instantOf(`${day}T00:00:00`, zone)).toISOString().replace(/\.\d+Z$/, "Z");
}

const swapped = ({ from, until }: InternalInput["query"]): boolean => isDay(from) && isDay(until) && from > until;

/** What the trail is to be asked for an address; undefined where there is nobody to ask, or nothing could be found. */
export function trailQuery(asked: Asked): TrailQuery | undefined {
  const { query, inventory } = asked;
  const server = serverOf(asked);
  if (server === undefined || swapped(query)) return undefined;
  const zone = inventory.association.timeZone;
  const fields = Object.fromEntries(
    FIELDS.flatMap((name) => {
      const value = query[name]?.trim().slice(0, LONGEST);
      return value ? [[name, value]] : [];
    }),
  );
  return {
    service: server.id,
    fields: {
      ...fields,
      ...(isDay(query.from) ? { from: midnight(query.from, zone) } : {}),
      ...(isDay(query.until) ? { until: midnight(query.until, zone, 1) } : {}),
      ...(/^\d{4}-\d\d-\d\d:\d{1,15}$/.test(query.before ?? "") ? { before: query.before! } : {}),
    },
    limit: LIMIT,
  };
}

type Option = { value: string; label: string };

const template = compilePage("files");

/** The page of the audit trail: a form, and what the file server found. */
export function filesPage(input: InternalInput): string {
  const { inventory, people, lang, nav, query, format, answer } = input;
  const words = filesWords[lang];
  const all = fileServers(input.inventory);
  const server = serverOf(input);
  const shares = Object.entries(inventory.shares).filter(([, { service }]) => service === server?.id);
  const options = (name: string, values: Option[]) => ({
    name,
    label: words.labels[name as keyof typeof words.labels],
    any: name === "service" ? "" : words.any,
    options: values.map(({ value, label }) => ({ value, label, selected: query[name] === value })),
  });
  const names = new Map(Object.values(people.holders).map(({ login, name }) => [login, name]));
  const members = [...names]
    .map(([value, label]) => ({ value, label }))
    .sort((a, b) => format.compare(a.label, b.label));
  const found = answer?.ok ? answer : undefined;
  const kept = Object.fromEntries(Object.entries(query).filter(([name, value]) => name !== "before" && value !== ""));
  return template({
    frame: frame(inventory, lang, { title: words.title, internal: true, here: "/files", nav, query: { ...query } }),
    words,
    lang,
    known: server !== undefined,
    path: query.path ?? "",
    from: isDay(query.from) ? query.from : "",
    until: isDay(query.until) ? query.until : "",
    selects: [
      ...(all.length > 1
        ? [
            options(
              "service",
              all.map(({ id, name }) => ({ value: id, label: name[lang] })),
            ),
          ]
        : []),
      options(
        "share",
        shares.map(([value, { name }]) => ({ value, label: name[lang] })),
      ),
      options("user", members),
      options(
        "event",
        TRAIL_EVENTS.map((value) => ({ value, label: words.events[value] })),
      ),
      options(
        "result",
        TRAIL_RESULTS.map((value) => ({ value, label: words.results[value] })),
      ),
    ],
    problem: swapped(query) ? words.badDates : answer?.ok === false ? words.unreachable : "",
    searched: found !== undefined,
    count: found ? (found.events.length === 0 ? words.none : words.found(found.events.length)) : "",
    since: found?.since ? words.since(format.date(found.since)) : "",
    rows: (found?.events ?? []).map((event) => rowOf(event, input, names)),
    reached: found?.reached ? words.reached(format.dateTime(Date.parse(found.reached), input.view.now)) : "",
    older: found?.next ? `?${new URLSearchParams({ ...kept, lang, before: found.next })}` : "",
    resetHref: `/files?lang=${lang}`,
  });
}

function rowOf(
  event: TrailEvent,
  { lang, format, inventory, view }: InternalInput,
  names: ReadonlyMap<string, string>,
) {
  const words = filesWords[lang];
  const at = Date.parse(event.time);
  const known = <Words extends object>(all: Words, word: string): string =>
    Object.hasOwn(all, word) ? String(all[word as keyof Words]) : word;
  const shares: Inventory["shares"] = inventory.shares;
  return {
    iso: Number.isNaN(at) ? "" : new Date(at).toISOString(),
    when: Number.isNaN(at) ? event.time : `${format.date(at)}, ${format.time(at)}`,
    recent: Number.isNaN(at) ? "" : format.ago(at, view.now),
    who: (event.user !== undefined && names.get(event.user)) || (event.user ?? ""),
    login: event.user !== undefined && names.has(event.user) ? event.user : "",
    what: known(words.events, event.event),
    file: event.path ?? "",
    to: event.to === undefined ? "" : words.to(event.to),
    share:
      event.share === undefined
        ? ""
        : Object.hasOwn(shares, event.share)
          ? shares[event.share]!.name[lang]
          : event.share,
    result: known(words.results, event.result),
    why: event.why ?? "",
    good: event.result === "ok",
    ip: event.ip ?? "",
  };
}

type Inventory = InternalInput["inventory"];
