import type { Choice } from "./choose.ts";
import { printable } from "./preview.ts";

/** An entry of `vigie-backup ls`. */
export interface Entry {
  /** Whole path in the snapshot. */
  path: string;
  name: string;
  type: string;
  bytes: number;
  changed: string;
  /** Rights and owner, where the agent tells them. */
  mode?: number;
  uid?: number;
  gid?: number;
}

/** Rows as text in columns. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const minutes = (iso: string): string => {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? "" : `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
};

/** Bytes as people read them, in binary units. */
export function readable(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

/** Snapshots, one a line, the youngest last. */
export const snapshotTable = (choices: readonly Choice[]): string =>
  columns(
    choices.map(({ id, time, volume, files, bytes, undo }) => [
      id,
      minutes(time),
      volume.key,
      `${files} files`,
      readable(bytes),
      undo ? "kept before a restore" : "",
    ]),
  );

/** What is in a folder, one entry a line; folders end in a slash. */
export const listing = (entries: readonly Entry[]): string =>
  entries.length === 0
    ? "(empty)"
    : columns(
        entries.map(({ name, type, bytes, changed }) => [
          minutes(changed),
          type === "file" ? readable(bytes) : "",
          `${printable(name)}${type === "dir" ? "/" : ""}`,
        ]),
      );
