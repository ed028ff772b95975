import { describe, expect, it } from "vitest";
import { markdownReader } from "../../dashboards/markdown.ts";

describe("a reader of Markdown", () => {
  it("makes links of what is written as one, and of nothing else", () => {
    const html = markdownReader().render(
      "See <https://wiki.example.org>, [the wiki](https://wiki.example.org) and https://wiki.example.org or www.example.org.",
    );
    expect(html.match(/<a href=/g)).toHaveLength(2);
    expect(html).toContain(" and https://wiki.example.org or www.example.org.");
  });

  it("shows HTML as text, and leaves quotation marks as they are", () => {
    expect(markdownReader().render('<b onclick="x()">"bold"</b>\n\n<script>x()</script>')).toBe(
      "<p>&lt;b onclick=&quot;x()&quot;&gt;&quot;bold&quot;&lt;/b&gt;</p>\n<p>&lt;script&gt;x()&lt;/script&gt;</p>\n",
    );
  });

  it("holds no expressions to find bare addresses with: half a megabyte for each reader", () => {
    expect("linkify" in markdownReader()).toBe(false);
  });
});
