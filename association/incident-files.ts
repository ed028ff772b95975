import { readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";

/** Loaded by who reads such a file: the lookout, which shares this folder and reads none, would keep it in memory for nothing. */
const yaml = (): typeof import("yaml") => createRequire(import.meta.url)("yaml") as typeof import("yaml");

const SUFFIX = ".md";

/** A file longer than this is no incident. In bytes. */
const MOST_BYTES = 200_000;

/**
 * Incidents written by hand: the Markdown files of a folder beside the declaration, so that they are reviewed as it is. Each begins with its
 * fields in YAML between two lines of `---`; what follows is the postmortem, in one language for both or in blocks
 * `{{#fr}}` … `{{/fr}}` and `{{#en}}` … `{{/en}}`, each alone on its line.
 *
 * @returns what was read, by file name: it is verified with the rest of the declaration, whose compiler cannot know what files say
 * @example
 * defineAssociation({ …, incidents: incidentsIn(join(import.meta.dirname, "incidents")) });
 */
export function incidentsIn(folder: string): Record<string, never> {
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((file) => file.isFile() && file.name.endsWith(SUFFIX))
    .map(({ name }) => name);
  return Object.fromEntries(
    files.map((name) => {
      const path = join(folder, name);
      const read =
        statSync(path).size > MOST_BYTES ? `more than ${MOST_BYTES} bytes` : readIncident(readFileSync(path, "utf8"));
      return [basename(name, SUFFIX), read as never];
    }),
  );
}

const FRONT = /^---\r?\n([\s\S]*?)^---[ \t]*(?:\r?\n([\s\S]*))?$/m;

/** The fields of an incident's text; why it cannot be read, in words, which no schema takes for an incident. */
export function readIncident(text: string): unknown {
  const [, front, body = ""] = FRONT.exec(text.replace(/^\uFEFF/, "")) ?? [];
  if (front === undefined || !text.replace(/^\uFEFF/, "").startsWith("---")) return "no YAML between two lines of ---";
  const document = yaml().parseDocument(front, { schema: "core", uniqueKeys: true, strict: true });
  const [wrong] = document.errors;
  if (wrong !== undefined) {
    const line = (wrong.linePos?.[0].line ?? 0) + 1;
    return `YAML, line ${line}: ${wrong.message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "")}`;
  }
  let fields: unknown;
  try {
    // A few repetitions are a writer's convenience, many are a bomb.
    fields = document.toJS({ maxAliasCount: 20 });
  } catch (error) {
    return `YAML: ${(error as Error).message}`;
  }
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return "YAML without fields";
  const postmortem = body.trim() === "" ? {} : { postmortem: inLanguages(body) };
  return { ...fields, ...postmortem };
}

/** The parts of a text by language; the whole text for both where it has none. */
function inLanguages(body: string): Record<string, string> {
  const parts = [...body.matchAll(/^\{\{#(fr|en)\}\}[ \t]*\r?\n([\s\S]*?)^\{\{\/\1\}\}[ \t]*$/gm)];
  return parts.length === 0
    ? { fr: body, en: body }
    : Object.fromEntries(parts.map(([, lang, text]) => [lang!, text!]));
}
