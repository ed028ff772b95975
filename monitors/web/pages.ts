import type { Request, Response } from "express";
import type { Inventory, People } from "../../association/index.ts";
import { isLang, LANGUAGES, type Lang } from "../../dashboards/render.ts";
import { renderSteps, type SitePage } from "../../dashboards/site.ts";
import type { TrailAnswer } from "../../dashboards/trail.ts";
import type { Lookout } from "../lookout.ts";
import { inTurns } from "../turns.ts";

/** A page, made. */
export interface Page {
  readonly body: Buffer;
  readonly type: string;
  /** Of this very content (RFC 9110 section 8.8.3). */
  readonly etag: string;
  readonly lang: Lang;
}

/** What the address of a page says. */
export interface Asked {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
}

/** Pages kept, of all languages: runbooks of a thousand services are made again rather than kept. */
const MOST_KEPT = 2000;

/**
 * The pages of a lookout. Each is made at most once per change and language, however many ask for it:
 * a broken service is when everybody looks.
 */
export class Pages {
  readonly #lookout: Lookout;
  #people: People;
  readonly #made = new Map<string, { page: Promise<Page | undefined>; change: number; at: number }>();

  constructor(lookout: Lookout, people: People) {
    this.#lookout = lookout;
    this.#people = people;
  }

  get people(): People {
    return this.#people;
  }

  /** People have changed. */
  reload(people: People): void {
    this.#people = people;
    this.#made.clear();
  }

  /** Undefined where there is no such page: a runbook of no service, for instance. */
  async get(entry: SitePage, lang: Lang, { params, query: asked }: Asked, answer?: TrailAnswer) {
    // Public pages are the same whatever strangers add to their address.
    const query = entry.audience === "public" ? {} : asked;
    if (answer !== undefined) return this.#make(entry, lang, { params, query }, answer);
    const { changes } = this.#lookout;
    const key = JSON.stringify([entry.path, lang, params, query]);
    const now = performance.now();
    const known = this.#made.get(key);
    if (
      known !== undefined &&
      known.change === changes &&
      now - known.at < (entry.maxAgeMs ?? Number.POSITIVE_INFINITY)
    )
      return known.page;
    const made = { page: this.#make(entry, lang, { params, query }), change: changes, at: now };
    if (this.#made.size >= MOST_KEPT) this.#made.clear();
    this.#made.set(key, made);
    let page: Page | undefined;
    try {
      page = await made.page;
    } finally {
      // What does not exist is not kept: there is no end to it.
      if (page === undefined && this.#made.get(key) === made) this.#made.delete(key);
    }
    return page;
  }

  async #make(entry: SitePage, lang: Lang, asked: Asked, answer?: TrailAnswer): Promise<Page | undefined> {
    const input = { inventory: this.#lookout.inventory, people: this.#people, view: this.#lookout.view() };
    const text = await inTurns(renderSteps(entry, input, lang, asked, answer));
    return text === undefined ? undefined : made(text, withCharset(entry.type ?? "text/html"), lang);
  }
}

const withCharset = (type: string): string => (/;\s*charset=/i.test(type) ? type : `${type}; charset=utf-8`);

async function made(text: string, type: string, lang: Lang): Promise<Page> {
  const body = Buffer.from(text);
  // Two megabytes take some milliseconds, which another thread has.
  const digest = Buffer.from(await crypto.subtle.digest("SHA-256", body));
  return { body, type, lang, etag: `"${digest.toString("base64url").slice(0, 22)}"` };
}

/** `?lang=`, else what the browser prefers (RFC 9110 section 12.5.4), else the association's main language. */
export function languageOf(request: Request, { association }: Inventory): Lang {
  const { lang } = request.query;
  if (isLang(lang)) return lang;
  const ours = [...association.languages.filter(isLang), ...LANGUAGES];
  const preferred = request.acceptsLanguages(...new Set(ours));
  return isLang(preferred) ? preferred : ours[0]!;
}

/** What the address says besides the language; a name that is there twice counts as not there. */
export function askedOf(request: Request): Asked {
  const texts = (values: object): Record<string, string> =>
    Object.fromEntries(
      Object.entries(values).filter(
        (entry): entry is [string, string] => typeof entry[1] === "string" && entry[0] !== "lang",
      ),
    );
  return { params: texts(request.params), query: texts(request.query) };
}

export function sendPage(request: Request, response: Response, page: Page, cacheControl: string): void {
  response.set({
    "Cache-Control": cacheControl,
    "Content-Language": page.lang,
    ETag: page.etag,
    Vary: "Accept-Language",
  });
  if (request.fresh) response.status(304).end();
  else response.set("Content-Type", page.type).send(page.body);
}
