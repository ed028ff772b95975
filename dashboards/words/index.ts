import { en } from "./en.ts";
import { fr } from "./fr.ts";
import { typeset } from "./typography.ts";

/** Every word of the pages; French sets the shape, so that a key missing elsewhere is a compile error. */
export type Words = typeof fr;

export const words = { fr: typeset(fr), en } as const satisfies Record<string, Words>;

/** A language that the pages speak. */
export type Lang = keyof typeof words;

export const LANGUAGES = Object.keys(words) as Lang[];

export const isLang = (text: unknown): text is Lang => typeof text === "string" && Object.hasOwn(words, text);

/** The association's main language, of those that there are words in. */
export const mainLanguage = ({ languages }: { readonly languages: readonly string[] }): Lang =>
  languages.find(isLang) ?? LANGUAGES[0]!;

/** Words for a reason that a check gave; the reason itself where a newer check knows one that we do not. */
export const reasonWords = (reason: string, lang: Lang): string =>
  Object.hasOwn(words[lang].reasons, reason) ? words[lang].reasons[reason as keyof Words["reasons"]] : reason;
