import type { Inventory } from "../../association/index.ts";
import { isLang, LANGUAGES, type Lang } from "../../dashboards/render.ts";
import { addressesOf, site } from "../../dashboards/site.ts";
import { type Problem, Refusal } from "../refusal.ts";
import { addressOf, fileOf, isAsset, isHtml, publicPageAt } from "./addresses.ts";
import { type Place, placesIn } from "./links.ts";

/** What the lookout answered at one address. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Asks the lookout for addresses (`/status/wiki?lang=fr`); one answer each, in the same order. */
export type Ask = (addresses: readonly string[]) => Promise<readonly Answer[]>;

/** Something of the site as the lookout showed it. */
export interface Copied extends Place {
  readonly body: string;
  readonly html: boolean;
}

/** The languages of an association's pages, its main one first. */
export function languagesOf({ association }: Pick<Inventory, "association">): readonly Lang[] {
  const ours = association.languages.filter(isLang);
  return ours.length > 0 ? ours : LANGUAGES;
}

export const keyOf = ({ address, lang }: Place): string => (isAsset(address) ? address : `${address}?lang=${lang}`);

/**
 * Everything public that the lookout shows now, by `keyOf`: the addresses that the declaration implies, and what public pages link
 * to, such as incidents, of which only the lookout knows.
 * @throws Refusal where it does not answer, all reasons at once
 */
export async function gather(inventory: Inventory, ask: Ask): Promise<ReadonlyMap<string, Copied>> {
  const languages = languagesOf(inventory);
  const seen = new Set<string>();
  const copied = new Map<string, Copied>();
  const wrong: Problem[] = [];
  let next = declaredPlaces(inventory, languages);
  while (next.length > 0) {
    const wanted = next.filter((place) => {
      const key = keyOf(place);
      if (seen.has(key) || !languages.some((lang) => lang === place.lang)) return false;
      seen.add(key);
      return fileOf(place.address, place.lang) !== undefined;
    });
    next = [];
    for (const [index, { status, body }] of (await ask(wanted.map(keyOf))).entries()) {
      const place = wanted[index]!;
      // Declared and not deployed yet, or gone since.
      if (status === 404 && place.address !== "/") continue;
      const page = publicPageAt(place.address);
      const html = page !== undefined && isHtml(page);
      if (status !== 200) wrong.push({ what: `The lookout answered ${status} at ${keyOf(place)}`, fix: LOOK });
      else if (html && !PUBLIC_BODY.test(body))
        wrong.push({ what: `What the lookout showed at ${keyOf(place)} is no public page`, fix: LOOK });
      else copied.set(keyOf(place), { ...place, body, html });
      if (html) next.push(...placesIn(body, place));
    }
  }
  if (wrong.length > 0) throw new Refusal(wrong);
  return copied;
}

const LOOK = "docker logs of the lookout's container tells why; `npm run up` brings it up to date";
const PUBLIC_BODY = /<body class="public">/;

function declaredPlaces(inventory: Inventory, languages: readonly Lang[]): Place[] {
  const nothingSeen = { now: 0, startedAt: 0, states: {}, days: {}, problems: [] };
  const nobody = { holders: {}, members: {} } as never;
  return languages.flatMap((lang) =>
    Object.values(site)
      .filter(({ audience }) => audience === "public")
      .flatMap((page) => addressesOf(page, { inventory, people: nobody, view: nothingSeen }, lang))
      .flatMap((path) => addressOf(path) ?? [])
      .map((address) => ({ address, lang })),
  );
}
