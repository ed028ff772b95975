import type { Inventory } from "../association/index.ts";
import { assets } from "./assets.ts";
import { type Lang, words } from "./words/index.ts";

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
  /** Which entry of the navigation is this page. */
  readonly here: Readonly<Record<"status" | "oncall" | "runbooks" | "recovery", boolean>>;
}

export interface FrameOptions {
  readonly title: string;
  readonly here?: "status" | "oncall" | "runbooks" | "recovery";
  readonly internal?: boolean;
  /** What the address of this page has after its path, besides the language. */
  readonly query?: Readonly<Record<string, string>>;
}

/** The frame of a page. */
export function frame({ association }: Inventory, lang: Lang, { title, here, internal, query }: FrameOptions): Frame {
  const other = words[lang].other.lang;
  const bilingual = association.languages.some((language) => language === other);
  return {
    lang,
    w: words[lang],
    name: association.name,
    title,
    css: assets["vigie.css"]!.path,
    icon: assets["vigie.svg"]!.path,
    otherHref: bilingual ? `?${new URLSearchParams({ ...query, lang: other })}` : "",
    internal: internal ?? false,
    here: {
      status: here === "status",
      oncall: here === "oncall",
      runbooks: here === "runbooks",
      recovery: here === "recovery",
    },
  };
}
