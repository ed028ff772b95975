import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Incident } from "../../../dashboards/incident.ts";
import { IncidentStore } from "../../../monitors/incidents/store.ts";

const folder = () => mkdtempSync(join(tmpdir(), "vigie-incidents-"));
const incident = (id: string, started: number): Incident => ({
  id,
  by: "lookout",
  services: ["wiki"],
  severity: "major",
  started,
  updates: [],
});
const save = (store: IncidentStore, one: Incident) => store.save(one, JSON.stringify(one));

describe("incidents on disk", () => {
  it("are there again for the next lookout, the oldest first, each as last saved", () => {
    const path = folder();
    const first = new IncidentStore(path);
    save(first, incident("b", 2));
    save(first, incident("a", 1));
    save(first, { ...incident("b", 2), resolved: 9 });
    // Nothing is closed: as after kill -9.
    expect(new IncidentStore(path).load()).toEqual([incident("a", 1), { ...incident("b", 2), resolved: 9 }]);
  });

  it("are dropped where the book has dropped them", () => {
    const path = folder();
    const store = new IncidentStore(path);
    for (const id of ["a", "b", "c"]) save(store, incident(id, 1));
    store.keep(new Set(["b"]));
    expect(store.load().map(({ id }) => id)).toEqual(["b"]);
  });

  it("are set aside where the file is damaged, and a new one begun", () => {
    const path = folder();
    writeFileSync(join(path, "incidents.sqlite"), "this is no database, whatever its name says ".repeat(50));
    const store = new IncidentStore(path);
    expect(store.load()).toEqual([]);
    expect(store.problem).toMatch(/^Incidents are kept in memory only: /);
    save(store, incident("a", 1));
    expect(store.problem).toBeUndefined();
    expect(readdirSync(path).some((file) => file.includes("damaged"))).toBe(true);
    expect(new IncidentStore(path).load()).toHaveLength(1);
  });

  it("are kept in memory, and said to be, where there is no folder", () => {
    const path = folder();
    rmSync(path, { recursive: true });
    const store = new IncidentStore(path);
    expect(store.load()).toEqual([]);
    save(store, incident("a", 1));
    expect(store.problem).toMatch(/memory only/);
  });
});
