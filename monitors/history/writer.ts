import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { DayBar } from "../../dashboards/view.ts";
import type { Standing } from "../engine/standing.ts";
import { dayNumber } from "./days.ts";
import { codeOf, type Row } from "./row.ts";

/** Puts results into the file. */
export class Writer {
  readonly #db: DatabaseSync;
  readonly #result: StatementSync;
  readonly #change: StatementSync;
  readonly #standing: StatementSync;
  readonly #day: StatementSync;
  readonly #addName: StatementSync;
  readonly #addText: StatementSync;
  readonly #names = new Map<string, number>();

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#result = db.prepare("INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?, ?, ?)");
    this.#change = db.prepare("INSERT OR REPLACE INTO change VALUES (?, ?, ?, ?, ?)");
    this.#standing = db.prepare("INSERT OR REPLACE INTO standing VALUES (?, ?)");
    this.#day = db.prepare("INSERT OR REPLACE INTO day VALUES (?, ?, ?, ?, ?, ?)");
    // The update changes nothing; it makes RETURNING answer for a text that is there already.
    this.#addName = db.prepare(
      "INSERT INTO name (value) VALUES (?) ON CONFLICT DO UPDATE SET value = value RETURNING id",
    );
    this.#addText = db.prepare(
      "INSERT INTO text (value, used) VALUES (?, ?) ON CONFLICT DO UPDATE SET used = excluded.used RETURNING id",
    );
  }

  /** All or nothing. @throws SQLite's error. */
  write(rows: readonly Row[], standings: readonly Standing[], days: readonly { service: string; bar: DayBar }[]): void {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      for (const row of rows) this.#writeRow(row);
      for (const standing of standings) this.#standing.run(this.#name(standing.check), JSON.stringify(standing));
      for (const { service, bar } of days)
        this.#day.run(
          this.#name(service),
          dayNumber(bar.day),
          bar.good,
          bar.total,
          Math.round(bar.down * 1000),
          Math.round((bar.maintenance ?? 0) * 1000),
        );
      this.#db.exec("COMMIT");
    } catch (error) {
      // Numbers given in this transaction are void.
      this.#names.clear();
      try {
        this.#db.exec("ROLLBACK");
      } catch {
        // SQLite has rolled back by itself (a full disk does that).
      }
      throw error;
    }
  }

  #writeRow({ check, run, verdict, change }: Row): void {
    const id = this.#name(check);
    const message = run.ok ? null : (run.message ?? null);
    const text = message === null ? null : (this.#addText.get(message, run.at) as { id: number }).id;
    this.#result.run(
      id,
      run.at,
      Math.round(run.seconds * 1e6),
      codeOf(run),
      text,
      verdict === undefined ? null : Number(verdict),
    );
    if (change) this.#change.run(id, change.since, change.status, codeOf(run), message);
  }

  #name(value: string): number {
    let id = this.#names.get(value);
    if (id === undefined) {
      ({ id } = this.#addName.get(value) as { id: number });
      this.#names.set(value, id);
    }
    return id;
  }
}
