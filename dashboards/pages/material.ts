import type { Inventory, People } from "../../association/index.ts";
import { type Format, formats } from "../format.ts";
import type { LookoutView } from "../view.ts";
import { type Lang, type Words, words } from "../words/index.ts";

/** What a page's language brings. */
export interface Tongue {
  readonly lang: Lang;
  readonly w: Words;
  readonly format: Format;
}

const tongues = new Map<Format, Tongue>();

/** What a language brings to an association: always the same object. */
export function tongueOf(lang: Lang, { association }: Inventory): Tongue {
  const format = formats(lang, association.timeZone);
  const known = tongues.get(format) ?? { lang, w: words[lang], format };
  tongues.set(format, known);
  return known;
}

/** What the internal pages are made of. */
export interface Material extends Tongue {
  readonly inventory: Inventory;
  readonly people: People;
  readonly view: LookoutView;
}

/** A time as a template writes it: for machines, for people, and how long ago. */
export interface Moment {
  readonly iso: string;
  readonly text: string;
  readonly ago: string;
}

/** A time as templates write it. */
export const moment = (at: number, now: number, format: Format): Moment => ({
  iso: new Date(at).toISOString(),
  text: format.moment(at, now),
  ago: format.ago(at, now),
});
