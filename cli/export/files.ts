import type { Inventory, People } from "../../association/index.ts";
import { formats } from "../../dashboards/format.ts";
import { isLang, words } from "../../dashboards/words/index.ts";
import { type Problem, Refusal } from "../refusal.ts";
import { fileOf, INDEX } from "./addresses.ts";
import { type Copied, keyOf, languagesOf } from "./gather.ts";
import { type Place, unescaped, withAddresses, withFileLinks } from "./links.ts";

export interface Edition {
  readonly inventory: Inventory;
  /** To make sure that nobody is in it. */
  readonly people: Pick<People, "holders">;
  /** When it was made, in milliseconds since the epoch. */
  readonly now: number;
  /** Where the lookout's own pages are, without a final slash. */
  readonly base: string;
  /** Where the copy will be served, without a final slash; addresses in feeds and badges stay the lookout's without. */
  readonly at?: string;
}

/**
 * What the lookout showed as files of a folder, by path.
 * @throws Refusal where somebody's name, address or telephone number is on a page
 */
export function filesOf(copied: ReadonlyMap<string, Copied>, edition: Edition): ReadonlyMap<string, string> {
  refusePersonal(copied, edition);
  const { base, at, inventory } = edition;
  const fileAt = (place: Place): string | undefined =>
    copied.has(keyOf(place)) ? fileOf(place.address, place.lang) : undefined;
  const written = (page: Copied, file: string): string => {
    const body = at === undefined ? page.body : withAddresses(page.body, { base, at }, fileAt);
    return page.html
      ? noted(withFileLinks(withoutAge(withoutDoor(body)), { ...page, file }, fileAt), page.lang, edition)
      : body;
  };
  const files = new Map([...copied.values()].map((page) => [fileAt(page)!, page] as const));
  const front = copied.get(keyOf({ address: "/", lang: languagesOf(inventory)[0]! }));
  if (front !== undefined) files.set(INDEX, front);
  return new Map([...files].map(([file, page]) => [file, written(page, file)]));
}

/** The way to the internal pages leads nowhere from elsewhere. */
const withoutDoor = (html: string): string => html.replace(/<p><a href="\/oncall[^"]*">[^<]*<\/a><\/p>\n?/, "");

/** How long ago the last check was is true for as long as it takes to read: a copy says when, and when it was made. */
const withoutAge = (html: string): string =>
  html.replace(/(<p class="updated">\s*[^<]*<time [^>]*>[^<,]*), [^<]*(<\/time>)/, "$1$2");

const MAIN = /<main [^>]*>/;

/** The page, saying of itself that it is a copy, and of when. */
function noted(html: string, lang: string, { inventory, now, base }: Edition): string {
  const { copy } = words[isLang(lang) ? lang : languagesOf(inventory)[0]!];
  const format = formats(isLang(lang) ? lang : languagesOf(inventory)[0]!, inventory.association.timeZone);
  const when = `<time datetime="${new Date(now).toISOString()}">${format.date(now)}, ${format.time(now)}</time>`;
  const note = `<p class="wide copy"><strong>${copy.made} ${when}.</strong> <a href="${encodeURI(base)}/?lang=${lang}">${copy.newest}</a></p>`;
  if (!MAIN.test(html)) throw new Error("a public page has no <main>: the note of the export has no place");
  return html.replace(MAIN, (main) => `${main}\n${note}`);
}

/** Pages say nothing of people; what somebody wrote by hand into an incident may. */
function refusePersonal(copied: ReadonlyMap<string, Copied>, { people, inventory }: Edition): void {
  const roles = new Set(Object.values(inventory.roles).map(({ address }) => address));
  const personal = Object.values(people.holders).flatMap(({ name, email }) =>
    [name, ...(roles.has(email) ? [] : [email])].filter((text): text is string => Boolean(text)),
  );
  // Whatever stands between its digits, and with its country or without.
  const phones = Object.values(people.holders).flatMap(({ phone }) =>
    phone === undefined ? [] : [phone, phone.replace(/^\+33/, "0")],
  );
  const problems = [...copied].flatMap(([key, { body }]): Problem[] => {
    const text = unescaped(body);
    const digits = text.replace(/[\s.\u2010-\u2013-]+/g, "");
    return personal.some((one) => text.includes(one)) || phones.some((one) => digits.includes(one))
      ? [
          {
            what: `${key} tells who somebody is, or how to reach them`,
            fix: "name roles in what is written for everybody",
          },
        ]
      : [];
  });
  if (problems.length > 0) throw new Refusal(problems);
}
