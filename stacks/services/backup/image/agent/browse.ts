import { listFolderArguments } from "./arguments.ts";
import { reasonOf, Unusable } from "./repository.ts";
import type { Restic } from "./restic.ts";

/** One file or folder of a snapshot. Names come from the saved service: hostile until escaped. */
export interface Entry {
  readonly name: string;
  /** Whole path in the snapshot. */
  readonly path: string;
  readonly type: "file" | "dir" | "symlink" | "other";
  readonly bytes: number;
  /** ISO 8601. */
  readonly changed: string;
  /** Rights, as chmod takes them, and owner by numbers. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

const TYPES: ReadonlySet<string> = new Set(["file", "dir", "symlink"]);

/** What is in a folder of a snapshot, folders first; a file gives itself. Undefined where there is nothing of that path. */
export async function browse(restic: Restic, snapshot: string, path: string): Promise<Entry[] | undefined> {
  const ran = await restic(listFolderArguments(snapshot, path));
  if (ran.code !== 0) throw new Unusable(reasonOf(ran));
  const entries = parseEntries(ran.values);
  const itself = entries.find((entry) => entry.path === path);
  if (itself === undefined) return undefined;
  if (itself.type !== "dir") return [itself];
  return entries
    .filter((entry) => entry.path !== path && parentOf(entry.path) === path)
    .sort((a, b) => Number(b.type === "dir") - Number(a.type === "dir") || (a.name < b.name ? -1 : 1));
}

const parentOf = (path: string): string => path.slice(0, Math.max(1, path.lastIndexOf("/")));

/** The nodes that `restic ls --json` prints: https://restic.readthedocs.io/en/stable/075_scripting.html#ls */
export function parseEntries(values: readonly unknown[]): Entry[] {
  return values.flatMap((value) => {
    const raw = value as Readonly<Record<string, unknown>>;
    if (typeof raw.name !== "string" || typeof raw.path !== "string") return [];
    return [
      {
        name: raw.name,
        path: raw.path,
        type: (TYPES.has(String(raw.type)) ? raw.type : "other") as Entry["type"],
        bytes: typeof raw.size === "number" ? raw.size : 0,
        changed: String(raw.mtime ?? ""),
        mode: typeof raw.mode === "number" ? raw.mode & 0o777 : 0o600,
        uid: typeof raw.uid === "number" ? raw.uid : 0,
        gid: typeof raw.gid === "number" ? raw.gid : 0,
      },
    ];
  });
}
