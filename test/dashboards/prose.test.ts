import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { prose } from "../../dashboards/prose.ts";
import { ALL_HOSTILE, HOSTILE, textOf } from "./hostile.ts";

describe("Markdown that people write", () => {
  it("becomes paragraphs, lists and headings below those of the page", () => {
    expect(prose("# Cause\n\nUn **orage**.\n\n- a\n- b")).toBe(
      "<h3>Cause</h3>\n<p>Un <strong>orage</strong>.</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n",
    );
    // Whatever level they begin with: none is left out on the page.
    expect(prose("## a\n\n#### b\n\n###### c")).toBe("<h3>a</h3>\n<h5>b</h5>\n<h6>c</h6>\n");
  });

  it("keeps links to pages, addresses and telephones, and no others", () => {
    expect(prose("[x](https://a.example)")).toContain('<a href="https://a.example" rel="noreferrer nofollow">');
    expect(prose("[x](mailto:a@b.example)")).toContain("mailto:");
    for (const target of [
      "javascript:alert(1)",
      "data:text/html,x",
      "vbscript:x",
      "//evil.example",
      "JaVaScRiPt:x",
      "file:///etc",
    ])
      expect(prose(`[x](${target})`), target).not.toContain("<a ");
  });

  it.each([...HOSTILE, ALL_HOSTILE])("lets nothing of this become a tag: %j", (text) => {
    expect(textOf(prose(text))).not.toMatch(/[<>]/);
    expect(prose(text)).not.toMatch(/<(script|img|svg|style|iframe|textarea)/i);
    for (const unseen of ["\u202e", "\u001b"]) expect(prose(text)).not.toContain(unseen);
  });

  it("shows no picture from elsewhere, which would tell who reads", () => {
    expect(prose("![x](https://evil.example/pixel.png)")).not.toContain("<img");
  });

  it("is safe for any text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => !/[<>]/.test(textOf(prose(text)))));
  });
});
