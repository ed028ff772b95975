import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { copyAll, copyDatabase } from "../../../monitors/history/copy.ts";
import { copyOf, HISTORY_FILE, openFile } from "../../../monitors/history/open.ts";
import { IncidentStore } from "../../../monitors/incidents/store.ts";
import { isWholeSqlite } from "../../../stacks/services/backup/image/agent/prepare.ts";

const COPY = copyOf(HISTORY_FILE);
const MOST = 100 * 1024 * 1024;
let folder: string;
let db: DatabaseSync;
const add = (text: string): void => void db.prepare("INSERT INTO name (value) VALUES (?)").run(text);
const names = (file: string): string[] => {
  const other = new DatabaseSync(file, { readOnly: true });
  try {
    return other
      .prepare("SELECT value FROM name ORDER BY value")
      .all()
      .map(({ value }) => String(value));
  } finally {
    other.close();
  }
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vigie-history-copy-"));
  ({ db } = openFile(folder, MOST));
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("the copy of the history that snapshots hold", () => {
  it("is whole and of one moment, while the history is open and in the middle of a change", () => {
    add("before");
    db.exec("BEGIN IMMEDIATE");
    add("half");
    expect(copyDatabase(folder, HISTORY_FILE)).toBe(COPY);
    db.exec("COMMIT");
    const copy = join(folder, COPY);
    expect(names(copy)).toEqual(["before"]);
    const bytes = readFileSync(copy);
    expect(isWholeSqlite(bytes.subarray(0, 100), bytes.length)).toBe(true);
    expect(existsSync(`${copy}-wal`)).toBe(false);
  });

  it("replaces the one before, also where a run was killed in its middle", () => {
    copyDatabase(folder, HISTORY_FILE);
    add("later");
    writeFileSync(`${join(folder, COPY)}.new`, "half of a copy");
    copyDatabase(folder, HISTORY_FILE);
    expect(names(join(folder, COPY))).toEqual(["later"]);
  });

  it("is what the lookout goes on from where the history is gone: a snapshot that was restored", () => {
    add("kept");
    copyDatabase(folder, HISTORY_FILE);
    db.close();
    for (const part of ["", "-wal", "-shm"]) rmSync(join(folder, `${HISTORY_FILE}${part}`), { force: true });
    ({ db } = openFile(folder, MOST));
    add("since");
    expect(names(join(folder, HISTORY_FILE))).toEqual(["kept", "since"]);
  });

  it("is gone on from where the history is damaged, which is kept aside", () => {
    add("kept");
    copyDatabase(folder, HISTORY_FILE);
    db.close();
    for (const part of ["-wal", "-shm"]) rmSync(join(folder, `${HISTORY_FILE}${part}`), { force: true });
    writeFileSync(join(folder, HISTORY_FILE), "no database at all, but long enough to be read as one".repeat(200));
    const opened = openFile(folder, MOST);
    ({ db } = opened);
    expect(existsSync(opened.aside!.path)).toBe(true);
    expect(names(join(folder, HISTORY_FILE))).toEqual(["kept"]);
  });

  it("is made of the incidents too, which come back by it", () => {
    const incident = { id: "one", started: 1 } as Parameters<IncidentStore["save"]>[0];
    const store = new IncidentStore(folder);
    store.save(incident, JSON.stringify(incident));
    expect(copyAll(folder)).toEqual(["sqlite copies/history.sqlite", "sqlite copies/incidents.sqlite"]);
    store.close();
    for (const part of ["", "-wal", "-shm"]) rmSync(join(folder, `incidents.sqlite${part}`), { force: true });
    const again = new IncidentStore(folder);
    expect(again.load()).toEqual([incident]);
    again.close();
  });

  it("is not believed where it is damaged itself: a new history is begun", () => {
    copyDatabase(folder, HISTORY_FILE);
    db.close();
    for (const part of ["", "-wal", "-shm"]) rmSync(join(folder, `${HISTORY_FILE}${part}`), { force: true });
    writeFileSync(join(folder, COPY), "cut off");
    ({ db } = openFile(folder, MOST));
    expect(names(join(folder, HISTORY_FILE))).toEqual([]);
  });
});
