import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Incident } from "../../dashboards/incident.ts";
import { isDamage, moveAside, takeCopy } from "../history/open.ts";

export const INCIDENTS_FILE = "incidents.sqlite";

/** An incident as it stands on disk. */
interface Kept {
  readonly id: string;
  readonly started: number;
  readonly text: string;
}

/**
 * Incidents on disk, in a file of their own: they are few, kept for long, and not to be lost with a damaged history. Every
 * change is committed at once; where the disk refuses, the book goes on in memory, and it is tried again at each look.
 */
export class IncidentStore {
  readonly #folder: string;
  readonly #path: string;
  #db: DatabaseSync | undefined;
  #problem: string | undefined;
  #aside: string | undefined;
  /** The disk would not even be read: what an earlier run kept may still be there. */
  #unread = false;
  /** What could not be kept, by incident. */
  readonly #waiting = new Map<string, Kept>();

  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, INCIDENTS_FILE);
  }

  /** What is wrong with it, in sentences. */
  get problems(): string[] {
    return [
      ...(this.#problem === undefined ? [] : [`Incidents are kept in memory only: ${this.#problem}`]),
      ...(this.#aside === undefined
        ? []
        : [`The file of incidents was damaged; it was moved to ${this.#aside} and a new one begun`]),
    ];
  }

  /** Every incident, the oldest first. A damaged file is moved aside. */
  load(): Incident[] {
    // Where it was moved aside, a snapshot's copy may take its place.
    const found = this.#read() ?? (this.#aside === undefined ? undefined : this.#read());
    this.#unread = found === undefined;
    return found ?? [];
  }

  #read(): Incident[] | undefined {
    return this.#attempt((db) => {
      const rows = db.prepare("SELECT incident FROM incident ORDER BY started").all() as { incident: string }[];
      return rows.map(({ incident }) => JSON.parse(incident) as Incident);
    });
  }

  save({ id, started }: Incident, text: string): void {
    this.#waiting.set(id, { id, started, text });
    this.#write();
  }

  /** Tries what the disk refused once more. Gives what an earlier run had kept, where the start could not read it: once. */
  again(): Incident[] {
    if (this.#problem === undefined) return [];
    const found = this.#unread ? this.load() : [];
    if (!this.#unread) this.#write();
    return found;
  }

  #write(): void {
    this.#attempt((db) => {
      const save = db.prepare(
        "INSERT INTO incident VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET started = excluded.started, incident = excluded.incident",
      );
      for (const { id, started, text } of this.#waiting.values()) {
        save.run(id, started, text);
        this.#waiting.delete(id);
      }
    });
  }

  /** Keeps these and no others; all, while it is not known what there is. */
  keep(ids: ReadonlySet<string>): void {
    if (this.#unread) return;
    this.#attempt((db) => {
      for (const table of ["incident", "ticket"]) {
        const remove = db.prepare(`DELETE FROM ${table} WHERE id = ?`);
        for (const { id } of db.prepare(`SELECT id FROM ${table}`).all() as { id: string }[])
          if (!ids.has(id)) remove.run(id);
      }
    });
  }

  /** How many updates of each incident its ticket has told. */
  tickets(): Map<string, number> {
    return (
      this.#attempt((db) => {
        const rows = db.prepare("SELECT id, told FROM ticket").all() as { id: string; told: number }[];
        return new Map(rows.map(({ id, told }) => [id, told]));
      }) ?? new Map()
    );
  }

  saveTicket(id: string, told: number): void {
    this.#attempt((db) =>
      db.prepare("INSERT INTO ticket VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET told = excluded.told").run(id, told),
    );
  }

  close(): void {
    this.#db?.close();
    this.#db = undefined;
  }

  #attempt<T>(work: (db: DatabaseSync) => T): T | undefined {
    try {
      this.#db ??= this.#open();
      const done = work(this.#db);
      this.#problem = undefined;
      return done;
    } catch (error) {
      this.#problem = (error as Error).message;
      if (isDamage(error)) this.#replace();
      return undefined;
    }
  }

  #open(): DatabaseSync {
    takeCopy(this.#folder, INCIDENTS_FILE);
    const db = new DatabaseSync(this.#path);
    db.exec(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000;" +
        "CREATE TABLE IF NOT EXISTS incident (id TEXT PRIMARY KEY, started INTEGER NOT NULL, incident TEXT NOT NULL) STRICT;" +
        "CREATE TABLE IF NOT EXISTS ticket (id TEXT PRIMARY KEY, told INTEGER NOT NULL) STRICT",
    );
    return db;
  }

  #replace(): void {
    try {
      this.#db?.close();
    } catch {
      // It is moved aside all the same.
    }
    this.#db = undefined;
    try {
      this.#aside = moveAside(this.#path);
    } catch {
      // The problem that is known already says it.
    }
  }
}
