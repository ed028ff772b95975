import { plainText, safeUrl } from "./clean.ts";
import { markdownReader } from "./markdown.ts";

/** Where the headings of a text begin, whatever level their writer began with: below those of the page it stands in. */
const FIRST_LEVEL = 3;

const markdown = markdownReader().disable(["image", "html_block"]);

/** A text as HTML that shows it. */
export const { escapeHtml } = markdown.utils;

markdown.validateLink = (url) => safeUrl(url) !== "";
markdown.core.ruler.push("deeper", ({ tokens }) => {
  const headings = tokens.filter(({ tag }) => /^h[1-6]$/.test(tag));
  const level = ({ tag }: { tag: string }) => Number(tag[1]);
  const deeper = FIRST_LEVEL - Math.min(...headings.map(level));
  for (const heading of headings) heading.tag = `h${Math.min(6, level(heading) + deeper)}`;
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
