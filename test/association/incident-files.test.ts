import { mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { incidentsIn, readIncident } from "../../association/incident-files.ts";
import { buildInventory, DeclarationError, loadVocabulary, type Vocabulary } from "../../association/index.ts";
import demo from "../../associations/tilleuls/index.ts";

let vocabulary: Vocabulary;
beforeAll(async () => {
  vocabulary = await loadVocabulary();
});

const GOOD = `---
title: { fr: Panne, en: Outage }
services: [wiki]
started: 2026-03-29T02:30
---
Why.
`;

describe("an incident's file", () => {
  it("gives its fields, and its text as the postmortem of both languages", () => {
    expect(readIncident(GOOD)).toEqual({
      title: { fr: "Panne", en: "Outage" },
      services: ["wiki"],
      started: "2026-03-29T02:30",
      postmortem: { fr: "Why.\n", en: "Why.\n" },
    });
  });

  it("gives each language its own text where the file has blocks", () => {
    const text = `${GOOD}{{#fr}}\nPourquoi.\n{{/fr}}\n{{#en}}\nWhy.\n{{/en}}\n`;
    expect(readIncident(text)).toMatchObject({ postmortem: { fr: "Pourquoi.\n", en: "Why.\n" } });
  });

  it("has no postmortem yet where nothing follows the fields", () => {
    expect(readIncident("---\na: 1\n---\n")).toEqual({ a: 1 });
    expect(readIncident("---\na: 1\n---")).toEqual({ a: 1 });
  });

  it("is read with Windows' ends of line and a mark of byte order", () => {
    expect(readIncident(`\uFEFF${GOOD.replaceAll("\n", "\r\n")}`)).toMatchObject({ services: ["wiki"] });
  });

  it.each([
    ["", "no YAML between two lines of ---"],
    ["# Title\n\ntext", "no YAML between two lines of ---"],
    ["text\n---\na: 1\n---\n", "no YAML between two lines of ---"],
    ["---\na: [1\n---\n", /^YAML, line \d+: /],
    ["---\na: 1\na: 2\n---\n", /^YAML, line 3: Map keys must be unique/],
    ["---\n- a\n---\n", "YAML without fields"],
    ["---\n\n---\n", "YAML without fields"],
    [
      `---\na: &a [x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: [*c, *c, *c, *c]\n---\n`,
      /^YAML: Excessive alias count/,
    ],
    ["---\na: !!js/function 'x'\n---\n", /^YAML|^\{/],
  ])("that is %j is told what is wrong with", (text, wrong) => {
    const read = readIncident(text);
    if (typeof read === "string") expect(read).toMatch(wrong);
    else expect(read).toEqual({ a: "x" });
  });
});

describe("a folder of incidents", () => {
  const folder = (files: Record<string, string>) => {
    const path = mkdtempSync(join(tmpdir(), "vigie-incidents-"));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
    return path;
  };
  const build = (files: Record<string, string>) =>
    buildInventory({ ...demo, incidents: incidentsIn(folder(files)) }, vocabulary);
  const problemsOf = (files: Record<string, string>): string => {
    try {
      build(files);
    } catch (error) {
      if (error instanceof DeclarationError) return error.message;
      throw error;
    }
    return "";
  };

  it("is part of the inventory: local times are instants, updates are in order", () => {
    const text = `---
title: { fr: Panne, en: Outage }
services: [wiki]
started: 2026-03-29T02:30
resolved: 2026-03-29T02:00Z
updates:
  - { at: 2026-03-29T03:50, status: monitoring, text: { fr: b, en: b } }
  - { at: 2026-03-29T03:40, status: identified, text: { fr: a, en: a } }
---
`;
    const { inventory } = build({ "night.md": text, "README.txt": "not one" });
    expect(Object.keys(inventory.incidents)).toEqual(["night"]);
    // That hour does not exist: clocks go from 2 to 3.
    expect(inventory.incidents.night).toMatchObject({
      started: Date.UTC(2026, 2, 29, 1, 30),
      resolved: Date.UTC(2026, 2, 29, 2, 0),
      severity: "major",
      updates: [{ status: "identified" }, { status: "monitoring" }],
    });
  });

  it("has all its mistakes told at once, with where and what", () => {
    const found = problemsOf({
      "Bad Name.md": GOOD,
      "broken.md": "---\na: [1\n---\n",
      "typo.md": GOOD.replace("wiki", "wikki").replace("started:", "severty: x\nstarted:"),
      "order.md": GOOD.replace("started:", "resolved: 2026-03-28T00:00\nstarted:"),
      "open.md": GOOD.replace(
        "---\nWhy",
        "updates:\n  - { at: 2026-04-01T00:00, status: resolved, text: { fr: a, en: a } }\n---\nWhy",
      ),
      "html.md": `${GOOD}<script>alert(1)</script>`,
    });
    for (const words of [
      'incidents["Bad Name"]',
      'incidents.broken\n    found "YAML, line',
      'incidents.typo.services[0]\n    found "wikki"',
      'did you mean "wiki"',
      "incidents.typo.severty",
      "incidents.order.resolved",
      "incidents.open.resolved",
    ])
      expect(found).toContain(words);
    expect(found).not.toContain("incidents.html");
  });

  it("does not follow links out of itself", () => {
    const path = folder({});
    symlinkSync("/etc/hostname", join(path, "link.md"));
    expect(incidentsIn(path)).toEqual({});
  });
});
