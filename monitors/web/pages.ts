import { createHash } from "node:crypto";
import type { Request, Response } from "express";
import type { Inventory, People } from "../../association/index.ts";
import { mailPage } from "../../dashboards/mail-page.ts";
import {
  documentPage,
  isLang,
  LANGUAGES,
  type Lang,
  oncallPage,
  recoveryPage,
  statusPage,
} from "../../dashboards/render.ts";
import { type Rendered, renderRunbook, runbookIndex } from "../../runbooks/render.ts";
import type { Lookout } from "../lookout.ts";

/** A page, made. */
export interface Page {
  html: string;
  /** Of this very content (RFC 9110 section 8.8.3). */
  etag: string;
  lang: Lang;
}

/** How old a page may be that nothing has changed on but times, in milliseconds. */
const STATUS_AGE = 30_000;
const ONCALL_AGE = 2000;

/**
 * The pages of a lookout. Each is made at most once per change and language, however many ask for it:
 * a broken service is when everybody looks.
 */
export class Pages {
  readonly #lookout: Lookout;
  #people: People;
  readonly #made = new Map<string, { page: Page; change: number; at: number }>();

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

  status(lang: Lang): Page {
    const { inventory, changes } = this.#lookout;
    return this.#once("status", lang, changes, STATUS_AGE, () => statusPage(inventory, this.#lookout.view(), lang));
  }

  oncall(lang: Lang): Page {
    const { inventory, changes } = this.#lookout;
    return this.#once("oncall", lang, changes, ONCALL_AGE, () =>
      oncallPage(inventory, this.#people, this.#lookout.view(), lang),
    );
  }

  recovery(lang: Lang): Page {
    const { inventory, reports, changes } = this.#lookout;
    return this.#once("recovery", lang, changes, STATUS_AGE, () => recoveryPage(inventory, reports, Date.now(), lang));
  }

  mail(lang: Lang): Page {
    return page(mailPage(this.#lookout.inventory, this.#lookout.view(), lang), lang);
  }

  runbooks(lang: Lang): Page {
    const { inventory } = this.#lookout;
    return this.#document(runbookIndex({ inventory, people: this.#people, view: this.#lookout.view(), lang }), lang);
  }

  /** Undefined where there is no such runbook or service. */
  runbook(name: string, service: string | undefined, lang: Lang): Page | undefined {
    const { inventory } = this.#lookout;
    const found = renderRunbook(name, { inventory, people: this.#people, view: this.#lookout.view(), service, lang });
    return found && this.#document(found, lang, service === undefined ? {} : { service });
  }

  #document(found: Rendered, lang: Lang, query: Record<string, string> = {}): Page {
    return page(documentPage(this.#lookout.inventory, { ...found, query }, lang), lang);
  }

  #once(name: string, lang: Lang, change: number, maxAge: number, make: () => string): Page {
    const key = `${name} ${lang}`;
    const known = this.#made.get(key);
    const now = performance.now();
    if (known !== undefined && known.change === change && now - known.at < maxAge) return known.page;
    const made = page(make(), lang);
    this.#made.set(key, { page: made, change, at: now });
    return made;
  }
}

function page(html: string, lang: Lang): Page {
  return { html, lang, etag: `"${createHash("sha256").update(html).digest("base64url").slice(0, 22)}"` };
}

/** `?lang=`, else what the browser prefers (RFC 9110 section 12.5.4), else the association's main language. */
export function languageOf(request: Request, { association }: Inventory): Lang {
  const { lang } = request.query;
  if (isLang(lang)) return lang;
  const ours = [...association.languages.filter(isLang), ...LANGUAGES];
  const preferred = request.acceptsLanguages(...new Set(ours));
  return isLang(preferred) ? preferred : ours[0]!;
}

export function sendPage(request: Request, response: Response, made: Page, { cacheControl }: { cacheControl: string }) {
  response.set({
    "Cache-Control": cacheControl,
    "Content-Language": made.lang,
    ETag: made.etag,
    Vary: "Accept-Language",
  });
  if (request.fresh) response.status(304).end();
  else response.type("html").send(made.html);
}
