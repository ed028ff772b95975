import { DatabaseSync } from "node:sqlite";
import { ImportError } from "./draft.ts";

/** How every file of SQLite begins (sqlite.org/fileformat.html). */
export const SQLITE = "SQLite format 3\0";

type Row = Record<string, unknown>;

/** What Uptime Kuma's own database (`kuma.db`) says, as its API would: version 2 writes no other backup. @throws ImportError */
export function readKumaDatabase(path: string, name: string): string {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true, allowExtension: false });
    const rows = (query: string): Row[] => database!.prepare(query).all() as Row[];
    const tables = new Set(rows("SELECT name FROM sqlite_master WHERE type = 'table'").map((row) => row.name));
    if (!tables.has("monitor"))
      throw new ImportError(`${name}: expected a database of Uptime Kuma, with a table "monitor"`);
    const zone = tables.has("setting")
      ? rows("SELECT value FROM setting WHERE key = 'serverTimezone'")[0]?.value
      : undefined;
    const links = tables.has("monitor_maintenance")
      ? rows("SELECT monitor_id, maintenance_id FROM monitor_maintenance")
      : [];
    const windows = tables.has("maintenance") ? rows("SELECT * FROM maintenance") : [];
    return JSON.stringify({
      monitorList: rows("SELECT * FROM monitor ORDER BY id").map((row) => ({ ...row, ...camel(row) })),
      maintenanceList: windows.map((row) => ({
        ...camel(row),
        dateRange: [row.start_date, row.end_date],
        timeRange: [row.start_time, row.end_time],
        weekdays: list(row.weekdays),
        daysOfMonth: list(row.days_of_month),
        timezone: row.timezone === "SAME_AS_SERVER" || !row.timezone ? unquoted(zone) : row.timezone,
        monitors: links.filter((link) => link.maintenance_id === row.id).map((link) => ({ id: link.monitor_id })),
      })),
    });
  } catch (error) {
    if (error instanceof ImportError) throw error;
    throw new ImportError(
      `${name}: it cannot be read as a database (${(error as Error).message}): copy it while Uptime Kuma is stopped`,
    );
  } finally {
    database?.close();
  }
}

/** Columns as the API calls them: `basic_auth_user` stays, for some it keeps so. */
const camel = (row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).map(([key, value]) => [
      key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );

/** Settings and lists are kept as JSON. */
function unquoted(value: unknown): unknown {
  try {
    return typeof value === "string" ? (JSON.parse(value) as unknown) : undefined;
  } catch {
    return value;
  }
}
const list = (value: unknown): unknown[] => {
  const read = unquoted(value);
  return Array.isArray(read) ? read : [];
};
