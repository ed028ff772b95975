import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type Handlebars from "handlebars";
import { cleanAll } from "./clean.ts";

/** The one file that it is published as for browsers: the others hold their own source maps, and read a library for those with them. */
const library = createRequire(import.meta.url)("handlebars/dist/handlebars.min.js") as typeof Handlebars;

/**
 * Our own Handlebars: a template that asks for something its model lacks fails (strict), and nothing of a model is ever
 * called, compiled or looked up on prototypes. What is put in is escaped by Handlebars and cleaned by `cleanAll`.
 */
const handlebars = library.create();

const PAGES = new URL("pages/", import.meta.url);
const OPTIONS = { strict: true, knownHelpersOnly: true } as const;
const SUFFIX = ".hbs";

/** Writes `{{text}}` as such: runbooks quote the templates of Docker's own command line. */
handlebars.registerHelper("mustache", (text: unknown) => `{{${String(text)}}}`);
const KNOWN_HELPERS = { mustache: true };

for (const file of readdirSync(new URL("partials/", PAGES)).filter((name) => name.endsWith(SUFFIX))) {
  const source = readFileSync(new URL(`partials/${file}`, PAGES), "utf8");
  handlebars.registerPartial(file.slice(0, -SUFFIX.length), handlebars.compile(source, OPTIONS));
}

/** HTML that our own templates have made: it is put in as it is. */
export const safeHtml = (html: string): Handlebars.SafeString => new library.SafeString(html);

/** A template, compiled at its first use. */
export type Template<Model> = (model: Model) => string;

/** The template of some text. */
export function compileText<Model extends object>(source: string): Template<Model> {
  const template = handlebars.compile<Model>(source, { ...OPTIONS, knownHelpers: KNOWN_HELPERS });
  return (model) => template(cleanAll(model));
}

/** The template of a page, by its file name in `dashboards/pages/` without `.hbs`. */
export function compilePage<Model extends object>(name: string): Template<Model> {
  return compileText<Model>(readFileSync(new URL(`${name}${SUFFIX}`, PAGES), "utf8"));
}
