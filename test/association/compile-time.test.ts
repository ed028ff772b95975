import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../../cli/places.ts";
import { compile, type Finding } from "../compiler.ts";

/** Two kinds of checks; those of `monitors/checks/` bring the whole exporter with them, which would be slow to compile. */
const CHECKS = `
import type { Ref } from "../../../association/index.ts";
declare module "../../../association/vocabulary.ts" {
  interface CheckKinds {
    http: { url: string; expect?: { status?: number[]; body?: string } };
    container: { host?: Ref<"host"> };
  }
}
export {};
`;

/** A declaration that compiles, one property a line, so that a case changes lines and an error is found by its line. */
const GOOD = `
import { defineAssociation } from "../../../association/index.ts";
import type {} from "../../../stacks/services/wiki/kind.ts";
import type {} from "../../../stacks/services/backup/kind.ts";
import type {} from "../../../stacks/services/nas/kind.ts";
import type {} from "./checks.ts";

const text = { fr: "Texte", en: "Text" };

export default defineAssociation({
  association: {
    id: "lilas",
    name: "Les Lilas",
    mainDomain: "lilas.example",
    contact: "lead",
  },
  domains: { "lilas.example": {} },
  teams: { it: { name: text } },
  holders: { ada: { name: "Ada", email: "ada@mail.example" } },
  roles: {
    lead: { title: text, team: "it", holders: ["ada"] },
  },
  suppliers: { hosting: { name: "Hosting" } },
  hosts: { main: { name: text, address: "192.0.2.1" } },
  services: {
    wiki: {
      name: text,
      purpose: text,
      owner: "lead",
      delivery: {
        by: "us",
        kind: "wiki",
        host: "main",
        settings: {
          title: "Wiki",
          administrators: ["it"],
        },
      },
      dependsOn: ["letter"],
      checks: [
        { check: "http", url: "/" },
        { check: "container", host: "main", every: "30s" },
      ],
      backup: {},
      runbook: "wiki",
      privacy: { none: "It holds nothing about a person" },
    },
    letter: {
      name: text,
      purpose: text,
      owner: "lead",
      delivery: { by: "supplier", supplier: "hosting" },
      checks: [{ check: "http", url: "https://letter.example/" }],
      backup: { none: "The supplier keeps it" },
      runbook: "supplier",
      privacy: { none: "Nothing about a person" },
    },
  },
  mailboxes: {
    lead: { address: "lead@lilas.example", role: "lead" },
  },
  lists: {
    news: { address: "news@lilas.example", purpose: text, owners: ["lead"], service: "letter" },
  },
  shares: {
    all: { name: text, service: "wiki", team: "it" },
  },
});
`;

interface CompileCase {
  name: string;
  /** What is written instead of what; the first occurrence. */
  change: readonly [from: string, to: string];
  /** What the line of the error holds. */
  at: string;
}

const cases: readonly CompileCase[] = [
  { name: "an unknown owner", change: [`owner: "lead"`, `owner: "leed"`], at: `owner: "leed"` },
  { name: "a service without an owner", change: [`      owner: "lead",\n`, ""], at: "wiki: {" },
  { name: "a service without a backup policy", change: ["      backup: {},\n", ""], at: "wiki: {" },
  { name: "a service without a runbook", change: [`      runbook: "wiki",\n`, ""], at: "wiki: {" },
  {
    name: "a service without a privacy entry",
    change: [`      privacy: { none: "It holds nothing about a person" },\n`, ""],
    at: "wiki: {",
  },
  {
    name: "a service without a check",
    change: [`checks: [{ check: "http", url: "https://letter.example/" }]`, "checks: []"],
    at: "checks: []",
  },
  {
    name: "an unknown kind of check",
    change: [`{ check: "http", url: "/" }`, `{ check: "htpp", url: "/" }`],
    at: `check: "htpp"`,
  },
  {
    name: "a field that the check does not have",
    change: [`{ check: "http", url: "/" }`, `{ check: "http", url: "/", adress: "x" }`],
    at: `adress: "x"`,
  },
  {
    name: "a field of the check left out",
    change: [`{ check: "http", url: "/" }`, `{ check: "http" }`],
    at: `{ check: "http" }`,
  },
  {
    name: "an unknown host inside a check",
    change: [`{ check: "container", host: "main", every`, `{ check: "container", host: "mian", every`],
    // TypeScript names the list rather than its second entry.
    at: "checks: [",
  },
  { name: "an unknown kind of service", change: [`kind: "wiki"`, `kind: "wikki"`], at: `kind: "wikki"` },
  { name: "an unknown host", change: [`        host: "main",`, `        host: "mian",`], at: `host: "mian"` },
  { name: "wrong settings", change: [`title: "Wiki"`, "title: 3"], at: "title: 3" },
  { name: "settings that the kind does not have", change: [`title: "Wiki"`, `title: "Wiki", titel: ""`], at: "titel" },
  {
    name: "an unknown team inside settings",
    change: [`administrators: ["it"]`, `administrators: ["itt"]`],
    at: `administrators: ["itt"]`,
  },
  {
    name: "settings left out that are required",
    change: [`        settings: {\n          title: "Wiki",\n          administrators: ["it"],\n        },\n`, ""],
    at: "delivery: {",
  },
  { name: "settings of another kind", change: [`kind: "wiki"`, `kind: "nas"`], at: "title" },
  { name: "an unknown dependency", change: [`dependsOn: ["letter"]`, `dependsOn: ["leter"]`], at: `"leter"` },
  { name: "an unknown supplier", change: [`supplier: "hosting" }`, `supplier: "hoster" }`], at: `"hoster"` },
  { name: "an unknown team of a role", change: [`team: "it", holders`, `team: "ti", holders`], at: `team: "ti"` },
  { name: "an unknown holder", change: [`holders: ["ada"]`, `holders: ["eda"]`], at: `"eda"` },
  {
    name: "an unknown main domain",
    change: [`mainDomain: "lilas.example"`, `mainDomain: "lila.example"`],
    at: "mainDomain",
  },
  { name: "an unknown contact", change: [`contact: "lead"`, `contact: "leed"`], at: "contact" },
  { name: "an unknown role of a mailbox", change: [`role: "lead" }`, `role: "leed" }`], at: `role: "leed"` },
  { name: "an unknown owner of a list", change: [`owners: ["lead"]`, `owners: ["leed"]`], at: `"leed"` },
  { name: "an unknown service of a share", change: [`service: "wiki", team`, `service: "wikki", team`], at: `"wikki"` },
  {
    name: "text in one language",
    change: [`lead: { title: text`, `lead: { title: { fr: "Responsable" }`],
    at: "title",
  },
  { name: "a section that does not exist", change: ["  shares: {", "  share: {"], at: "share: {" },
  {
    name: "a number as text",
    change: [`lead@lilas.example", role`, `lead@lilas.example", quotaMb: "2", role`],
    at: "quotaMb",
  },
];

/** Files that exist for the compiler only. */
const folder = join(ROOT, "test/association/compile-time");
const fileOf = (index: number | string): string => join(folder, `case-${index}.ts`);

let findings: ReadonlyMap<string, Finding[]>;

beforeAll(() => {
  const written = new Map<string, string>([
    [join(folder, "checks.ts"), CHECKS],
    [fileOf("good"), GOOD],
    ...cases.map(({ change: [from, to] }, index): [string, string] => [fileOf(index), GOOD.replace(from, () => to)]),
  ]);
  findings = compile(folder, written);
}, 120_000);

describe("the compiler", () => {
  it("accepts a declaration without a mistake", () => {
    expect(dirname(fileOf("good"))).toBe(folder);
    expect(findings.get(fileOf("good"))).toEqual([]);
  });

  it.each(cases.map((one, index) => ({ ...one, index })))("refuses $name, where it stands", ({ change, at, index }) => {
    expect(GOOD).toContain(change[0]);
    const found = findings.get(fileOf(index))!;
    expect(found).not.toEqual([]);
    expect(found.map(({ line }) => line).join("\n")).toContain(at);
  });
});
