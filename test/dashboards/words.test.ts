import { describe, expect, it } from "vitest";
import { filesWords } from "../../dashboards/words/files.ts";
import { isLang, LANGUAGES, reasonWords, words } from "../../dashboards/words/index.ts";
import { mailHelpWords } from "../../dashboards/words/mail-help.ts";
import { mailPageWords } from "../../dashboards/words/mail-page.ts";
import { recoveryWords } from "../../dashboards/words/recovery.ts";
import { REASONS } from "../../monitors/reasons.ts";

/** Every path to a word, with what stands there. */
const paths = (value: unknown, path = ""): [string, unknown][] =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, item]) => paths(item, `${path}.${key}`))
    : [[path, value]];

describe("words", () => {
  it("exist in every language, and are not empty", () => {
    const french = paths(words.fr).map(([path]) => path);
    for (const lang of LANGUAGES) {
      const own = paths(words[lang]);
      expect(own.map(([path]) => path).sort()).toEqual([...french].sort());
      for (const [path, word] of own) {
        if (typeof word === "string") expect(word.trim(), path).not.toBe("");
        else expect(typeof word, path).toBe("function");
      }
    }
  });

  it("were translated: sentences differ from one language to the other", () => {
    const english = new Map(paths(words.en));
    const same = paths(words.fr).filter(
      ([path, word]) => typeof word === "string" && word.includes(" ") && english.get(path) === word,
    );
    expect(same).toEqual([]);
  });

  it("are plural where they should be", () => {
    expect(words.fr.oncall.broken(0)).toBe("Rien n'est en panne");
    expect(words.fr.oncall.broken(1)).toBe("1 service à remettre en marche");
    expect(words.en.oncall.broken(3)).toContain("3 services");
    expect(words.en.oncall.daysLeft(-2)).toBe("expired");
    expect(words.fr.oncall.daysLeft(1)).toBe("1 jour");
  });

  it("count none and one in French as it does, in the singular", () => {
    expect(words.fr.oncall.watched(1, 0)).toBe("1 service surveillé par 0 contrôle.");
    expect(words.fr.oncall.watched(2, 3)).toBe("2 services surveillés par 3 contrôles.");
    expect(words.en.oncall.watched(0, 1)).toBe("0 services watched by 1 check.");
    expect(words.fr.site.registers.needs.count(1, 3)).toBe("1 besoin sur 3 a un service en production.");
  });

  it.each(LANGUAGES)("agree with their number: none, one and two, in every counted sentence (%s)", (lang) => {
    const catalogues = [words, recoveryWords, filesWords, mailPageWords, mailHelpWords].flatMap((all) =>
      paths(all[lang]),
    );
    const counted = catalogues.flatMap(([path, word]) =>
      typeof word === "function" ? [[path, word as (...all: unknown[]) => unknown] as const] : [],
    );
    // Nouns in -s after a number that takes the singular. Verbs and prepositions follow names, which are numbers here; the last days are always several.
    const plural = "(?!(?:dans|derniers|has|is|takes|works) )\\p{L}+s(?!\\p{L})";
    const wrong = new RegExp(`(?<!\\S)${lang === "fr" ? "[01]" : "1"} ${plural}`, "u");
    const several = new Set<string>();
    for (const [path, say] of counted) {
      for (const count of [0, 1, 2]) {
        const said = String(say(count, count, count, count));
        expect(said.replace(/\s/g, " "), `${path}(${count})`).not.toMatch(wrong);
        if (count === 2 && new RegExp(`(?<!\\S)2 ${plural}`, "u").test(said)) several.add(path);
      }
    }
    // That some are counted at all.
    expect(several.size).toBeGreaterThan(10);
  });

  it("keep French punctuation on the line of what it follows", () => {
    const breaking = / [:;?!»]|« /;
    const all = [words.fr, recoveryWords.fr, filesWords.fr, mailPageWords.fr, mailHelpWords.fr].flatMap((own) =>
      paths(own),
    );
    for (const [path, word] of all) {
      const said = typeof word === "function" ? (word as (...all: unknown[]) => unknown)(2, 2, 2, 2) : word;
      if (typeof said === "string") expect(said, path).not.toMatch(breaking);
    }
    expect(words.fr.status.named.partial("Wiki")).toBe("En panne\u00a0: Wiki.");
    expect(words.fr.status.help).toMatch(/\u202f\?$/);
    expect(mailHelpWords.fr.programs[0]!.steps[0]).toContain("«\u00a0Nouveau\u00a0»");
  });

  it("say every reason that a check may give", () => {
    for (const lang of LANGUAGES) {
      for (const reason of Object.keys(REASONS)) {
        expect(Object.hasOwn(words[lang].reasons, reason), `${reason} in ${lang}`).toBe(true);
      }
    }
  });

  it("fall back to the reason itself, and never to something inherited", () => {
    expect(reasonWords("brand-new", "fr")).toBe("brand-new");
    expect(reasonWords("constructor", "fr")).toBe("constructor");
    expect(isLang("toString")).toBe(false);
    expect(isLang("fr")).toBe(true);
    expect(isLang(["fr"])).toBe(false);
  });
});
