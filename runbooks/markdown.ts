import { compileText, type Template } from "../dashboards/html.ts";
import { markdownReader } from "../dashboards/markdown.ts";
import type { Lang } from "../dashboards/words/index.ts";
import { frenchSpaces } from "../dashboards/words/typography.ts";

/** A runbook in one language, ready to be filled in. */
export interface Compiled<Model> {
  /** What its first heading holds, as HTML. */
  readonly title: Template<Model>;
  /** What follows the first heading. */
  readonly html: Template<Model>;
}

/**
 * Compiles a runbook: Markdown with Handlebars in it.
 *
 * The Markdown is rendered first, from our own text, with a mark in the place of every Handlebars expression; the
 * expressions are put back into the HTML, and that is the template. So a value never passes through Markdown: whatever a
 * checked machine answers can be neither Markdown nor HTML, because Handlebars escapes it, nor Handlebars, because the
 * template is compiled before it is known.
 *
 * @throws Error where an expression stands in a link's address, which Markdown would encode.
 */
export function compileRunbook<Model extends object>(source: string, lang: Lang): Compiled<Model> {
  const expressions: string[] = [];
  const marked = source.replace(/[ \t]*\{\{.*?\}\}/g, (text) => {
    const expression = text.trimStart();
    const indent = text.slice(0, text.length - expression.length);
    return `${indent}${MARK}${expressions.push(expression) - 1}${END}`;
  });
  const tokens = markdown.parse(marked, { lang });
  const [open, heading] = tokens;
  if (open?.tag !== "h1" || heading === undefined) throw new Error("a runbook begins with a first-level heading");
  const restore = (html: string): string => restoreAll(html, expressions);
  const title = markdown.renderer.render(heading.children ?? [], markdown.options, { lang });
  const html = markdown.renderer.render(tokens.slice(HEADING_TOKENS), markdown.options, { lang });
  const lost = expressions.filter((_, index) => !`${title}${html}`.includes(`${MARK}${index}${END}`));
  if (lost.length > 0) {
    throw new Error(`${lost.join(", ")} cannot stand where it does: in a link's address, for instance`);
  }
  return {
    title: compileText<Model>(restore(title)),
    html: compileText<Model>(restore(html)),
  };
}

/** Its opening, its text, its end. */
const HEADING_TOKENS = 3;

/** From Unicode's private use area: what no runbook is written with, and Markdown leaves as it is. */
const MARK = "\uE000";
const END = "\uE001";
const ANY_MARK = /\uE000\d+\uE001/g;

/** An expression that opens, divides or closes a block. */
const isBlock = (expression: string): boolean => /^\{\{[#/^]|^\{\{else\b/.test(expression);

function restoreAll(html: string, expressions: readonly string[]): string {
  const at = (mark: string): string => expressions[Number(mark.slice(1, -1))]!;
  return html
    .replace(/<p>(\uE000\d+\uE001(?:\n\uE000\d+\uE001)*)<\/p>\n?/g, (paragraph, marks: string) =>
      // A block's ends, alone on their lines, are not paragraphs.
      marks.split("\n").every((mark) => isBlock(at(mark))) ? marks.replaceAll("\n", "") : paragraph,
    )
    .replace(/(<code[^>]*>)(\uE000\d+\uE001)\n/g, (line, code: string, mark: string) =>
      // Handlebars drops the line of a block's beginning only where nothing stands before it.
      isBlock(at(mark)) ? `${code}${mark}` : line,
    )
    .replace(ANY_MARK, at);
}

const markdown = markdownReader();
const { escapeHtml } = markdown.utils;

const spaced = (text: string, lang: Lang): string => (lang === "fr" ? frenchSpaces(text) : text);

markdown.renderer.rules.text = (tokens, index, _, { lang }: { lang: Lang }) =>
  escapeHtml(spaced(tokens[index]!.content, lang));

markdown.renderer.rules.fence = (tokens, index) => `<pre><code>${escapeHtml(tokens[index]!.content)}</code></pre>\n`;
