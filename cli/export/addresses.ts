import { paramsOf, type SitePage, site } from "../../dashboards/site.ts";

/** An address without its language, `/status/wiki`, each part encoded in one way. Undefined where it can be nobody's. */
export function addressOf(path: string): string | undefined {
  try {
    const parts = new URL(path, "http://lookout").pathname.split("/").map(decodeURIComponent);
    return parts.map(encodeURIComponent).join("/");
  } catch {
    return undefined;
  }
}

/** The public page that answers there; internal ones are never asked for (N35). */
export const publicPageAt = (address: string): SitePage | undefined =>
  Object.values(site).find(({ audience, path }) => audience === "public" && paramsOf(path, address) !== undefined);

const ASSET = /^\/assets\/\w[\w.-]*$/;
export const isAsset = (address: string): boolean => ASSET.test(address);

export const isHtml = ({ type = "text/html" }: SitePage): boolean => type.startsWith("text/html");

/**
 * The file, from the export's folder, of an address in a language; undefined where there is none: it is no public page, or it has a
 * part that would be another file elsewhere, hidden, or no file's name on every host.
 */
export function fileOf(address: string, lang: string): string | undefined {
  const parts = address.split("/").slice(1).map(decodeURIComponent).filter(Boolean);
  if (!parts.every(isFileName)) return undefined;
  if (isAsset(address)) return parts.join("/");
  const page = publicPageAt(address);
  if (page === undefined) return undefined;
  // Hosts ignore what comes after `?` in an address, hence a folder for each language.
  return [lang, ...parts, ...(isHtml(page) ? [INDEX] : [])].join("/");
}

/** What hosts serve for a folder. */
export const INDEX = "index.html";

/** Names of files have 255 bytes at most. */
const LONGEST_NAME = 200;

const isFileName = (part: string): boolean =>
  Buffer.byteLength(part) <= LONGEST_NAME &&
  part !== INDEX &&
  !part.startsWith(".") &&
  !/[\p{Cc}\p{Cf}\p{Cs}\\/:*?"<>|]/u.test(part);
