import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Inventory, type InventoryService, mailboxFor } from "../association/index.ts";
import { safeUrl } from "./clean.ts";
import { compilePage, safeHtml } from "./html.ts";
import { isLang, type Lang, words } from "./words/index.ts";

const css = readFileSync(new URL("pages/alone.css", import.meta.url), "utf8");
const template = compilePage("alone");

/** What pages that stand alone may do: show their own style, and nothing else. */
export const ALONE_POLICY = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(css).digest("base64")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

interface Section {
  readonly title: string;
  readonly text: string;
  /** Where to go from there; nowhere when empty. */
  readonly href: string;
  readonly link: string;
}

/** A page that needs nothing but itself, in every language of the association, for whoever made it may be all that runs. */
function page({ association }: Inventory, section: (lang: Lang) => Section): string {
  const sections = association.languages
    .filter(isLang)
    .map((lang, index) => ({ lang, first: index === 0, ...section(lang) }));
  const { lang, title } = sections[0]!;
  return template({ lang, title, association: association.name, css: safeHtml(css), sections });
}

/** What a member is shown in place of a service that does not answer, and where to look: the page of states, or who to write to. */
export function downPage(inventory: Inventory, service: InventoryService, statusUrl: string | undefined): string {
  const isStatus = service.provides.includes("lookout");
  const address = mailboxFor(inventory.association.contact, inventory);
  return page(inventory, (lang) => {
    const w = words[lang].alone;
    const name = service.name[lang];
    if (!isStatus && statusUrl !== undefined)
      return {
        title: w.down(name),
        text: w.downText,
        href: safeUrl(new URL(`/?lang=${lang}`, statusUrl).href),
        link: w.status,
      };
    const write = address === undefined ? "" : `mailto:${address}`;
    return {
      title: w.down(name),
      text: isStatus ? w.statusText : w.downText,
      href: write,
      link: w.write(address ?? ""),
    };
  });
}

/** What is shown to whoever has not given a volunteer's password. */
export const lockedPage = (inventory: Inventory): string =>
  page(inventory, (lang) => {
    const { locked, lockedText, status } = words[lang].alone;
    return { title: locked, text: lockedText, href: `/?lang=${lang}`, link: status };
  });
