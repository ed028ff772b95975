import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
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

  it("are set aside where the file is damaged, which is said, and a new one begun", () => {
    const path = folder();
    writeFileSync(join(path, "incidents.sqlite"), "this is no database, whatever its name says ".repeat(50));
    const store = new IncidentStore(path);
    expect(store.load()).toEqual([]);
    save(store, incident("a", 1));
    expect(store.problems).toEqual([
      expect.stringMatching(/^The file of incidents was damaged; it was moved to .*damaged-/),
    ]);
    expect(readdirSync(path).some((file) => file.includes("damaged"))).toBe(true);
    expect(new IncidentStore(path).load()).toHaveLength(1);
  });

  it("come from a snapshot's copy where the file is damaged and there is one", () => {
    const path = folder();
    const store = new IncidentStore(path);
    save(store, incident("a", 1));
    store.close();
    mkdirSync(join(path, "copies"));
    renameSync(join(path, "incidents.sqlite"), join(path, "copies", "incidents.sqlite"));
    writeFileSync(join(path, "incidents.sqlite"), "this is no database, whatever its name says ".repeat(50));
    expect(new IncidentStore(path).load()).toEqual([incident("a", 1)]);
  });

  it("are kept in memory, and said to be, while the disk takes nothing; then on disk", () => {
    const path = folder();
    rmSync(path, { recursive: true });
    const store = new IncidentStore(path);
    expect(store.load()).toEqual([]);
    save(store, incident("a", 1));
    save(store, { ...incident("a", 1), resolved: 5 });
    save(store, incident("b", 2));
    expect(store.problems).toEqual([expect.stringMatching(/^Incidents are kept in memory only: /)]);
    expect(store.again()).toEqual([]);
    expect(store.problems).toHaveLength(1);
    mkdirSync(path);
    expect(store.again()).toEqual([]);
    expect(store.problems).toEqual([]);
    expect(new IncidentStore(path).load()).toEqual([{ ...incident("a", 1), resolved: 5 }, incident("b", 2)]);
  });

  it("of an earlier run are found once the disk can be read, and none of them is dropped before", () => {
    const path = folder();
    const earlier = new IncidentStore(path);
    save(earlier, incident("a", 1));
    earlier.saveTicket("a", 3);
    earlier.close();
    renameSync(path, `${path}.away`);
    const store = new IncidentStore(path);
    expect(store.load()).toEqual([]);
    save(store, incident("b", 2));
    renameSync(`${path}.away`, path);
    store.keep(new Set(["b"]));
    expect(store.again()).toEqual([incident("a", 1)]);
    expect(store.tickets()).toEqual(new Map([["a", 3]]));
    expect(store.again()).toEqual([]);
    expect(new IncidentStore(path).load()).toEqual([incident("a", 1), incident("b", 2)]);
    store.keep(new Set(["b"]));
    expect(new IncidentStore(path).load()).toEqual([incident("b", 2)]);
  });
});
