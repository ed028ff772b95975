import MarkdownIt from "markdown-it";
import { plainText, safeUrl } from "./clean.ts";

/** Headings of a text begin below those of the page it stands in. */
const DEEPER = 2;

/** A text as HTML that shows it. */
export const { escapeHtml } = new MarkdownIt().utils;

const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false }).disable(["image", "html_block"]);
markdown.validateLink = (url) => safeUrl(url) !== "";
markdown.core.ruler.push("deeper", ({ tokens }) => {
  for (const token of tokens) {
    const level = /^h([1-6])$/.exec(token.tag)?.[1];
    if (level !== undefined) token.tag = `h${Math.min(6, Number(level) + DEEPER)}`;
  }
});
markdown.renderer.rules.link_open = (tokens, index, options, _, renderer) => {
  tokens[index]!.attrSet("rel", "noreferrer nofollow");
  return renderer.renderToken(tokens, index, options);
};

/**
 * Markdown written by people as HTML that is safe whatever they wrote: no HTML of theirs, no pictures, links to http(s), mail
 * and telephones only, nothing that hides or turns text.
 */
export const prose = (text: string): string =>
  markdown.render(
    text
      .split(/\r?\n/)
      .map((line) => plainText(line.replaceAll("\t", "    "), Number.POSITIVE_INFINITY))
      .join("\n"),
  );
