import { CookieJar } from "tough-cookie";

/** Cookies as browsers keep them and send them back (RFC 6265). */
export class Cookies {
  // Names that end in .localhost are ours here, whatever the list of public suffixes says of them.
  readonly #jar = new CookieJar(undefined, { allowSpecialUseDomain: true, rejectPublicSuffixes: false });

  keep(url: URL, fields: readonly string[]): void {
    for (const field of fields) this.#jar.setCookieSync(field, url.href, { ignoreError: true });
  }

  /** Headers with what is sent back to an address, after a cookie that is among them already. */
  addTo(headers: Readonly<Record<string, string>>, url: URL): Readonly<Record<string, string>> {
    const cookie = this.#jar.getCookieStringSync(url.href);
    if (cookie === "") return headers;
    const own = Object.keys(headers).find((name) => name.toLowerCase() === "cookie");
    return own === undefined ? { ...headers, cookie } : { ...headers, [own]: `${headers[own]}; ${cookie}` };
  }
}
