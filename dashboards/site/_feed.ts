import { Feed } from "feed";
import { LONGEST_TEXT, plainText } from "../clean.ts";
import {
  announcedAt,
  baseOf,
  incidentHref,
  incidentModel,
  publicIncidents,
  publicWorks,
  titleOf,
  workModel,
} from "../pages/incidents.ts";
import { escapeHtml } from "../prose.ts";
import type { PublicInput } from "./_page.ts";

/** Entries of a feed, the newest first: what is older is on the page of incidents. */
const MOST_ENTRIES = 50;

/**
 * Incidents and announced work as a feed (RFC 4287, RSS 2.0, JSON Feed 1.1), written by the `feed` package. An entry's id never changes
 * while its text does, so that readers show an update and not a second incident.
 */
export function statusFeed(input: PublicInput): Feed {
  const { inventory, lang, w, view, format } = input;
  const base = baseOf(inventory);
  const name = clean(inventory.association.name);
  const incidents = publicIncidents(input).map((incident) => {
    const { updates } = incidentModel(incident, input);
    const changed = Math.max(incident.resolved ?? 0, incident.started, ...incident.updates.map(({ at }) => at));
    return {
      id: `${base}/incidents/${incident.id}`,
      link: `${base}${incidentHref(incident.id, lang)}`,
      title: clean(titleOf(incident, input)),
      published: new Date(incident.started),
      date: new Date(changed),
      content: updates
        .map(
          ({ at, statusWords, html }) =>
            `<p>${escapeHtml(format.dateTime(Date.parse(at.iso), view.now))} – ${escapeHtml(statusWords)}</p>${String(html)}`,
        )
        .join("\n"),
    };
  });
  const works = publicWorks(input).map((work) => {
    const { id, title, text, when, services } = workModel(work, input);
    return {
      id: `${base}/works/${id}`,
      link: `${base}/?lang=${lang}#works`,
      title: clean(`${w.site.works.title}${w.alerts.colon}${title}`),
      published: announcedAt(work, view),
      date: announcedAt(work, view),
      // Readers take a description for HTML too.
      content: [`${when} – ${services}`, text]
        .filter(Boolean)
        .map((line) => `<p>${escapeHtml(clean(line))}</p>`)
        .join(""),
    };
  });
  const entries = [...incidents, ...works].sort((a, b) => Number(b.date) - Number(a.date)).slice(0, MOST_ENTRIES);
  const feed = new Feed({
    id: `${base}/`,
    link: `${base}/?lang=${lang}`,
    title: clean(w.site.subscribe.feed(name)),
    description: clean(w.site.incidents.intro),
    language: lang,
    copyright: name,
    generator: "Vigie",
    updated: entries[0]?.date ?? new Date(view.startedAt),
    feedLinks: {
      atom: `${base}/feeds/status.atom?lang=${lang}`,
      rss: `${base}/feeds/status.rss?lang=${lang}`,
      json: `${base}/feeds/status.json?lang=${lang}`,
    },
  });
  for (const entry of entries) feed.addItem(entry);
  return feed;
}

const clean = (text: string): string => plainText(text, LONGEST_TEXT);
