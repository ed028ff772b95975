import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Standing } from "../engine/standing.ts";
import { SIZES } from "./rollup.ts";

type Cells = Record<string, SQLInputValue>;

/** What pages are made of, by table: the name that its first key stands for, and what has to hold of a row beyond its types. */
const FEW: readonly { table: string; key: string; order: string; holds?(row: Cells): boolean }[] = [
  {
    table: "standing",
    key: "check_id",
    order: "check_id",
    holds: ({ standing }) => typeof (JSON.parse(String(standing)) as Standing).check === "string",
  },
  { table: "day", key: "service_id", order: "day" },
  { table: "change", key: "check_id", order: "at" },
];

/**
 * Takes into a new file what can be read of a damaged one: it is a few pages of it that are bad, mostly. Each piece is read from both its ends, up to
 * where it cannot be. Single results are left behind: what pages show of them is put together already.
 *
 * @returns what takes over the rest, results put together, which are many: a little at a time
 */
export function salvage(damaged: string, into: DatabaseSync): (isOpen: () => boolean) => Promise<void> {
  let from: DatabaseSync;
  const ids = new Map<SQLInputValue, number>();
  try {
    from = new DatabaseSync(damaged, { readOnly: true });
  } catch {
    return async () => {};
  }
  const name = into.prepare("INSERT INTO name (value) VALUES (?) ON CONFLICT DO UPDATE SET value = value RETURNING id");
  into.exec("BEGIN IMMEDIATE");
  // Names stand in the table and in its index.
  for (const { id, value } of ["id", "value"].flatMap((order) => [...fromBothEnds(from, "name", "TRUE", order)]))
    if (typeof value === "string" && Number.isInteger(id)) ids.set(id!, (name.get(value) as { id: number }).id);
  for (const { table, key, order, holds } of FEW)
    for (const id of ids.keys()) copy(from, into, ids, { table, key, where: `${key} = ${id}`, order, holds });
  into.exec("COMMIT");

  return async (isOpen) => {
    for (const id of ids.keys()) {
      await nextTurn();
      if (!isOpen()) break;
      into.exec("BEGIN IMMEDIATE");
      for (const size of Object.values(SIZES)) {
        const where = `size = ${size} AND check_id = ${id}`;
        copy(from, into, ids, { table: "rollup", key: "check_id", where, order: "at" });
      }
      into.exec("COMMIT");
    }
    from.close();
  };
}

interface Piece {
  table: string;
  key: string;
  where: string;
  order: string;
  holds?: ((row: Cells) => boolean) | undefined;
}

function copy(from: DatabaseSync, into: DatabaseSync, ids: ReadonlyMap<SQLInputValue, number>, piece: Piece): void {
  let put: StatementSync | undefined;
  for (const row of fromBothEnds(from, piece.table, piece.where, piece.order)) {
    const cells: Cells = { ...row, [piece.key]: ids.get(row[piece.key]!)! };
    try {
      put ??= into.prepare(
        `INSERT OR REPLACE INTO ${piece.table} (${Object.keys(cells)}) VALUES (${Object.keys(cells).map(() => "?")})`,
      );
      if (piece.holds?.(cells) !== false) put.run(...Object.values(cells));
    } catch {
      // Rubbish that looks like a row.
    }
  }
}

function* fromBothEnds(db: DatabaseSync, table: string, where: string, order: string): Generator<Cells> {
  const seen = new Set<unknown>();
  for (const direction of ["ASC", "DESC"]) {
    try {
      const rows = db.prepare(`SELECT * FROM ${table} WHERE ${where} ORDER BY ${order} ${direction}`).iterate();
      for (const row of rows as Iterable<Cells>) {
        if (seen.has(row[order])) break;
        seen.add(row[order]);
        yield row;
      }
      return;
    } catch {
      // The page of the next one is bad.
    }
  }
}
