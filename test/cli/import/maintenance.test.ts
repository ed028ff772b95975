import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it } from "vitest";
import { occurrencesBetween } from "../../../association/index.ts";
import { importGatus } from "../../../cli/import/gatus.ts";
import { importUptimeKuma } from "../../../cli/import/uptime-kuma.ts";
import { readKumaDatabase, SQLITE } from "../../../cli/import/uptime-kuma-database.ts";
import { declared } from "./declared.ts";

const NOW = Date.parse("2027-01-01T00:00:00Z");
const gatus = (config: object) => declared(importGatus(JSON.stringify(config), "gatus.yaml"));
const endpoint = { name: "wiki", url: "https://wiki.example", conditions: ["[STATUS] == 200"] };

describe("the maintenance of Gatus", () => {
  it("is for everything that is watched, on its days, on the clocks that it names", async () => {
    const { windows, inventory } = await gatus({
      endpoints: [endpoint, { ...endpoint, name: "blog" }],
      maintenance: { start: "23:00", duration: "1h30m", timezone: "Europe/Amsterdam", every: ["Monday", "Thursday"] },
    });
    expect(windows.maintenance).toMatchObject({
      services: ["wiki", "blog"],
      when: { every: "0 23 * * 1,4", lasting: "90m" },
      timeZone: "Europe/Amsterdam",
    });
    const own = { maintenance: { maintenance: inventory.maintenance.maintenance! } };
    const [first] = occurrencesBetween(own, NOW, NOW + 7 * 86_400_000);
    expect(new Date(first!.from).toISOString()).toBe("2027-01-04T22:00:00.000Z");
  });

  it("is for one endpoint where that has windows of its own, each day in UTC unless it says otherwise", async () => {
    const { windows } = await gatus({
      endpoints: [
        endpoint,
        { ...endpoint, name: "blog", "maintenance-windows": [{ start: "07:30", duration: "40m" }] },
      ],
    });
    expect(windows).toMatchObject({
      "blog-maintenance": { services: ["blog"], when: { every: "30 7 * * *", lasting: "40m" }, timeZone: "UTC" },
    });
  });

  it.each([
    [{ enabled: false, start: "23:00", duration: "1h" }, "it is not enabled"],
    [{ start: "25:00", duration: "1h" }, "announce it by hand"],
    [{ start: "23:00", duration: "soon" }, "announce it by hand"],
    [{ start: "23:00", duration: "1h", every: ["Someday"] }, "announce it by hand"],
    [{ start: "23:00", duration: "1h", timezone: "Mars/Base" }, "an IANA time zone"],
  ])("is told where it cannot be: %j", async (maintenance, why) => {
    const { windows, lost } = await gatus({ endpoints: [endpoint], maintenance });
    expect(windows).toEqual({});
    expect(lost).toContain(why);
  });
});

const monitor = { id: 7, name: "wiki", type: "http", url: "https://wiki.example/" };
const kuma = (own: object) =>
  declared(
    importUptimeKuma(
      JSON.stringify({
        monitorList: [monitor],
        maintenanceList: [
          { title: "Mise à jour", monitors: [{ id: 7 }], timezone: "Europe/Paris", active: true, ...own },
        ],
      }),
      "backup.json",
      NOW,
    ),
  );
const night = {
  timeRange: [
    { hours: 23, minutes: 30 },
    { hours: 1, minutes: 0 },
  ],
};

describe("a maintenance of Uptime Kuma", () => {
  it.each([
    [
      "once",
      { strategy: "single", dateRange: ["2027-03-27 22:00:00", "2027-03-28 04:00:00"] },
      { from: "2027-03-27T22:00", until: "2027-03-28T04:00" },
    ],
    [
      "on days of the week",
      { strategy: "recurring-weekday", weekdays: [1, 7], ...night },
      { every: "30 23 * * 0,1", lasting: "90m" },
    ],
    [
      "every day",
      { strategy: "recurring-interval", intervalDay: 1, ...night },
      { every: "30 23 * * *", lasting: "90m" },
    ],
    [
      "every week from a day on",
      { strategy: "recurring-interval", intervalDay: 7, dateRange: ["2026-11-29 00:00:00"], ...night },
      { every: "30 23 * * 0", lasting: "90m" },
    ],
    [
      "on days of the month",
      { strategy: "recurring-day-of-month", daysOfMonth: [1, "lastDay1"], ...night },
      { every: "30 23 1,L * *", lasting: "90m" },
    ],
    ["by cron", { strategy: "cron", cron: "30 3 * * *", durationMinutes: 60 }, { every: "30 3 * * *", lasting: "1h" }],
  ])("%s is announced on the services of its monitors", async (_, own, when) => {
    const { windows, inventory } = await kuma({ ...own, description: "On met à jour." });
    expect(windows).toMatchObject({
      "wiki-mise-a-jour": {
        services: ["wiki"],
        title: { fr: "Mise à jour" },
        text: { fr: "On met à jour." },
        when,
        timeZone: "Europe/Paris",
      },
    });
    expect(inventory.maintenance["wiki-mise-a-jour"]).toBeDefined();
  });

  it.each([
    [{ strategy: "manual" }, "it is switched by hand there"],
    [
      { strategy: "single", dateRange: ["2026-01-01 10:00:00", "2026-01-01 12:00:00"] },
      "it is over since 2026-01-01T12:00",
    ],
    [{ strategy: "recurring-interval", intervalDay: 14, ...night }, "announce it by hand: it says recurring-interval"],
    [{ strategy: "cron", cron: "0 3 1 * 1", durationMinutes: 60 }, "announce it by hand: it says cron"],
    [{ strategy: "cron", cron: "0 3 31 2 *", durationMinutes: 60 }, "a schedule that can happen"],
    [{ strategy: "toString" }, "announce it by hand: it says toString"],
    [{ strategy: "single", active: false }, "it is not active"],
  ])("is told where it cannot be announced: %j", async (own, why) => {
    const { windows, lost } = await kuma(own);
    expect(windows).toEqual({});
    expect(lost).toContain(why);
  });

  it("says which of its words are to be looked at again", async () => {
    const dateRange = ["2027-02-01 00:00:00", "2027-06-30 00:00:00"];
    const own = { strategy: "recurring-weekday", weekdays: [2], dateRange, timezone: "SAME_AS_SERVER", ...night };
    const { windows, lost } = await kuma(own);
    expect(windows["wiki-mise-a-jour"]).not.toHaveProperty("timeZone");
    for (const words of [
      "it is the server's",
      "take it out of the declaration after 2027-06-30T00:00",
      "it begins at once",
    ])
      expect(lost).toContain(words);
  });
});

describe("the database of Uptime Kuma", () => {
  const folder = mkdtempSync(join(tmpdir(), "vigie-kuma-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("says the same as a backup, with the monitors of each maintenance and the server's time zone", async () => {
    const path = join(folder, "kuma.db");
    const database = new DatabaseSync(path);
    // The columns that matter here, as its own migrations make them.
    database.exec(`
      CREATE TABLE monitor (id INTEGER PRIMARY KEY, name TEXT, active BOOLEAN, type TEXT, url TEXT, interval INTEGER, maxretries INTEGER,
        upside_down BOOLEAN, accepted_statuscodes_json TEXT, parent INTEGER, basic_auth_user TEXT, basic_auth_pass TEXT, auth_method TEXT);
      INSERT INTO monitor VALUES (1, 'École', 1, 'group', NULL, 60, 0, 0, '[]', NULL, NULL, NULL, NULL),
        (2, 'Wiki', 1, 'http', 'https://wiki.example/', 120, 2, 0, '["200-299"]', 1, 'lea', 'hunter2', 'basic'),
        (3, 'Pause', 0, 'http', 'https://pause.example/', 120, 2, 0, '["200-299"]', 1, NULL, NULL, NULL);
      CREATE TABLE setting (key TEXT, value TEXT);
      INSERT INTO setting VALUES ('serverTimezone', '"Indian/Reunion"');
      CREATE TABLE maintenance (id INTEGER PRIMARY KEY, title TEXT, description TEXT, active BOOLEAN, strategy TEXT, start_date DATETIME,
        end_date DATETIME, start_time TIME, end_time TIME, weekdays TEXT, days_of_month TEXT, interval_day INTEGER, cron TEXT, timezone TEXT, duration INTEGER);
      INSERT INTO maintenance VALUES (5, 'Nuit', '', 1, 'recurring-weekday', NULL, NULL, '02:00', '03:00', '[3]', '[]', NULL, '0 2 * * 3', 'SAME_AS_SERVER', 3600);
      CREATE TABLE monitor_maintenance (monitor_id INTEGER, maintenance_id INTEGER);
      INSERT INTO monitor_maintenance VALUES (2, 5);`);
    database.close();
    expect(readFileSync(path).subarray(0, SQLITE.length).toString("latin1")).toBe(SQLITE);
    const { services, windows, lost, written } = await declared(
      importUptimeKuma(readKumaDatabase(path, "kuma.db"), "kuma.db", NOW),
    );
    expect(services).toMatchObject({
      "ecole-wiki": { checks: [{ check: "http", every: "120s", failAfter: 3, expect: { status: ["2xx"] } }] },
    });
    expect(windows).toMatchObject({
      "ecole-wiki-nuit": {
        services: ["ecole-wiki"],
        when: { every: "0 2 * * 3", lasting: "1h" },
        timeZone: "Indian/Reunion",
      },
    });
    expect(lost).toContain('"Pause": the monitor – it is paused');
    expect(`${lost}${written.source}`).not.toContain("hunter2");
  });

  it("is refused in words where it is another one, or broken", () => {
    const other = join(folder, "other.db");
    const database = new DatabaseSync(other);
    database.exec("CREATE TABLE x (y)");
    database.close();
    expect(() => readKumaDatabase(other, "other.db")).toThrow("other.db: expected a database of Uptime Kuma");
    expect(() => readKumaDatabase(join(folder, "none.db"), "none.db")).toThrow(
      "none.db: it cannot be read as a database",
    );
  });
});
