import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { drillsReport, type Reports, versionsReport } from "../../dashboards/reports.ts";

/** Larger than this, it is not a report of ours. */
const MOST_BYTES = 8 * 1024 * 1024;
/** How often the files are looked at, in milliseconds: pages and scrapes may ask far more often. */
const LOOK_EVERY = 5_000;

/** Reports that commands leave in the lookout's volume; read again only where a file has changed. */
export class ReportFiles {
  readonly #folder: string;
  readonly #onChange: () => void;
  readonly #onProblem: (name: string, problem: string | undefined) => void;
  readonly #known = new Map<string, { mark: string; value: unknown }>();
  #lookedAt = Number.NEGATIVE_INFINITY;
  #reports: Reports = {};

  constructor(
    folder: string,
    onChange: () => void = () => {},
    onProblem: (name: string, problem: string | undefined) => void = () => {},
  ) {
    this.#folder = folder;
    this.#onChange = onChange;
    this.#onProblem = onProblem;
  }

  /** What there is now. Never throws: a file that cannot be read is a problem told, and the last good content stays. */
  read(now = performance.now()): Reports {
    if (now - this.#lookedAt < LOOK_EVERY) return this.#reports;
    this.#lookedAt = now;
    const versions = this.#file("versions", versionsReport);
    const drills = this.#file("drills", drillsReport);
    if (versions !== this.#reports.versions || drills !== this.#reports.drills) {
      this.#reports = { ...(versions ? { versions } : {}), ...(drills ? { drills } : {}) };
      this.#onChange();
    }
    return this.#reports;
  }

  #file<T>(name: string, schema: z.ZodType<T>): T | undefined {
    const file = join(this.#folder, `report-${name}.json`);
    const found = statSync(file, { throwIfNoEntry: false });
    if (found === undefined || !found.isFile()) return undefined;
    const mark = `${found.ino} ${found.size} ${found.mtimeMs}`;
    const known = this.#known.get(name);
    if (known?.mark === mark) return known.value as T | undefined;
    const { value, problem } = parse(file, found.size, schema);
    this.#known.set(name, { mark, value: value ?? known?.value });
    this.#onProblem(`report-${name}`, problem && `${file}: ${problem}`);
    return value ?? (known?.value as T | undefined);
  }
}

function parse<T>(file: string, size: number, schema: z.ZodType<T>): { value?: T; problem?: string } {
  if (size > MOST_BYTES) return { problem: `is longer than ${MOST_BYTES} bytes` };
  try {
    const { data, error } = schema.safeParse(JSON.parse(readFileSync(file, "utf8")));
    return error
      ? { problem: `is no report: ${error.issues[0]?.path.join(".")}: ${error.issues[0]?.message}` }
      : { value: data };
  } catch (error) {
    return { problem: (error as Error).message.slice(0, 200) };
  }
}
