import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "./shape.ts";

/** What a proof of a restore found; made by `npm run prove`, which alone may start containers, and kept here for the lookout. */
export interface Proof {
  readonly service: string;
  /** ISO 8601. */
  readonly at: string;
  readonly ok: boolean;
  readonly reason?: string;
}

const FOLDER = "/var/cache/restic/notes";
const NAME = /^[a-z0-9][a-z0-9-]{0,99}$/;
const MOST_BYTES = 65_536;

export const isNoteName = (name: unknown): name is string => typeof name === "string" && NAME.test(name);

/** A note's text; undefined where there is none. */
export function readNote(name: string, folder = FOLDER): string | undefined {
  try {
    return readFileSync(join(folder, `${name}.json`), "utf8");
  } catch {
    return undefined;
  }
}

/** Keeps JSON under a name. Throws what is wrong with it. */
export function writeNote(name: string, text: string, folder = FOLDER): void {
  if (text.length > MOST_BYTES) throw new Error(`a note has ${MOST_BYTES} characters at most`);
  JSON.parse(text);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json.new`), text);
  renameSync(join(folder, `${name}.json.new`), join(folder, `${name}.json`));
}

/** The last proof of each service. */
export function readProofs(folder = FOLDER): Proof[] {
  let files: string[];
  try {
    files = readdirSync(folder);
  } catch {
    return [];
  }
  return files
    .filter((file) => /^proof-.*\.json$/.test(file))
    .flatMap((file): Proof[] => {
      try {
        const value: unknown = JSON.parse(readFileSync(join(folder, file), "utf8"));
        return isObject(value) && typeof value.service === "string" && typeof value.at === "string"
          ? [value as unknown as Proof]
          : [];
      } catch {
        return [];
      }
    });
}
