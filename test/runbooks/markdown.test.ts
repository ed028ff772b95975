import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileRunbook } from "../../runbooks/markdown.ts";
import { HOSTILE, skeleton, textOf } from "../dashboards/hostile.ts";

const html = (source: string, model: object = {}, lang: "fr" | "en" = "en"): string =>
  compileRunbook(`# T\n\n${source}`, lang).html(model);

describe("a runbook's Markdown", () => {
  it("has a title, and the rest apart from it", () => {
    const { title, html: body } = compileRunbook<object>("# Is **{{a}}** well?\n\ntext", "en");
    expect(title({ a: "<x>" })).toBe("Is <strong>&lt;x&gt;</strong> well?");
    expect(body({ a: "" })).toBe("<p>text</p>\n");
  });

  it("must begin with its title", () => {
    expect(() => compileRunbook("text", "en")).toThrow("begins with a first-level heading");
    expect(() => compileRunbook("", "en")).toThrow("begins with a first-level heading");
  });

  it("takes values in paragraphs, emphasis, code and fences", () => {
    expect(html("a {{x}} **{{x}}** `{{x}}`\n\n```sh\nrun {{x}}\n```", { x: "<v>" })).toBe(
      "<p>a &lt;v&gt; <strong>&lt;v&gt;</strong> <code>&lt;v&gt;</code></p>\n<pre><code>run &lt;v&gt;\n</code></pre>\n",
    );
  });

  it("leaves no paragraph around a block's ends, wherever they stand", () => {
    const source = "{{#if x}}\n\nyes\n\n{{else}}\n\nno\n\n{{/if}}\n\nend";
    expect(html(source, { x: true }).replace(/\s/g, "")).toBe("<p>yes</p><p>end</p>");
    expect(html(source, { x: false }).replace(/\s/g, "")).toBe("<p>no</p><p>end</p>");
    expect(html("{{#if x}}\n{{#if y}}\n\ndeep\n\n{{/if}}\n{{/if}}", { x: 1, y: 1 }).replace(/\s/g, "")).toBe(
      "<p>deep</p>",
    );
  });

  it("keeps the paragraph around a value that stands alone", () => {
    expect(html("{{x}}", { x: "v" })).toBe("<p>v</p>\n");
  });

  it("repeats lines of commands without blank ones", () => {
    expect(html("```sh\n{{#each l}}\nrun {{this}}\n{{/each}}\nend\n```", { l: ["a", "b"] })).toBe(
      "<pre><code>run a\nrun b\nend\n</code></pre>\n",
    );
  });

  it("writes the mustaches of Docker's own templates", () => {
    expect(html(`\`{{mustache ".State.Status"}}\``)).toBe("<p><code>{{.State.Status}}</code></p>\n");
  });

  it("refuses an expression where Markdown would change it", () => {
    expect(() => html("[x]({{url}})")).toThrow("{{url}} cannot stand where it does");
  });

  it("fails when a value is missing", () => {
    expect(() => html("{{a.b}}", { a: {} })).toThrow(/not defined/);
  });

  it("lets no raw HTML through, of ours either", () => {
    expect(html("<b>x</b> <script>y</script>")).toBe("<p>&lt;b&gt;x&lt;/b&gt; &lt;script&gt;y&lt;/script&gt;</p>\n");
  });

  it("sets French spaces in words, and leaves commands alone", () => {
    expect(html("Quoi ? « Oui » : `a ; b`\n\n```sh\na ; b\n```", {}, "fr")).toBe(
      "<p>Quoi\u202f? «\u00a0Oui\u00a0»\u00a0: <code>a ; b</code></p>\n<pre><code>a ; b\n</code></pre>\n",
    );
    expect(html("What ?")).toBe("<p>What ?</p>\n");
  });

  it.each(HOSTILE)("shows %j as text, everywhere a value may stand", (text) => {
    const source =
      "## {{x}}\n\na {{x}} **{{x}}** `{{x}}`\n\n- {{x}}\n\n{{#if x}}\n\n{{x}}\n\n{{/if}}\n\n```sh\n{{#each l}}\nrun {{this}}\n{{/each}}\n```";
    const page = html(source, { x: text, l: [text] });
    expect(skeleton(page)).toEqual(skeleton(html(source, { x: "plain", l: ["plain"] })));
    expect(textOf(page)).not.toMatch(/[<>]/);
  });

  it("shows any text as text", () => {
    const source = "a {{x}} `{{x}}`\n\n```sh\nrun {{x}}\n```";
    const expected = skeleton(html(source, { x: "plain" }));
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (x) => {
        const page = html(source, { x });
        expect(skeleton(page)).toEqual(expected);
        expect(textOf(page)).not.toMatch(/[<>]/);
        expect(page.split("\n")).toHaveLength(html(source, { x: "" }).split("\n").length);
      }),
    );
  });
});
