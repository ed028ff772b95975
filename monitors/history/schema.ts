import type { DatabaseSync } from "node:sqlite";

/** Raised, with a step that migrates, when the tables change. */
export const SCHEMA_VERSION = 4;

/** Results put together: `size` is a number of `SIZES`, `latency` a sketch of how long good runs took. And how far that has come. */
const ROLLUPS = `
CREATE TABLE rollup (
  size INTEGER NOT NULL, check_id INTEGER NOT NULL, at INTEGER NOT NULL,
  good INTEGER NOT NULL, total INTEGER NOT NULL, latency BLOB NOT NULL,
  PRIMARY KEY (size, check_id, at)
) STRICT, WITHOUT ROWID;
CREATE TABLE progress (what TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

/**
 * Names, and the texts of results, are written once and referred to by number. Times are milliseconds since the epoch, durations microseconds,
 * reasons the numbers of `reasons.ts` (0: good), days `YYYYMMDD`.
 */
const TABLES = `
CREATE TABLE name (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE) STRICT;
-- Messages of failed runs, with when each was last used.
CREATE TABLE text (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE, used INTEGER NOT NULL) STRICT;

-- Every run, for as long as raw results are kept. Kept by check and time, so that old ones are a contiguous piece.
-- \`verdict\` says whether it counts as good (1) where that is not what its reason says.
CREATE TABLE result (
  check_id INTEGER NOT NULL, at INTEGER NOT NULL, micros INTEGER NOT NULL, reason INTEGER NOT NULL, text_id INTEGER, verdict INTEGER,
  PRIMARY KEY (check_id, at)
) STRICT, WITHOUT ROWID;

-- Every change of status, for as long as days are kept.
CREATE TABLE change (
  check_id INTEGER NOT NULL, at INTEGER NOT NULL, status TEXT NOT NULL, reason INTEGER NOT NULL, message TEXT,
  PRIMARY KEY (check_id, at)
) STRICT, WITHOUT ROWID;

-- Where every check stands: what a restart goes on from.
CREATE TABLE standing (check_id INTEGER PRIMARY KEY, standing TEXT NOT NULL) STRICT;

-- What pages show of the past.
CREATE TABLE day (
  service_id INTEGER NOT NULL, day INTEGER NOT NULL,
  good INTEGER NOT NULL, total INTEGER NOT NULL, down_ms INTEGER NOT NULL, maintenance_ms INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (service_id, day)
) STRICT, WITHOUT ROWID;
${ROLLUPS}`;

/** What takes a file from a version to the next. */
const MIGRATIONS: Readonly<Record<number, string>> = {
  1: "ALTER TABLE day ADD COLUMN maintenance_ms INTEGER NOT NULL DEFAULT 0;",
  2: ROLLUPS,
  3: "ALTER TABLE result ADD COLUMN verdict INTEGER;",
};

/** Retention keeps the file within its bound; this much over it, SQLite itself stops it from filling the disk. */
const HARD_BOUND = 1.25;

/**
 * Makes the tables of a new file, or brings those of an older one up to date.
 *
 * @param maxBytes what the file is meant to stay within
 * @throws where the file is of a newer version
 */
export function prepare(db: DatabaseSync, maxBytes: number): void {
  // Written ahead, so that kill -9 loses nothing that was committed; a power cut may lose the last second.
  db.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000; PRAGMA cache_size = -2048",
  );
  const { page_size: pageSize } = db.prepare("PRAGMA page_size").get() as { page_size: number };
  db.exec(`PRAGMA max_page_count = ${Math.ceil((maxBytes * HARD_BOUND) / pageSize)}`);
  const { user_version: version } = db.prepare("PRAGMA user_version").get() as { user_version: number };
  if (version > SCHEMA_VERSION)
    throw new Error(`history was written by a newer version (${version}; this one knows ${SCHEMA_VERSION})`);
  if (version === SCHEMA_VERSION) return;
  db.exec(`BEGIN IMMEDIATE; ${stepsFrom(version)} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
}

const stepsFrom = (version: number): string =>
  version === 0
    ? TABLES
    : Array.from({ length: SCHEMA_VERSION - version }, (_, step) => MIGRATIONS[version + step]).join(" ");
