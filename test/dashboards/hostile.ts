import type { Inventory, People } from "../../association/index.ts";

/** Texts that try to be something else than text. */
export const HOSTILE: readonly string[] = [
  "<script>alert(1)</script>",
  `"><img src=x onerror=alert(1)>`,
  `' onmouseover='alert(1)`,
  "</title></textarea></style></script><svg onload=alert(1)>",
  "<!-- --!> <![CDATA[ ]]>",
  "{{constructor.constructor 'alert(1)'}}{{{this}}}{{#each .}}{{/each}}",
  "{{> layout}}{{else}}{{~x~}}\\{{y}}",
  "[link](javascript:alert(1)) ![i](x) <https://evil.example>",
  "# heading\n\n- item\n\n```sh\nrm -rf /\n```\n\n---\n",
  "**bold** _it_ `code` | a | b |\n|---|---|",
  "\u001b[31mred\u001b]0;title\u0007",
  "\u202egnp.exe\u2066x\u200f",
  "a\u0000b\r\nSet-Cookie: x=1\r\n\r\n<b>",
  "&lt;b&gt; &amp;amp; &#x3c;script&#x3e;",
  "'; rm -rf / #$(reboot)`reboot`",
  "\ud800 \udfff \ufeff",
  "\uE000\u0030\uE001\uE0000\uE001",
];

/** All of them at once. */
export const ALL_HOSTILE = HOSTILE.join(" ");

/** The opening and closing tags of a page with their attributes' names: what a text must never change. */
export function skeleton(html: string): string[] {
  return [...html.matchAll(/<(!?\/?[a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)\s*(\/?)>/gi)].map(
    ([, tag, attributes]) => `${tag}${(attributes ?? "").replace(/="[^"]*"/g, "").replace(/\s+/g, " ")}`,
  );
}

/** What is left of a page once well-formed tags are taken away: text, in which no `<` or `>` can be. */
export const textOf = (html: string): string =>
  html.replace(/<(!?\/?[a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)\s*(\/?)>/gi, "");

/** Free texts of an inventory: everything that is not a name which others refer to. */
const FREE: ReadonlySet<string> = new Set(["fr", "en", "notes", "contract", "target", "none", "phone"]);

/** A copy in which every free text is another one. */
export function withTexts<T extends Inventory | People>(value: T, text: string): T {
  return change(value, text) as T;
}

function change(value: unknown, text: string, key = "", parent = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => change(item, text, "", key));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, change(item, text, name, key)]));
  }
  const free = FREE.has(key) || (key === "name" && parent !== "volumes");
  return typeof value === "string" && free ? text : value;
}
