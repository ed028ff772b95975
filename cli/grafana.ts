import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { GRAFANA } from "../dashboards/grafana/index.ts";
import type { Command } from "./command.ts";
import { LOCAL } from "./places.ts";
import { Refusal } from "./refusal.ts";
import { say } from "./say.ts";

/**
 * Writes each dashboard as a file of JSON, as Grafana imports and provisions it. A file is replaced whole or not at all: Grafana
 * may be watching the folder.
 *
 * @returns The files' paths.
 * @throws Refusal where the folder cannot be written to.
 */
export function writeDashboards(folder: string): string[] {
  try {
    mkdirSync(folder, { recursive: true });
    return Object.entries(GRAFANA).map(([name, build]) => {
      const file = join(folder, `${name}.json`);
      const part = `${file}.${process.pid}.part`;
      try {
        writeFileSync(part, `${JSON.stringify(build(), null, 2)}\n`, { flag: "wx" });
        renameSync(part, file);
      } catch (error) {
        rmSync(part, { force: true });
        throw error;
      }
      return file;
    });
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    throw new Refusal({
      what: `${folder} cannot be written to: ${error.message}`,
      fix: "Name a folder of yours: npm run grafana -- --to FOLDER",
    });
  }
}

const command: Command = {
  flags: {
    to: { type: "string", value: "FOLDER", help: "where to write them (.vigie/grafana unless told)" },
  },
  notes: "How to import or provision them, and how to write one: docs/grafana.md",
  async run({ flags }) {
    const folder = typeof flags.to === "string" ? resolve(flags.to) : join(LOCAL, "grafana");
    for (const file of writeDashboards(folder)) say.result(file);
  },
};
export default command;
