import fc from "fast-check";
import { expect, it, test } from "vitest";
import { plain } from "../../monitors/text.ts";

test.each([
  ["colours of terminals", "\u001b[31mred", "\\u{1b}[31mred"],
  ["line ends", "a\r\nb", "a\\u{d}\\u{a}b"],
  ["C1 controls", "\u009b2J", "\\u{9b}2J"],
  ["reversed text", "\u202egpj.exe", "\\u{202e}gpj.exe"],
  ["invisible characters", "a\u200bb\ufeff", "a\\u{200b}b\\u{feff}"],
  ["line separators", "a\u2028b", "a\\u{2028}b"],
  ["half characters", "a\ud800b", "a\\u{d800}b"],
  ["what is no character and no XML may hold", "a\ufffe\uffffb", "a\\u{fffe}\\u{ffff}b"],
])("spells out %s", (_, text, shown) => expect(plain(text)).toBe(shown));

it("leaves letters of any script, and signs, as they are", () => {
  const text = "Été à l'école – « ça va » 日本語 العربية 🙂 <b>&\"'";
  expect(plain(text)).toBe(text);
});

it("is one bounded line that can be printed, whatever came", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 900 }), (text) => {
      const shown = plain(text);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
      expect(shown.length).toBeLessThan(501 * 11);
      expect(plain(shown.slice(0, 400))).toBe(shown.slice(0, 400));
    }),
  );
});
