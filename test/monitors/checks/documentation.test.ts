import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { z } from "zod";
import { definition } from "../../../association/references.ts";
import type { RunnableCheck } from "../../../monitors/check.ts";
import { loadChecks } from "../../../monitors/checks.ts";
import { PLACES } from "../../../monitors/conditions/places.ts";
import { REASONS } from "../../../monitors/reasons.ts";

const PAGE = new URL("../../../docs/checks.md", import.meta.url);
const FOLDER = new URL("../../../monitors/checks/", import.meta.url);

/** Reasons that any check may have, which the page names once. */
const COMMON = new Set(
  "internal timeout name-not-found resolver-failed refused unreachable closed malformed too-large handshake expired not-yet-valid wrong-name untrusted not-configured".split(
    " ",
  ),
);

/** Words of a source, and of what it imports of its own folder, that are reasons. */
function reasonsIn(file: string, seen = new Set<string>()): Set<string> {
  const found = new Set<string>();
  if (seen.has(file)) return found;
  seen.add(file);
  const source = readFileSync(new URL(file, FOLDER), "utf8");
  for (const [, word] of source.matchAll(/["'`]([a-z-]+)["'`]/g))
    if (Object.hasOwn(REASONS, word!) && !COMMON.has(word!)) found.add(word!);
  for (const [, helper] of source.matchAll(/["']\.\/(_[a-z-]+\.ts)["']/g))
    for (const word of reasonsIn(helper!, seen)) found.add(word);
  return found;
}

/** The object that a schema describes, under what was put around it. */
function shapeOf(schema: z.ZodType): Record<string, z.ZodType> {
  const { shape, innerType, in: piped } = definition(schema);
  return shape ?? (innerType ? shapeOf(innerType) : piped ? shapeOf(piped) : {});
}
const isOptional = (schema: z.ZodType): boolean => schema.safeParse(undefined).success;

function placesOf(params: z.ZodType): string[] {
  const own =
    shapeOf(params).conditions ??
    shapeOf(definition(shapeOf(params).steps ?? z.string()).element ?? z.string()).conditions;
  const { innerType } = own === undefined ? {} : definition(own);
  return ((innerType ?? own)?.meta()?.places as string[] | undefined) ?? [];
}

function row(name: string, { summary, params }: RunnableCheck): string {
  const fields = Object.entries(shapeOf(params)).map(([field, schema]) => (isOptional(schema) ? `[${field}]` : field));
  const reasons = [...reasonsIn(`${name}.ts`)].sort();
  const cell = (text: string) => text.replaceAll("|", "\\|");
  return `| \`${name}\` | ${cell(summary)} | ${fields.map((field) => `\`${field}\``).join(" ")} | ${
    placesOf(params)
      .map((place) => `\`[${place}]\``)
      .join(" ") || "–"
  } | ${reasons.map((reason) => `\`${reason}\``).join(" ") || "–"} |`;
}

const between = (page: string, name: string, text: string): string =>
  page.replace(
    new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`),
    (_, start, end) => `${start}${text}\n${end}`,
  );

it("docs/checks.md tells of every check what the code does (VIGIE_WRITE_DOCS=1 writes it)", async () => {
  const page = readFileSync(PAGE, "utf8");
  const checks = Object.entries(await loadChecks()).filter(([name]) => name !== "finger");
  const table = [
    "| check | what it looks at | parameters | conditions on | reasons of its own |",
    "|---|---|---|---|---|",
    ...checks.map(([name, check]) => row(name, check)),
  ].join("\n");
  const places = [
    "| placeholder | what it is |",
    "|---|---|",
    ...Object.entries(PLACES).map(([name, { help }]) => `| \`[${name}]\` | ${help} |`),
  ].join("\n");
  const expected = between(between(page, "checks", table), "places", places);
  if (process.env.VIGIE_WRITE_DOCS) writeFileSync(PAGE, expected);
  else expect(page).toBe(expected);
});

it("every reason is one that some check, or the engine, can give", () => {
  expect([...COMMON].filter((reason) => !Object.hasOwn(REASONS, reason))).toEqual([]);
});
