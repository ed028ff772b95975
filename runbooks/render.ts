import { readFileSync } from "node:fs";
import type { InventoryService } from "../association/index.ts";
import { formats } from "../dashboards/format.ts";
import { compileText } from "../dashboards/html.ts";
import { runbookHref } from "../dashboards/pages/broken.ts";
import { type Lang, type Words, words } from "../dashboards/words/index.ts";
import { type Facts, factsOf, type RunbookInput, runbookModel } from "./context.ts";
import { type Family, type Runbook, runbooks } from "./library.ts";

interface Link {
  readonly href: string;
  readonly text: string;
}

const template = <Model extends object>(file: string) =>
  compileText<Model>(readFileSync(new URL(file, import.meta.url), "utf8"));

const templates = {
  facts: template<Facts & { links: Link[] }>("facts.hbs"),
  generic: template<{ w: Words["runbook"]; links: Link[] }>("generic.hbs"),
  index: template<{
    w: Words["runbook"];
    families: { id: Family; name: string; links: (Link & { name: string })[] }[];
  }>("index.hbs"),
};

/** Part of an internal page: safe HTML, to be put into `documentPage`. */
export interface Rendered {
  readonly title: string;
  readonly html: string;
}

/** Names of all runbooks, of alerts and of services. */
export const runbookNames = (family?: Family): string[] =>
  [...runbooks.values()].filter((runbook) => family === undefined || runbook.family === family).map(({ name }) => name);

/**
 * A runbook with a service's own values in it; undefined where there is no such runbook or no such service. A runbook of
 * services, read without one, is about the first service that uses it.
 */
export function renderRunbook(name: string, input: RunbookInput): Rendered | undefined {
  const runbook = runbooks.get(name);
  if (runbook === undefined) return undefined;
  const { inventory, lang } = input;
  if (input.service !== undefined && !Object.hasOwn(inventory.services, input.service)) return undefined;
  const service = input.service === undefined ? firstUser(runbook, input) : inventory.services[input.service];
  const compiled = runbook.in(lang);
  const model = runbookModel(input, service);
  const heading = compiled.title(model);
  const html = compiled.html(model);
  // What reads the same for every service, such as a renewal, is about none.
  const [any] = Object.values(inventory.services);
  const aside =
    service === undefined
      ? any === undefined || compiled.html(runbookModel(input, any)) === html
        ? ""
        : templates.generic({ w: words[lang].runbook, links: servicesFor(runbook, input) })
      : templates.facts({ ...factsOf(input, service), links: relatedTo(runbook, service, lang) });
  return {
    title: service === undefined ? textOf(heading) : `${textOf(heading)} – ${service.name[lang]}`,
    html: `<h1>${heading}</h1>\n<div class="runbook">\n${aside}<article class="prose">\n${html}</article>\n</div>`,
  };
}

/** The list of all runbooks. */
export function runbookIndex({ inventory, people, view, lang }: Omit<RunbookInput, "service">): Rendered {
  const w = words[lang].runbook;
  const format = formats(lang, inventory.association.timeZone);
  const families = (["alerts", "services"] as const).map((id) => ({
    id,
    name: w[id],
    links: runbookNames(id)
      .map((name) => {
        const runbook = runbooks.get(name)!;
        const input = { inventory, people, view, lang };
        const text = textOf(runbook.in(lang).title(runbookModel(input, undefined)));
        return { name, text, href: `/runbooks/${encodeURIComponent(name)}?${new URLSearchParams({ lang })}` };
      })
      .sort((a, b) => format.compare(a.text, b.text)),
  }));
  return { title: w.index, html: templates.index({ w, families }) };
}

const firstUser = ({ family, name }: Runbook, { inventory }: RunbookInput): InventoryService | undefined =>
  family === "services" ? Object.values(inventory.services).find(({ runbook }) => runbook === name) : undefined;

/** From an alert's runbook to the service's own, where there is one. */
function relatedTo({ family, name }: Runbook, service: InventoryService, lang: Lang): Link[] {
  if (family === "services" && name === service.runbook) return [];
  const own = runbooks.get(service.runbook);
  return own ? [{ href: runbookHref(own.name, service.id, lang), text: words[lang].oncall.procedure }] : [];
}

/** The services that a runbook read on its own may be about. */
function servicesFor({ name, family }: Runbook, { inventory, lang }: RunbookInput): Link[] {
  const format = formats(lang, inventory.association.timeZone);
  return Object.values(inventory.services)
    .filter((service) => (family === "services" ? service.runbook === name : service.active))
    .map((service) => ({ href: runbookHref(name, service.id, lang), text: service.name[lang] }))
    .sort((a, b) => format.compare(a.text, b.text));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#x27;": "'",
  "&#x60;": "`",
  "&#x3D;": "=",
};

/** A heading's HTML as the text it shows, which the page's `<title>` escapes again. */
const textOf = (html: string): string =>
  html.replace(/<[^>]*>/g, "").replace(/&[#\w]+;/g, (entity) => ENTITIES[entity] ?? entity);
