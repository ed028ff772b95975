import { posix } from "node:path";
import { addressOf } from "./addresses.ts";

const ENTITY = /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi;
const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** A text as it was before our own templates, or those of feeds, escaped it. */
export const unescaped = (text: string): string =>
  text.replace(ENTITY, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return NAMED[name.toLowerCase()]!;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });

const LINK = /\s(href|src|action)="([^"]*)"/g;

/** Where a page's links lead on the same site, and in which language. */
export interface Place {
  readonly address: string;
  readonly lang: string;
}

/** The place that a link names, seen from a page; undefined where it leads elsewhere or nowhere. */
function placeOf(link: string, from: Place): (Place & { hash: string }) | undefined {
  if (!/^(\/(?![/\\])|\?)/.test(link)) return undefined;
  const url = new URL(link, `http://lookout${from.address}`);
  const address = addressOf(url.pathname);
  return address === undefined
    ? undefined
    : { address, lang: url.searchParams.get("lang") ?? from.lang, hash: url.hash };
}

/** Every place of the same site that a page leads to or shows. */
export const placesIn = (html: string, from: Place): Place[] =>
  [...html.matchAll(LINK)].flatMap(([, , link]) => placeOf(unescaped(link!), from) ?? []);

/** Links that work from anywhere. */
const ELSEWHERE = /^(https?:\/\/|mailto:|tel:|#)/i;

/**
 * A page whose links lead to files, from the file that it will be; `index.html` included, so that it also works where nothing is
 * served at all. A link to what is not exported is one no more.
 * @param fileAt the file of a place; undefined where it is not exported
 */
export function withFileLinks(
  html: string,
  from: Place & { readonly file: string },
  fileAt: (place: Place) => string | undefined,
): string {
  return html.replace(LINK, (whole, name: string, written: string) => {
    const link = unescaped(written);
    const place = placeOf(link, from);
    if (place === undefined) return ELSEWHERE.test(link) ? whole : "";
    const file = fileAt(place);
    if (file === undefined) return "";
    const path = posix.relative(posix.dirname(from.file), file).split("/").map(encodeURIComponent).join("/");
    return ` ${name}="${path}${place.hash.replaceAll('"', "%22")}"`;
  });
}

/** A text in which addresses of the lookout's pages are those of the copies. Identities of feeds' entries, which name no language, stay. */
export function withAddresses(
  text: string,
  { base, at }: { base: string; at: string },
  fileAt: (place: Place) => string | undefined,
): string {
  const written = new RegExp(
    `${base.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}(/[^\\s"'<>?#]*)\\?lang(?:=|&#x3D;)([a-z]{2})(?![a-z])`,
    "g",
  );
  return text.replace(written, (whole, path: string, lang: string) => {
    const address = addressOf(path);
    const file = address === undefined ? undefined : fileAt({ address, lang });
    return file === undefined ? whole : `${at}/${file.split("/").map(encodeURIComponent).join("/")}`;
  });
}
