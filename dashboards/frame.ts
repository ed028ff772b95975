import type { Inventory } from "../association/index.ts";
import { assets } from "./assets.ts";
import { type Lang, words } from "./words/index.ts";

/** A page that the internal pages link to. */
export interface NavEntry {
  readonly path: string;
  readonly label: string;
  /** Below the registers rather than at the top. */
  readonly register: boolean;
}

/** What surrounds every page: its language, its words, the association, where its files are. */
export interface Frame {
  readonly lang: Lang;
  readonly w: (typeof words)[Lang];
  /** The association's name. */
  readonly name: string;
  readonly title: string;
  readonly css: string;
  readonly icon: string;
  /** The same page in the other language; empty where the association has one language only. */
  readonly otherHref: string;
  /** Internal pages are not for search engines, and link to each other. */
  readonly internal: boolean;
  readonly nav: readonly Link[];
  /** Links between registers, on the pages of registers. */
  readonly registers: readonly Link[];
  /** The feed of this page, for readers' programs; empty on internal pages. */
  readonly feedHref: string;
}

interface Link {
  readonly href: string;
  readonly label: string;
  /** Whether it is this page, or the family that this page is of. */
  readonly current: boolean;
}

export interface FrameOptions {
  readonly title: string;
  readonly internal?: boolean;
  /** The path of this page's entry in the navigation. */
  readonly here?: string;
  readonly nav?: readonly NavEntry[];
  /** What the address of this page has after its path, besides the language. */
  readonly query?: Readonly<Record<string, string>>;
}

/** The frame of a page. */
export function frame({ association }: Inventory, lang: Lang, options: FrameOptions): Frame {
  const { title, here, internal = false, nav = [], query } = options;
  const other = words[lang].other.lang;
  const bilingual = association.languages.some((language) => language === other);
  const link = ({ path, label }: NavEntry): Link => ({ href: `${path}?lang=${lang}`, label, current: path === here });
  const registers = nav.filter(({ register }) => register).map(link);
  const within = registers.some(({ current }) => current);
  const first = registers[0];
  return {
    lang,
    w: words[lang],
    name: association.name,
    title,
    css: assets["vigie.css"]!.path,
    icon: assets["vigie.svg"]!.path,
    otherHref: bilingual ? `?${new URLSearchParams({ ...query, lang: other })}` : "",
    internal,
    nav: [
      ...nav.filter(({ register }) => !register).map(link),
      ...(first ? [{ href: first.href, label: words[lang].site.registers.title, current: within }] : []),
    ],
    registers: within ? registers : [],
    feedHref: internal ? "" : `/feeds/status.atom?lang=${lang}`,
  };
}
