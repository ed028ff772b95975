import type { Inventory } from "../../association/index.ts";
import type { NavEntry } from "../frame.ts";
import type { Material } from "../pages/material.ts";
import type { TrailAnswer, TrailQuery } from "../trail.ts";
import type { Words } from "../words/index.ts";

/** What a page is made of, besides what its address says. */
interface Asked {
  /** Values of the named parts of the path. */
  readonly params: Readonly<Record<string, string>>;
  /** What the address has after `?`, one value a name. */
  readonly query: Readonly<Record<string, string>>;
}

/** What a public page may use: nothing about people is even at hand (N35). */
export type PublicInput = Omit<Material, "people"> & Asked;

/** What an internal page may use. */
export type InternalInput = Material &
  Asked & {
    readonly nav: readonly NavEntry[];
    /** What came back where the page `asks`; undefined where nothing was asked. */
    readonly answer?: TrailAnswer;
  };

/** A whole answer; undefined where there is no such page. */
type Answer = string | undefined;

/** An answer in the making: between its steps others may have their turn. The view is live: it is read before the first. */
export type Steps<Made = Answer> = Generator<void, Made>;

interface PageBase {
  /** Where it is served: Express's syntax, `/status/:service`. */
  readonly path: string;
  /** Media type; HTML when left out. */
  readonly type?: string;
  /** How long it may be shown again although times on it go on, in milliseconds; as long as nothing changes when left out. */
  readonly maxAgeMs?: number;
}

export interface PublicPage extends PageBase {
  readonly audience: "public";
  readonly render: (input: PublicInput) => Answer | Steps;
  /** Every address that it answers at, without the language, where there are several; the static export goes through them. */
  readonly addresses?: (input: PublicInput) => readonly string[];
}

export interface InternalPage extends PageBase {
  readonly audience: "internal";
  /** What a file server has to be asked first, by what the address says; such a page is made anew for each who asks. */
  readonly asks?: (asked: Pick<InternalInput, "inventory" | "query">) => TrailQuery | undefined;
  readonly render: (input: InternalInput) => Answer | Steps;
  /** Every address that it answers at, without the language, where there are several. */
  readonly addresses?: (input: InternalInput) => readonly string[];
  /** Its place in the internal pages' navigation; no place when left out. */
  readonly nav?: {
    readonly order: number;
    readonly label: (words: Words) => string;
    /** Whether the association has anything for it to show; it always has when left out. */
    readonly where?: (inventory: Inventory) => boolean;
    /** Listed below the registers rather than at the top. */
    readonly register?: true;
  };
}

export type SitePage = PublicPage | InternalPage;

/**
 * Types a page; identity at run time. A file of `dashboards/site/` whose name has no `_` in front is a page: nothing else
 * has to be changed for it to be served, listed, translated, looked at by axe and kept from the wrong readers.
 *
 * @example
 * export default definePage({ path: "/hello", audience: "public", render: ({ w }) => w.made });
 */
export const definePage = <Page extends SitePage>(page: Page): Page => page;
