import {
  closeSync,
  existsSync,
  globSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, isAbsolute, join, normalize } from "node:path";
import { parseEnv } from "node:util";
import { loadVocabulary } from "../association/index.ts";
import type { Command } from "./command.ts";
import { importBlackbox } from "./import/blackbox.ts";
import { gathered, ImportError, type Imported } from "./import/draft.ts";
import { importGatusFiles } from "./import/gatus.ts";
import type { Variables } from "./import/gatus-variables.ts";
import type { TargetsFile } from "./import/prometheus-targets.ts";
import { type ConfigFile, MOST_BYTES } from "./import/read.ts";
import { importUptimeKuma } from "./import/uptime-kuma.ts";
import { readKumaDatabase, SQLITE } from "./import/uptime-kuma-database.ts";
import { writeServices } from "./import/write.ts";
import { Refusal } from "./refusal.ts";
import { say } from "./say.ts";

interface Source {
  readonly title: string;
  /** Files of a folder that are read as one configuration: the first of these that is there. */
  readonly files: readonly string[];
  readonly read: (
    files: readonly ConfigFile[],
    more: { targets: TargetsFile | undefined; variables: Variables },
  ) => Imported;
}

/** Of several files, what each says. */
const each =
  (read: (file: ConfigFile) => Imported) =>
  (files: readonly ConfigFile[]): Imported => {
    const all = files.map((file) => ({ windows: [], ...read(file), name: file.name }));
    return {
      drafts: all.flatMap(({ drafts }) => drafts),
      windows: all.flatMap(({ windows }) => windows),
      losses: all.flatMap(({ name, losses }) =>
        all.length === 1 ? losses : losses.map((loss) => ({ ...loss, where: `${name}: ${loss.where}` })),
      ),
    };
  };

const SOURCES: Readonly<Record<string, Source>> = {
  gatus: {
    title: "Gatus",
    files: ["**/*.{yaml,yml}"],
    read: (files, { variables }) => importGatusFiles(files, variables),
  },
  "uptime-kuma": {
    title: "Uptime Kuma",
    files: ["kuma.db", "*.json"],
    read: each(({ text, name }) => importUptimeKuma(text, name)),
  },
  blackbox: {
    title: "blackbox_exporter",
    files: ["*.{yaml,yml}"],
    read: (files, { targets }) => each(({ text, name }) => importBlackbox(text, name, targets))(files),
  },
};

const command: Command = {
  words: { usage: "gatus|uptime-kuma|blackbox FILE|FOLDER", min: 2, max: 2 },
  flags: {
    targets: {
      type: "string",
      value: "FILE",
      help: "for blackbox: a prometheus.yml, beside the files of targets that it names, or such a file",
    },
    env: {
      type: "string",
      value: "FILE",
      help: "for gatus: NAME=value lines, for variables that are no secrets",
    },
    to: { type: "string", value: "FILE", help: "where to write the TypeScript; shown when left out" },
    owner: {
      type: "string",
      value: "ROLE",
      default: "to-be-named",
      help: "the role that answers for what is imported",
    },
    supplier: { type: "string", value: "NAME", default: "to-be-named", help: "the supplier that runs it" },
  },
  notes: "What could not be carried over is told, and why: docs/import.md",
  async run({ flags, words: [program, file] }) {
    const source = Object.hasOwn(SOURCES, program!) ? SOURCES[program!] : undefined;
    if (source === undefined)
      throw new Refusal({
        what: `"${program}" is none of ${Object.keys(SOURCES).join(", ")}`,
        fix: "npm run import -- --help",
      });
    const targets = typeof flags.targets === "string" ? targetsIn(flags.targets) : undefined;
    const variables = typeof flags.env === "string" ? parseEnv(read(flags.env).text) : {};
    let imported: Imported;
    try {
      imported = source.read(filesOf(file!, source), { targets, variables });
    } catch (error) {
      if (error instanceof ImportError) throw new Refusal({ what: error.message, fix: "Nothing was written" });
      throw error;
    }
    const owned = { owner: String(flags.owner), supplier: String(flags.supplier) };
    const written = writeServices(imported, source.title, owned, await loadVocabulary());
    if (typeof flags.to === "string") {
      if (existsSync(flags.to))
        throw new Refusal({ what: `${flags.to} exists`, fix: "Name another file, or move it away" });
      mkdirSync(dirname(flags.to), { recursive: true });
      writeFileSync(flags.to, written.source);
    } else say.result(written.source);
    const losses = gathered(written.losses);
    for (const { where, what, why } of losses) say.warn(`${where}: ${what} – ${why}`);
    say.good(
      `${written.services} services with ${written.checks} checks, ${written.windows} windows of maintenance; ${losses.length} things not carried over`,
    );
  },
};
export default command;

function read(path: string): ConfigFile {
  if (!existsSync(path))
    throw new Refusal({ what: `There is no file ${path}`, fix: "Give its path from where you are" });
  if (statSync(path).isDirectory()) throw new Refusal({ what: `${path} is a folder`, fix: "Give the file itself" });
  // A database holds history too, however long: only what is watched is read of it.
  if (isDatabase(path)) return { text: readKumaDatabase(path, basename(path)), name: basename(path) };
  const { size } = statSync(path);
  if (size === 0) throw new Refusal({ what: `${path} is empty`, fix: "Copy it once more, or name another file" });
  if (size > MOST_BYTES)
    throw new Refusal({
      what: `${path} has ${size} bytes`,
      fix: `No configuration is longer than ${MOST_BYTES}: is it the right file?`,
    });
  return { text: readFileSync(path, "utf8"), name: basename(path) };
}

/** A Prometheus configuration, which may name files of targets: those beside it are read. */
const targetsIn = (path: string): TargetsFile => ({
  ...read(path),
  beside(pattern) {
    // Where its container has the folder.
    const own = normalize(pattern.replace(/^\/etc\/prometheus\//, ""));
    if (isAbsolute(own) || own.startsWith("..")) return [];
    const folder = dirname(path);
    return globSync(own, { cwd: folder })
      .sort()
      .map((name) => ({ ...read(join(folder, name)), name }));
  },
});

function isDatabase(path: string): boolean {
  const begin = Buffer.alloc(SQLITE.length);
  const file = openSync(path, "r");
  try {
    readSync(file, begin);
  } finally {
    closeSync(file);
  }
  return begin.toString("latin1") === SQLITE;
}

/** The file, or those of a folder that make one configuration. */
function filesOf(path: string, { title, files }: Source): ConfigFile[] {
  if (!existsSync(path) || !statSync(path).isDirectory()) return [read(path)];
  const [found = []] = files.map((one) => globSync(one, { cwd: path }).sort()).filter(({ length }) => length > 0);
  if (found.length === 0)
    throw new Refusal({ what: `${path} holds no file of ${title} (${files.join(", ")})`, fix: "Give the file itself" });
  return found.map((name) => ({ ...read(join(path, name)), name }));
}
