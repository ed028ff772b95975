import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { advance, type Standing, unknown } from "../../../monitors/engine/standing.ts";
import { History, type HistoryEvent } from "../../../monitors/history/history.ts";
import { HISTORY_FILE, openFile } from "../../../monitors/history/open.ts";
import { salvage } from "../../../monitors/history/salvage.ts";

const HOUR = 3_600_000;
const START = Date.UTC(2027, 0, 31);
const PAGE = 4096;
const TABLES = ["name", "standing", "day", "change", "rollup"] as const;

function historyIn(folder: string) {
  const events: HistoryEvent["what"][] = [];
  const history = new History({
    folder,
    timeZone: "Europe/Paris",
    retention: { rawDays: 1, dayDays: 400, maxBytes: 1e9 },
    onEvent: ({ what }) => events.push(what),
  });
  return { history, events };
}

/** The file of some services that were watched for sixty days, once an hour. */
async function written(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), "vigie-salvage-"));
  const { history } = historyIn(folder);
  const standings = new Map<string, Standing>();
  for (let at = START; at < START + 60 * 24 * HOUR; at += HOUR)
    for (let index = 0; index < 6; index++) {
      const check = `service-${index}/http`;
      const before = standings.get(check) ?? unknown(check, at);
      const ok = (at / HOUR) % 20 > index;
      const run = { at, ok, seconds: 0.1, measures: {}, ...(ok ? {} : { reason: "timeout" }) };
      const standing = advance(before, run, { failAfter: 1, recoverAfter: 1 });
      standings.set(check, standing);
      history.days.count(`service-${index}`, at, ok);
      const change = standing.status === before.status ? {} : { change: { status: standing.status, since: at } };
      history.record({ check, run, ...change }, standing);
    }
  history.flush();
  await history.rollUp(START + 60 * 24 * HOUR);
  history.close();
  return readFileSync(join(folder, HISTORY_FILE));
}

const counts = (db: DatabaseSync) =>
  TABLES.map((table) => (db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n);

describe("what can be read of a damaged history", () => {
  it("is taken over, whichever page is bad, without what only looks like a row", async () => {
    const sound = await written();
    const folder = mkdtempSync(join(tmpdir(), "vigie-salvage-"));
    writeFileSync(join(folder, HISTORY_FILE), sound);
    const whole = new DatabaseSync(join(folder, HISTORY_FILE));
    const all = counts(whole);
    whole.close();
    const pages = sound.length / PAGE;
    expect(pages).toBeGreaterThan(40);
    // Its first page tells what it is: without it nothing is known.
    for (let page = 1; page < pages; page += Math.ceil(pages / 25)) {
      const damaged = join(mkdtempSync(join(tmpdir(), "vigie-salvage-")), "damaged");
      writeFileSync(damaged, Buffer.from(sound).fill(page % 2 ? 0xa5 : 0, page * PAGE, (page + 1) * PAGE));
      const { db } = openFile(mkdtempSync(join(tmpdir(), "vigie-salvage-")), 1e9);
      await salvage(damaged, db)(() => true);
      const kept = counts(db);
      expect(db.prepare("PRAGMA quick_check").get()).toEqual({ quick_check: "ok" });
      db.close();
      // A table whose only page is gone takes its own rows with it, and no others.
      const lacking = TABLES.filter((_, index) => kept[index]! < all[index]! * 0.8);
      expect(lacking.length, `page ${page}: ${kept} of ${all}`).toBeLessThanOrEqual(1);
    }
  });

  it("is there at once after a start: days and where checks stand, and it is said", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vigie-salvage-"));
    const sound = await written();
    // The last page holds results put together.
    writeFileSync(join(folder, HISTORY_FILE), sound.fill(0xa5, sound.length - PAGE));
    const { history, events } = historyIn(folder);
    try {
      expect(events).toEqual(["moved-aside"]);
      expect(history.problems).toHaveLength(1);
      expect(history.standings.size).toBe(6);
      expect(history.days.bars["service-3"]).toHaveLength(61);
    } finally {
      history.close();
    }
  });

  it("is nothing where it is no database", async () => {
    const damaged = join(mkdtempSync(join(tmpdir(), "vigie-salvage-")), "damaged");
    writeFileSync(damaged, "Not a database, but a text. ".repeat(500));
    const { db } = openFile(mkdtempSync(join(tmpdir(), "vigie-salvage-")), 1e9);
    await salvage(damaged, db)(() => true);
    await salvage(`${damaged}-gone`, db)(() => true);
    expect(counts(db)).toEqual([0, 0, 0, 0, 0]);
    db.close();
  });
});
