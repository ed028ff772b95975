import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanAll, LONGEST_TEXT, plainText, safeUrl } from "../../dashboards/clean.ts";
import { safeHtml } from "../../dashboards/html.ts";

describe("a text from elsewhere", () => {
  it("shows controls as their pictures, on one line", () => {
    expect(plainText("a\nb\r\tc\u001b[31md\u0000\u007f")).toBe("a␊b␍␉c␛[31md␀␡");
  });

  it("loses what turns the order of letters round", () => {
    for (const code of [
      0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069, 0x200e, 0x200f, 0x061c,
    ]) {
      expect(plainText(`user${String.fromCharCode(code)}gpj.exe`)).toBe("user�gpj.exe");
    }
  });

  it("loses line separators, zero-width spaces and the byte order mark", () => {
    expect(plainText("a\u2028b\u2029c\u200bd\ufeffe\u0085f")).toBe("a�b�c�d�e�f");
  });

  it("keeps accents, other scripts and families of emoji", () => {
    const text = "Épicerie – 食べ物 – مرحبا – 👩‍👧‍👦 – «\u00a0oui\u00a0»";
    expect(plainText(text)).toBe(text);
  });

  it("replaces half characters, also those that cutting makes", () => {
    expect(plainText("a\ud83d")).toBe("a�");
    expect(plainText("a👩", 2)).toBe("a�…");
  });

  it("is cut after its beginning", () => {
    expect(plainText("x".repeat(10 * LONGEST_TEXT))).toBe(`${"x".repeat(LONGEST_TEXT)}…`);
  });

  it("never holds a control, whatever it held", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(plainText(text)).not.toMatch(/(?!\u200d)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

describe("a model", () => {
  it("is cleaned through and through, functions and made HTML left alone", () => {
    const html = safeHtml("<b>\n</b>");
    const call = () => "x";
    expect(cleanAll({ a: ["x\n", { b: "\u202e" }], n: 1, t: true, z: null, u: undefined, html, call })).toEqual({
      a: ["x␊", { b: "�" }],
      n: 1,
      t: true,
      z: null,
      u: undefined,
      html,
      call,
    });
  });
});

describe("a link's target", () => {
  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://example.org/x",
    "//example.org",
    "/etc",
    "not an address",
    "",
  ])("is refused: %j", (address) => {
    expect(safeUrl(address)).toBe("");
  });

  it.each([
    ["https://wiki.example.org", "https://wiki.example.org/"],
    ["http://a.example/?q=<b>", "http://a.example/?q=%3Cb%3E"],
    ["mailto:tresor@example.org", "mailto:tresor@example.org"],
    ["tel:+33639980101", "tel:+33639980101"],
  ])("is kept: %s", (address, expected) => {
    expect(safeUrl(address)).toBe(expected);
  });

  it("is empty where there is none", () => {
    expect(safeUrl(undefined)).toBe("");
  });
});
