import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** What the agent remembers over a restart, in a file of its cache's volume. Lost, it is only made anew. */
export class Memory<T extends object> {
  readonly #file: string;
  value: Partial<T>;

  constructor(file = "/var/cache/restic/vigie.json") {
    this.#file = file;
    this.value = read<T>(file);
  }

  /** Rewritten whole; readers never see a half. A disk that is full makes the agent forgetful, not dead. */
  keep(changes: Partial<T>): void {
    this.value = { ...this.value, ...changes };
    try {
      mkdirSync(dirname(this.#file), { recursive: true });
      writeFileSync(`${this.#file}.new`, JSON.stringify(this.value));
      renameSync(`${this.#file}.new`, this.#file);
    } catch {
      // It goes on from memory.
    }
  }
}

function read<T>(file: string): Partial<T> {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    return typeof value === "object" && value !== null ? (value as Partial<T>) : {};
  } catch {
    return {};
  }
}
