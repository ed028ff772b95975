import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { loadVocabulary } from "../association/index.ts";
import type { Command } from "./command.ts";
import { importBlackbox } from "./import/blackbox.ts";
import { ImportError, type Imported } from "./import/draft.ts";
import { importGatus } from "./import/gatus.ts";
import { importUptimeKuma } from "./import/uptime-kuma.ts";
import { writeServices } from "./import/write.ts";
import { Refusal } from "./refusal.ts";
import { say } from "./say.ts";

interface Source {
  readonly title: string;
  readonly read: (text: string, name: string, targets: { text: string; name: string } | undefined) => Imported;
}

const SOURCES: Readonly<Record<string, Source>> = {
  gatus: { title: "Gatus", read: importGatus },
  "uptime-kuma": { title: "Uptime Kuma", read: importUptimeKuma },
  blackbox: { title: "blackbox_exporter", read: importBlackbox },
};

const command: Command = {
  words: { usage: "gatus|uptime-kuma|blackbox FILE", min: 2, max: 2 },
  flags: {
    targets: { type: "string", value: "FILE", help: "for blackbox: a prometheus.yml or a file of targets" },
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
    const read = (path: string) => {
      if (!existsSync(path))
        throw new Refusal({ what: `There is no file ${path}`, fix: "Give its path from where you are" });
      return { text: readFileSync(path, "utf8"), name: basename(path) };
    };
    const { text, name } = read(file!);
    const targets = typeof flags.targets === "string" ? read(flags.targets) : undefined;
    let imported: Imported;
    try {
      imported = source.read(text, name, targets);
    } catch (error) {
      if (error instanceof ImportError) throw new Refusal({ what: error.message, fix: "Nothing was written" });
      throw error;
    }
    const owned = { owner: String(flags.owner), supplier: String(flags.supplier) };
    const written = writeServices(imported, source.title, owned, await loadVocabulary());
    if (typeof flags.to === "string") {
      if (existsSync(flags.to))
        throw new Refusal({ what: `${flags.to} exists`, fix: "Name another file, or move it away" });
      writeFileSync(flags.to, written.source);
    } else say.result(written.source);
    for (const { where, what, why } of written.losses) say.warn(`${where}: ${what} – ${why}`);
    say.good(
      `${written.services} services with ${written.checks} checks; ${written.losses.length} things not carried over`,
    );
  },
};
export default command;
