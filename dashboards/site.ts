import { readdirSync } from "node:fs";
import { extname } from "node:path";
import type { Inventory, People } from "../association/index.ts";
import { formats } from "./format.ts";
import type { NavEntry } from "./frame.ts";
import { finish } from "./render.ts";
import type { PublicInput, SitePage, Steps } from "./site/_page.ts";
import type { TrailAnswer } from "./trail.ts";
import type { LookoutView } from "./view.ts";
import { type Lang, words } from "./words/index.ts";

export type { SitePage, Steps } from "./site/_page.ts";

const FOLDER = new URL("site/", import.meta.url);
/** `.js` in the image of the lookout, whose files have been stripped of types. */
const SUFFIX = extname(import.meta.filename);

/** Every page, by its file's name in `dashboards/site/`. */
export const site: Readonly<Record<string, SitePage>> = Object.fromEntries(
  await Promise.all(
    readdirSync(FOLDER)
      .filter((file) => file.endsWith(SUFFIX) && !file.startsWith("_"))
      .sort()
      .map(async (file) => {
        const module = (await import(new URL(file, FOLDER).href)) as { default: SitePage };
        return [file.slice(0, -SUFFIX.length), module.default] as const;
      }),
  ),
);

/** Links between the internal pages, in the order in which they are shown. */
export const navigation = (inventory: Inventory, lang: Lang): NavEntry[] =>
  Object.values(site)
    .flatMap(({ path, ...page }) =>
      page.audience === "internal" && page.nav && (page.nav.where?.(inventory) ?? true)
        ? [{ path, label: page.nav.label(words[lang]), order: page.nav.order, register: page.nav.register ?? false }]
        : [],
    )
    .sort((a, b) => a.order - b.order)
    .map(({ path, label, register }) => ({ path, label, register }));

/** What the rest of an address has to be for a path with `:name` in it; the values of its names, undefined where it is another page's. */
export function paramsOf(path: string, address: string): Record<string, string> | undefined {
  const [pattern, given] = [path.split("/"), address.split("/")];
  if (pattern.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    if (part.startsWith(":")) params[part.slice(1)] = decodeURIComponent(given[index]!);
    else if (part !== given[index]) return undefined;
  }
  return params;
}

/** What pages are made of, besides what their address says. */
export interface SiteInput {
  readonly inventory: Inventory;
  readonly people: People;
  readonly view: LookoutView;
}

/** A page, by itself: what the lookout serves, exports and prints. */
export function renderPage(...what: Parameters<typeof renderSteps>): string | undefined {
  return finish(renderSteps(...what));
}

/** The same in steps: a large page leaves others their turn. */
export function* renderSteps(
  page: SitePage,
  { inventory, people, view }: SiteInput,
  lang: Lang,
  { params, query }: { params: Readonly<Record<string, string>>; query: Readonly<Record<string, string>> },
  answer?: TrailAnswer,
): Steps {
  const input = publicInput({ inventory, view }, lang);
  const made =
    page.audience === "public"
      ? // The same whatever strangers add to its address.
        page.render({ ...input, params })
      : page.render({
          ...input,
          people,
          params,
          query,
          nav: navigation(inventory, lang),
          ...(answer ? { answer } : {}),
        });
  return typeof made === "object" ? yield* made : made;
}

/** Every address that a page answers at. */
export function addressesOf(page: SitePage, { inventory, people, view }: SiteInput, lang: Lang): readonly string[] {
  const input = publicInput({ inventory, view }, lang);
  const several =
    page.audience === "public"
      ? page.addresses?.(input)
      : page.addresses?.({ ...input, people, nav: navigation(inventory, lang) });
  return several ?? [page.path];
}

const publicInput = ({ inventory, view }: Omit<SiteInput, "people">, lang: Lang): PublicInput => ({
  inventory,
  view,
  lang,
  w: words[lang],
  format: formats(lang, inventory.association.timeZone),
  params: {},
  query: {},
});
