import { z } from "zod";
import type { Vocabulary } from "../../association/index.ts";
import { maintenance } from "../../association/schema/maintenance.ts";
import { schedule } from "../../association/schema/schedule.ts";
import { checkBase } from "../../association/schema/service.ts";
import type { ResolveContext } from "../../association/vocabulary.ts";
import { LONGEST_TEXT, plainText } from "../../dashboards/clean.ts";
import { type Draft, type DraftCheck, type DraftWindow, gathered, type Imported, type Loss } from "./draft.ts";
import { holdsSecret, looksSecret, readUrl } from "./secrets.ts";

/** Who answers for what is imported, and who runs it, until somebody says better. */
export interface Ownership {
  readonly owner: string;
  readonly supplier: string;
}

export interface Written {
  /** A module of TypeScript. */
  readonly source: string;
  readonly services: number;
  readonly windows: number;
  readonly checks: number;
  readonly losses: readonly Loss[];
}

type Plain = Readonly<Record<string, unknown>>;

/** What an importer made, as the part of a declaration that compiles; what the lookout would refuse is told and left out. */
export function writeServices(
  { drafts, windows = [], losses: told }: Imported,
  from: string,
  { owner, supplier }: Ownership,
  vocabulary: Vocabulary,
): Written {
  const losses: Loss[] = [...told];
  const taken = new Set<string>();
  const services: [string, Plain][] = [];
  const ids = new Map<Draft, string>();
  for (const draft of drafts) {
    const id = idOf(draft, taken);
    const checks = withIds(draft.checks.flatMap((check) => accepted(draft, signedIn(check, id), vocabulary, losses)));
    if (checks.length === 0) continue;
    taken.add(id);
    ids.set(draft, id);
    if (draft.checks.some(({ signIn }) => signIn !== undefined))
      losses.push({
        where: JSON.stringify(oneLine(draft.name)),
        what: `the secret ${id}`,
        why: `its value is not written anywhere: npm run pulumi -- config set --secret --path vigie:secrets.${id}`,
      });
    const name = oneLine(draft.group === undefined ? draft.name : `${draft.group} / ${draft.name}`) || "imported";
    const url = z.url({ protocol: /^https?$/ }).safeParse(draft.url).success ? withoutSecrets(draft.url!) : undefined;
    services.push([
      id,
      {
        name: { fr: name, en: name },
        purpose: { fr: `À décrire (repris de ${from})`, en: `To be described (imported from ${from})` },
        owner,
        delivery: { by: "supplier", supplier, ...(url === undefined ? {} : { url }) },
        checks,
        backup: { none: `To be decided: imported from ${from}` },
        runbook: "external-service",
        privacy: { none: `To be decided: imported from ${from}` },
      },
    ]);
  }
  const checks = services.reduce((sum, [, service]) => sum + (service.checks as unknown[]).length, 0);
  const announced = windowsOf(windows, ids, losses);
  return {
    source: moduleOf(Object.fromEntries(services), announced, from, losses),
    services: services.length,
    windows: Object.keys(announced).length,
    checks,
    losses,
  };
}

/** Work that is announced, on the services that were written; what the declaration would refuse is told and left out. */
function windowsOf(windows: readonly DraftWindow[], ids: ReadonlyMap<Draft, string>, losses: Loss[]): Plain {
  const found: Record<string, Plain> = {};
  for (const { title, text, on, when, timeZone } of windows) {
    const named = oneLine(title) || "Maintenance";
    const id = idOf(
      { name: on === "all" || on.length !== 1 ? named : `${ids.get(on[0]!)}-${named}` },
      new Set(Object.keys(found)),
    );
    const said = text === undefined ? "" : oneLine(text);
    const window = {
      services: on === "all" ? [...ids.values()] : on.flatMap((draft) => ids.get(draft) ?? []),
      title: { fr: named, en: named },
      ...(said === "" ? {} : { text: { fr: said, en: said } }),
      when,
      ...(timeZone === undefined ? {} : { timeZone }),
    };
    // What services there are is seen with the whole declaration.
    const wrong = maintenance.safeParse(window).error;
    const never = "every" in when ? schedule.safeParse(when.every).error : undefined;
    if (never ?? wrong)
      losses.push({ where: JSON.stringify(named), what: "the maintenance", why: issuesOf((never ?? wrong)!) });
    else found[id] = window;
  }
  return found;
}

const oneLine = (text: string): string =>
  plainText(text, LONGEST_TEXT)
    .replace(/[\u2400-\u2421]/g, " ")
    .replace(/\s+/g, " ")
    .trim();

/** A secret is called as its service is. */
const signedIn = ({ signIn, ...check }: DraftCheck, id: string): DraftCheck =>
  signIn === undefined ? check : { ...check, fields: { ...check.fields, ...signIn({ secret: id }) } };

/** Where members are sent has no password in it. */
const withoutSecrets = (url: string): string | undefined => readUrl(url, () => {})?.url;

/** The check as the lookout will take it; nothing, with the reasons told, where it will not. */
function accepted(
  { name }: Draft,
  { check, fields, conditions }: DraftCheck,
  { checks }: Vocabulary,
  losses: Loss[],
): Plain[] {
  const where = JSON.stringify(oneLine(name));
  const kind = Object.hasOwn(checks, check) ? checks[check] : undefined;
  const lose = (what: string, why: string): void => void losses.push({ where, what, why });
  if (kind === undefined) {
    lose(`its check ${check}`, "this version of the lookout has no such check");
    return [];
  }
  const shared = new Set(Object.keys(checkBase.shape));
  const base = Object.fromEntries(Object.entries(fields).filter(([key]) => shared.has(key)));
  let own: Plain = Object.fromEntries(Object.entries(fields).filter(([key]) => !shared.has(key)));
  const common = checkBase.safeParse({ ...base, check });
  if (common.error) {
    lose(`its check ${check}`, issuesOf(common.error));
    return [];
  }
  // A run ends before the next begins.
  const { every, timeout } = common.data;
  const fitting = "everySeconds" in every && timeout > every.everySeconds ? { timeout: `${every.everySeconds}s` } : {};
  if (fitting.timeout !== undefined && base.timeout !== undefined)
    lose(`${check}.timeout`, `${fitting.timeout} instead of ${timeout}s: a run ends before the next begins`);
  // A field that is refused is left out where the check means something without it.
  for (let wrong = kind.params.safeParse(own).error; wrong !== undefined; wrong = kind.params.safeParse(own).error) {
    const key = String(wrong.issues[0]!.path[0] ?? (wrong.issues[0] as { keys?: string[] }).keys?.[0] ?? "");
    lose(key === "" ? `its check ${check}` : `${check}.${key}`, issuesOf(wrong));
    if (!Object.hasOwn(own, key) || ["url", "address", "host", "name"].includes(key)) return [];
    own = Object.fromEntries(Object.entries(own).filter(([other]) => other !== key));
  }
  const kept = (conditions ?? []).filter((condition) => {
    if (IMPLIED.test(condition)) return false;
    if (SECRET_VALUE.test(condition) && namesOrHolds(condition)) {
      lose(`condition on ${condition.split(/\s/)[0]}`, "it compares with what looks like a secret");
      return false;
    }
    const wrong = kind.params.safeParse({ ...own, conditions: [condition] }).error;
    if (wrong) lose(`condition ${condition}`, issuesOf(wrong));
    return wrong === undefined;
  });
  while (kept.length > 0 && !kind.params.safeParse({ ...own, conditions: kept }).success)
    lose(`condition ${kept.pop()}`, "a check has no more conditions than those before it");
  const complete = kind.params.safeParse({ ...own, ...(kept.length > 0 ? { conditions: kept } : {}) });
  const lacking = complete.success ? kind.resolve?.(complete.data, NOWHERE) : issuesOf(complete.error);
  if (typeof lacking === "string") {
    lose(`its check ${check}`, `expected ${lacking}`);
    return [];
  }
  return [{ check, ...own, ...(kept.length > 0 ? { conditions: kept } : {}), ...base, ...fitting }];
}

/** A comparison with a text of its own. */
const SECRET_VALUE = /\s(==|!=)\s+(?!(true|false|null|pat\(\*+\)|-?[\d.]+)$)\S/;
const namesOrHolds = (condition: string): boolean =>
  holdsSecret(condition) || looksSecret(/^\[\w+\][.\w[\]-]*?([\w-]+)[\d[\]]*\s/.exec(condition)?.[1] ?? "");

/** What is imported has no ports nor host names of its own: a check says by itself where to look. */
const NOWHERE = {
  service: { id: "it", ports: {} },
  endpoint: () => undefined,
  reach: () => undefined,
  settingsOf: () => undefined,
} as unknown as ResolveContext;

/** Every check of ours fails when it cannot connect. */
const IMPLIED = /^\[CONNECTED\]\s*==\s*true$/;

const issuesOf = ({ issues }: z.ZodError): string =>
  oneLine(
    [
      ...new Set(
        issues.map(({ path, message }) =>
          [...path.slice(1).filter((part) => typeof part === "string"), message].join(" "),
        ),
      ),
    ].join("; "),
  ).slice(0, 300);

/** Two checks of one kind on one service are told apart by ids. */
function withIds(checks: readonly Plain[]): Plain[] {
  const seen = new Map<string, number>();
  return checks.map(({ check, ...fields }) => {
    const count = (seen.get(String(check)) ?? 0) + 1;
    seen.set(String(check), count);
    return { check, ...(count > 1 ? { id: `${String(check)}-${count}` } : {}), ...fields };
  });
}

const LONGEST_ID = 40;

/** A name for the declaration: lower-case words, unique. Where a name has no such letters, its address may. */
function idOf({ name, group, url }: Pick<Draft, "name" | "group" | "url">, taken: ReadonlySet<string>): string {
  const words = [[group, name].filter((text) => text !== undefined).join("-"), url && URL.parse(url)?.hostname, name]
    .map((text, at) => wordsIn(at === 2 ? `host ${text}` : (text ?? "").replace(/^[^\p{L}]+/u, "")))
    .find((text) => text !== "" && text !== "host");
  const base = (words ?? "imported").slice(0, LONGEST_ID - 4).replace(/-+$/, "");
  let id = base;
  for (let more = 2; taken.has(id); more++) id = `${base}-${more}`;
  return id;
}

const wordsIn = (text: string): string =>
  text
    .normalize("NFD")
    .toLowerCase()
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[-0-9]+|-+$/g, "");

function moduleOf(services: Plain, announced: Plain, from: string, losses: readonly Loss[]): string {
  const notes = gathered(losses).map(
    ({ where, what, why }) => ` * - ${comment(where)}: ${comment(what)} – ${comment(why)}`,
  );
  return [
    'import type { Part } from "../../association/index.ts";',
    "",
    "/**",
    ` * What was imported from ${comment(from)}: read it, give each service its owner, purpose, backup and privacy, and put it among the \`services\` of the declaration.`,
    ...(notes.length > 0 ? [" *", " * Not carried over:", ...notes] : []),
    " */",
    `export const imported = ${literal(services)} as const satisfies Part<"services">;`,
    "",
    ...(Object.keys(announced).length === 0
      ? []
      : [
          "/** Put it among the `maintenance` of the declaration, in the words of those who read it. */",
          `export const importedMaintenance = ${literal(announced)} as const satisfies Part<"maintenance">;`,
          "",
        ]),
  ].join("\n");
}

/** Nothing in it ends the comment. */
const comment = (text: string): string => oneLine(text).replaceAll("*/", "* /");

/** A value as TypeScript writes it: JSON's strings are JavaScript's (ECMA-262, since 2019). */
function literal(value: unknown, indent = ""): string {
  const deeper = `${indent}  `;
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, indent)).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  const entries = Object.entries(value).map(([key, item]) => {
    const name = /^[A-Za-z_]\w*$/.test(key) && key !== "__proto__" ? key : `[${JSON.stringify(key)}]`;
    return `${deeper}${name.startsWith("[") && key !== "__proto__" ? JSON.stringify(key) : name}: ${literal(item, deeper)},`;
  });
  return entries.length === 0 ? "{}" : `{\n${entries.join("\n")}\n${indent}}`;
}
