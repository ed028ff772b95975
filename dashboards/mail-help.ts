import { appleProfile, clientPort, mailService } from "../association/dns/index.ts";
import { type Inventory, provider } from "../association/index.ts";
import { assets } from "./assets.ts";
import { type Frame, frame } from "./frame.ts";
import { compilePage } from "./html.ts";
import { isLang, type Lang } from "./words/index.ts";
import { type MailHelpWords, mailHelpWords } from "./words/mail-help.ts";

/** What the page on setting up mail programs is made of. */
export interface MailHelpModel {
  readonly frame: Frame;
  readonly h: MailHelpWords;
  readonly intro: string;
  readonly host: string;
  readonly imaps: number;
  readonly submissions: number;
  readonly sieve: string;
  readonly profile: string;
  /** Address of the address books, where there are any. */
  readonly contacts?: string;
  readonly alternative: string;
  readonly contact: { readonly text: string; readonly address: string };
}

/** Where iPhones, iPads and Macs get their settings, beside the page. */
const APPLE_PROFILE = "/apple.mobileconfig";

const template = compilePage<MailHelpModel>("mail-help");

/** The page's address in each language: the association's main one is at the root. */
const pathOf = (lang: Lang, main: Lang): string => (lang === main ? "/" : `/${lang}.html`);

/** The model in one language; undefined where the association runs no mail server. */
export function mailHelpModel(inventory: Inventory, lang: Lang): MailHelpModel | undefined {
  const mail = mailService(inventory);
  if (mail === undefined) return undefined;
  const h = mailHelpWords[lang];
  const { association, roles } = inventory;
  const base = frame(inventory, lang, { title: h.title });
  const main = languagesOf(inventory)[0]!;
  const contacts = provider("contacts", inventory.services)?.url;
  const contact = roles[mail.service.owner]?.address ? roles[mail.service.owner]! : roles[association.contact]!;
  return {
    frame: { ...base, otherHref: base.otherHref === "" ? "" : pathOf(base.w.other.lang as Lang, main) },
    h,
    intro: h.intro(
      Object.keys(inventory.domains)
        .map((domain) => `@${domain}`)
        .join(", "),
    ),
    host: mail.hostname,
    imaps: clientPort(mail, "imaps"),
    submissions: clientPort(mail, "submissions"),
    sieve: h.rows.starttls(clientPort(mail, "sieve")),
    profile: APPLE_PROFILE,
    ...(contacts === undefined ? {} : { contacts }),
    alternative: h.rows.starttls(clientPort(mail, "submission")),
    contact: { text: h.write(contact.title[lang]), address: contact.address ?? "" },
  };
}

const languagesOf = ({ association }: Inventory): Lang[] => association.languages.filter(isLang);

/**
 * The page as files, by path: in every language of the association, with the style sheet and icon that it refers to, so that it can be served
 * by the proxy itself and is there when the lookout is not. Holds no personal data.
 */
export function mailHelpFiles(inventory: Inventory): Record<string, { body: string; type: string }> {
  const languages = languagesOf(inventory);
  const pages = languages.flatMap((lang) => {
    const model = mailHelpModel(inventory, lang);
    const path = pathOf(lang, languages[0]!);
    return model
      ? [[path === "/" ? "/index.html" : path, { body: template(model), type: "text/html; charset=utf-8" }]]
      : [];
  });
  if (pages.length === 0) return {};
  const files = ["vigie.css", "vigie.svg"].map((name) => {
    const { path, type, body } = assets[name]!;
    return [path, { body: body.toString("utf8"), type }];
  });
  const profile = {
    body: appleProfile(mailService(inventory)!, inventory.association.name),
    type: "application/x-apple-aspen-config",
  };
  return Object.fromEntries([...pages, ...files, [APPLE_PROFILE, profile]]);
}
