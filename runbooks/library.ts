import { readdirSync, readFileSync } from "node:fs";
import type { Lang } from "../dashboards/words/index.ts";
import type { RunbookModel } from "./context.ts";
import { type Compiled, compileRunbook } from "./markdown.ts";

/** What a runbook is about: an alert, or a service of some kind. */
export type Family = "alerts" | "services";

export interface Runbook {
  /** The alert's name, or what `runbook` says in the declaration. */
  readonly name: string;
  readonly family: Family;
  /** @throws Error naming the file where it cannot be compiled. */
  readonly in: (lang: Lang) => Compiled<RunbookModel>;
}

const SUFFIX = ".md.hbs";
const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const filesOf = (folder: string): string[] =>
  readdirSync(new URL(folder, import.meta.url))
    .filter((file) => file.endsWith(SUFFIX))
    .sort()
    .map((file) => file.slice(0, -SUFFIX.length));

/** The part of a source between `{{#fr}}` and `{{/fr}}`, each alone on its line. */
export function inLanguage(source: string, lang: Lang): string | undefined {
  return new RegExp(`^\\{\\{#${lang}\\}\\}\\n([\\s\\S]*?)^\\{\\{/${lang}\\}\\}$`, "m").exec(source)?.[1];
}

/** Puts parts, `{{> NAME}}` alone on a line, in their places. */
function withParts(source: string, lang: Lang, path: string): string {
  return source.replace(/^\{\{> (\S+)\}\}$/gm, (_, part: string) => {
    const text = inLanguage(read(`parts/${part}${SUFFIX}`), lang);
    if (text === undefined)
      throw new Error(`runbooks/parts/${part}${SUFFIX}: no {{#${lang}}} block, wanted by ${path}`);
    return text;
  });
}

function compile(family: Family, name: string, lang: Lang): Compiled<RunbookModel> {
  const path = `${family}/${name}${SUFFIX}`;
  try {
    const text = inLanguage(read(path), lang);
    if (text === undefined) throw new Error(`no {{#${lang}}} block`);
    return compileRunbook<RunbookModel>(withParts(text, lang, path), lang);
  } catch (error) {
    throw new Error(`runbooks/${path}, ${lang}: ${(error as Error).message}`, { cause: error });
  }
}

/** Compiled when first read: a runbook that is wrong takes down neither the others nor the lookout. */
function load(family: Family, name: string): Runbook {
  const compiled = new Map<Lang, Compiled<RunbookModel>>();
  const inLang = (lang: Lang): Compiled<RunbookModel> => {
    const known = compiled.get(lang) ?? compile(family, name, lang);
    compiled.set(lang, known);
    return known;
  };
  return { name, family, in: inLang };
}

/** All runbooks, by name: alerts first. Names of the two families differ in their case, so they never clash. */
export const runbooks: ReadonlyMap<string, Runbook> = new Map(
  (["alerts", "services"] as const).flatMap((family) =>
    filesOf(`${family}/`).map((name) => [name, load(family, name)] as const),
  ),
);
