import MarkdownIt from "markdown-it";

/**
 * A reader of Markdown (CommonMark) that takes no HTML and makes links of nothing that is not written as one. What finds bare addresses in text is
 * made for every reader, asked or not: it goes, with the half megabyte of its expressions.
 */
export function markdownReader(): MarkdownIt {
  const reader = new MarkdownIt({ html: false, linkify: false, typographer: false });
  Reflect.deleteProperty(reader, "linkify");
  return reader;
}
