import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { DayBar } from "../../dashboards/view.ts";
import type { Standing } from "../engine/standing.ts";
import { calendar, Days, dayText } from "./days.ts";
import { type Chart, chartOf, countedBetween } from "./latency.ts";
import { HISTORY_FILE, identityOf, isDamage, moveAside, openFile } from "./open.ts";
import { type Ageing, ageingOf, forget, type Retention } from "./retention.ts";
import { rollUp } from "./rollup.ts";
import type { Row } from "./row.ts";
import { salvage } from "./salvage.ts";
import { Writer } from "./writer.ts";

export interface HistoryOptions {
  /** Folder that the file is in. */
  folder: string;
  timeZone: string;
  retention: Retention;
  /** Tells the time; the machine's clock when left out. */
  now?(): number;
  /** A clock that never jumps, in milliseconds; the machine's when left out. */
  steady?(): number;
  /** What happens to the file: told to the log. */
  onEvent(event: HistoryEvent): void;
}

export type HistoryEvent =
  | { what: "moved-aside"; path: string; why: string }
  | { what: "gone"; path: string }
  | { what: "unwritable"; why: string }
  | { what: "writable-again" };

interface DayRow {
  service: string;
  day: number;
  good: number;
  total: number;
  down_ms: number;
  maintenance_ms: number;
}

/** Results are written this often, or as soon as there are so many. */
const FLUSH_MS = 1000;
const FLUSH_ROWS = 2000;
/** Results kept for later while the disk does not take them; the oldest go first. */
const MOST_WAITING = 50_000;
/** How long to wait before trying again, in milliseconds. */
const RETRY_MS = 5000;

/**
 * What the lookout has seen. It lives in memory and is written behind, at most a second late and many results at once;
 * watching and serving go on whatever happens to the disk.
 */
export class History {
  readonly days: Days;
  readonly #options: HistoryOptions;
  readonly #standings = new Map<string, Standing>();
  readonly #dirty = new Set<string>();
  #rows: Row[] = [];
  #db: DatabaseSync | undefined;
  #writer: Writer | undefined;
  #timer: NodeJS.Timeout | undefined;
  #notBefore = 0;
  #problem: string | undefined;
  #aside: string | undefined;
  /** What could be read of the file that was moved aside last has been taken over. */
  #salvaged = true;
  #ageing: Ageing | undefined;
  /** The file that is open, which may no longer be the one that stands there. */
  #identity: string | undefined;
  #gone = false;
  /** What was counted in earlier runs has been added once. */
  #restored = false;
  #lost = 0;
  #written = 0;
  #closed = false;
  #rolling = false;
  /** Whether a run says something about its check's worth: announced work does not. */
  counts: ((check: string, at: number) => boolean) | undefined;

  constructor(options: HistoryOptions) {
    this.#options = options;
    this.days = new Days(options.timeZone);
    this.#open();
  }

  /** Where checks stood when last seen, by check. */
  get standings(): ReadonlyMap<string, Standing> {
    return this.#standings;
  }

  /** When any check was last run, in milliseconds since the epoch; undefined where none ever was. */
  get lastSeen(): number | undefined {
    const runs = [...this.#standings.values()].flatMap(({ lastRun }) => lastRun?.at ?? []);
    return runs.length > 0 ? Math.max(...runs) : undefined;
  }

  /** Sentences about what is wrong with it, for pages. */
  get problems(): string[] {
    return [
      ...(this.#problem === undefined ? [] : [`History is kept in memory only: ${this.#problem}`]),
      ...(this.#aside === undefined
        ? []
        : [
            `The history file was damaged; it was moved to ${this.#aside}, and a new one begun with what could be read of it`,
          ]),
      ...(this.#gone
        ? ["The history file was taken away while it was in use; what was known went into another one"]
        : []),
    ];
  }

  /** Results written and given up since the start, and those waiting; and the size of the file, in bytes. */
  get stats() {
    return {
      written: this.#written,
      lost: this.#lost,
      waiting: this.#rows.length,
      writable: this.#problem === undefined,
      damaged: this.#aside !== undefined || this.#gone,
      bytes: this.#bytes(),
    };
  }

  record(row: Row, standing: Standing): void {
    this.#standings.set(row.check, standing);
    this.#dirty.add(row.check);
    this.#rows.push(row);
    if (this.#rows.length > MOST_WAITING) {
      // A tenth at once: dropping them one by one would move all the others each time.
      this.#lost += MOST_WAITING / 10;
      this.#rows = this.#rows.slice(MOST_WAITING / 10);
    }
    if (this.#rows.length >= FLUSH_ROWS && performance.now() >= this.#notBefore) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  /** Writes everything that waits, in one transaction. Never throws. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (performance.now() < this.#notBefore && !this.#closed) {
      this.#timer = setTimeout(() => this.flush(), RETRY_MS);
      return;
    }
    this.#notice();
    if (this.#writer === undefined) this.#open();
    if (this.#writer === undefined) {
      this.#later();
      return;
    }
    this.days.settle(this.#options.now?.() ?? Date.now());
    const rows = this.#rows;
    const standings = [...this.#dirty].flatMap((check) => this.#standings.get(check) ?? []);
    const days = this.days.takeDirty();
    try {
      this.#writer.write(rows, standings, days);
      this.#rows = [];
      this.#dirty.clear();
      this.#written += rows.length;
      if (this.#problem !== undefined) this.#options.onEvent({ what: "writable-again" });
      this.#problem = undefined;
    } catch (error) {
      this.days.markAll();
      if (isDamage(error)) this.#replace(error);
      else this.#unwritable(error);
      this.#later();
    }
  }

  /** Puts results together by five minutes, hours and days, a little at a time; to be called every few minutes. */
  async rollUp(now: number): Promise<void> {
    if (this.#db === undefined || this.#rolling) return;
    const { startOf, endOf } = calendar(this.#options.timeZone);
    this.#rolling = true;
    const db = this.#db;
    try {
      await rollUp(
        db,
        {
          dayOf: (ms) => ({ from: startOf(ms), to: endOf(ms) }),
          rawDays: this.#options.retention.rawDays,
          counts: (check, at) => this.counts?.(check, at) ?? true,
        },
        now,
        () => this.#db === db && !this.#closed,
      );
    } catch (error) {
      if (this.#db === db && !this.#closed) this.#unwritable(error);
    } finally {
      this.#rolling = false;
    }
  }

  /** How a check has fared from one moment to another; undefined where that cannot be read. Milliseconds since the epoch. */
  chart(check: string, from: number, to: number): Chart | undefined {
    if (this.#db === undefined) return undefined;
    try {
      return chartOf(this.#db, check, from, to);
    } catch {
      return undefined;
    }
  }

  /** Good and all runs of some checks from one moment to another, of those that are rolled up; undefined where that cannot be read. */
  counted(checks: readonly string[], from: number, to: number): { good: number; total: number } | undefined {
    if (this.#db === undefined) return undefined;
    try {
      return countedBetween(this.#db, checks, from, to);
    } catch {
      return undefined;
    }
  }

  /** Drops what is older than declared, a little at a time; to be called now and then. */
  async forget(now: number): Promise<void> {
    const db = this.#db;
    if (db === undefined) return;
    try {
      await forget(db, this.#options.retention, now, () => this.#db === db && !this.#closed, this.#ageing);
    } catch (error) {
      if (this.#db === db && !this.#closed) this.#unwritable(error);
    }
  }

  /** The moment that the age of what is kept is reckoned from; see `Ageing`. */
  agedUntil(now: number): number {
    return this.#ageing?.at(now) ?? now;
  }

  close(): void {
    this.#closed = true;
    this.flush();
    clearTimeout(this.#timer);
    try {
      this.#db?.close();
    } catch {
      // Nothing more can be done for a file that cannot even be closed; its journal keeps what was committed.
    }
    this.#db = undefined;
    this.#writer = undefined;
  }

  #open(): void {
    try {
      const { db, aside } = openFile(this.#options.folder, this.#options.retention.maxBytes);
      this.#db = db;
      this.#writer = new Writer(db);
      this.#ageing ??= ageingOf(db, this.#options.steady);
      this.#identity = identityOf(this.#options.folder);
      if (aside) {
        this.#aside = aside.path;
        this.#salvaged = false;
        this.#options.onEvent({ what: "moved-aside", ...aside });
      }
      this.#salvage(db);
      const known = this.#restored || this.#standings.size > 0;
      this.#read(db);
      // The file was found late, or is a new one: it lacks what happened meanwhile.
      if (known) this.#everythingAnew();
    } catch (error) {
      this.#unwritable(error);
    }
  }

  #read(db: DatabaseSync): void {
    const standings = db.prepare("SELECT standing FROM standing").all() as { standing: string }[];
    for (const { standing } of standings) {
      const known = JSON.parse(standing) as Standing;
      if (!this.#standings.has(known.check)) this.#standings.set(known.check, known);
    }
    // A copy that is gone on from holds days that are counted already.
    if (this.#restored) return;
    this.#restored = true;
    const days = db
      .prepare(
        "SELECT name.value AS service, day, good, total, down_ms, maintenance_ms FROM day JOIN name ON name.id = service_id ORDER BY service_id, day",
      )
      .all() as unknown as DayRow[];
    const byService = Map.groupBy(days, ({ service }) => service);
    for (const [service, rows] of byService) {
      this.days.restore(
        service,
        rows.map(
          ({ day, good, total, down_ms, maintenance_ms }): DayBar => ({
            day: dayText(day),
            good,
            total,
            down: down_ms / 1000,
            ...(maintenance_ms > 0 ? { maintenance: maintenance_ms / 1000 } : {}),
          }),
        ),
      );
    }
  }

  /** What is written to a file that was removed, or stands elsewhere, is lost with the last one that has it open. */
  #notice(): void {
    if (this.#db === undefined || identityOf(this.#options.folder) === this.#identity) return;
    this.#gone = true;
    this.#options.onEvent({ what: "gone", path: join(this.#options.folder, HISTORY_FILE) });
    try {
      this.#db.close();
    } catch {
      // It is of no more use.
    }
    this.#db = undefined;
    this.#writer = undefined;
    this.#everythingAnew();
  }

  /** The file was damaged while in use: what is known in memory goes into a new one. */
  #replace(error: unknown): void {
    try {
      this.#db?.close();
      const aside = moveAside(join(this.#options.folder, HISTORY_FILE));
      this.#aside = aside;
      this.#salvaged = false;
      this.#options.onEvent({ what: "moved-aside", path: aside, why: (error as Error).message });
    } catch (second) {
      this.#unwritable(second);
    }
    this.#db = undefined;
    this.#writer = undefined;
    this.#notBefore = 0;
    this.#everythingAnew();
  }

  /** What can be read of the file that was moved aside goes into the new one. */
  #salvage(db: DatabaseSync): void {
    if (this.#salvaged || this.#aside === undefined) return;
    this.#salvaged = true;
    const rest = salvage(this.#aside, db);
    rest(() => this.#db === db && !this.#closed).catch((error: Error) => {
      if (this.#db === db && !this.#closed) this.#unwritable(error);
    });
  }

  #everythingAnew(): void {
    for (const check of this.#standings.keys()) this.#dirty.add(check);
    this.days.markAll();
  }

  #unwritable(error: unknown): void {
    const why = (error as Error).message;
    if (this.#problem !== why) this.#options.onEvent({ what: "unwritable", why });
    this.#problem = why;
    this.#notBefore = performance.now() + RETRY_MS;
  }

  #later(): void {
    if (!this.#closed) this.#timer ??= setTimeout(() => this.flush(), RETRY_MS);
  }

  #bytes(): number {
    try {
      const row = this.#db
        ?.prepare("SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size")
        .get();
      return (row as { bytes?: number } | undefined)?.bytes ?? 0;
    } catch {
      return 0;
    }
  }
}
