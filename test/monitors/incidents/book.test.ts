import { describe, expect, it } from "vitest";
import type { Inventory, InventoryService } from "../../../association/index.ts";
import type { Incident } from "../../../dashboards/incident.ts";
import { type Condition, IncidentBook, type IncidentEvent } from "../../../monitors/incidents/book.ts";
import { inventory } from "../helpers/inventory.ts";

const MINUTE = 60_000;
const START = Date.UTC(2027, 0, 31, 8, 10);

/** Services in a chain: each needs the one before. */
function chain(...ids: string[]): Inventory {
  const base = inventory();
  const services = ids.map((id, index): [string, InventoryService] => [
    id,
    { ...base.services.till!, id, dependsOn: index === 0 ? [] : [ids[index - 1]!], provides: [] },
  ]);
  return { ...base, services: Object.fromEntries(services) };
}

function bookOf(of: Inventory, known: readonly Incident[] = []) {
  const events: IncidentEvent["what"][] = [];
  const book = new IncidentBook(of, known, ({ what }) => events.push(what));
  const conditions = new Map<string, Condition>();
  const set = (id: string, down: boolean, at: number, reason = "timeout") =>
    conditions.set(id, { down, since: at, known: at + MINUTE, reason });
  for (const id of Object.keys(of.services)) set(id, false, START - 60 * MINUTE);
  return {
    book,
    events,
    set,
    look: (at: number) => book.observe(conditions, at),
    drop: (id: string) => conditions.delete(id),
    announce: (...ids: string[]) => {
      for (const id of ids) conditions.set(id, { ...conditions.get(id)!, announced: true });
    },
  };
}

const facts = ({ updates }: Incident) => updates.map(({ fact }) => fact!.what);

describe("an incident", () => {
  it("is opened once a service has been down for as long as the association says, and not before", () => {
    const { book, events, set, look } = bookOf(chain("a"));
    set("a", true, START);
    look(START + 5 * MINUTE - 1);
    expect(book.incidents).toEqual([]);
    look(START + 5 * MINUTE);
    look(START + 6 * MINUTE);
    expect(events).toEqual(["opened"]);
    expect(book.incidents).toMatchObject([
      {
        id: "20270131-0910-a",
        by: "lookout",
        services: ["a"],
        started: START,
        detected: START + MINUTE,
        severity: "major",
      },
    ]);
    expect(facts(book.incidents[0]!)).toEqual(["detected"]);
  });

  it("that an earlier run knew is taken up late too: once, in order of time, and followed", () => {
    const { book, events, set, look } = bookOf(chain("a", "b"));
    set("b", true, START);
    look(START + 5 * MINUTE);
    const [own] = book.incidents;
    const earlier = (id: string, started: number, more: Partial<Incident> = {}): Incident => ({
      ...{ id, by: "lookout", services: ["a"], severity: "major", started, updates: [], ...more },
    });
    const known = [
      earlier("old", START - 9 * MINUTE, { resolved: START - 8 * MINUTE }),
      earlier("open", START - MINUTE),
    ];
    book.adopt(known);
    book.adopt([...known, own!]);
    expect(book.incidents.map(({ id }) => id)).toEqual(["old", "open", own!.id]);
    look(START + 6 * MINUTE);
    expect(events).toEqual(["opened", "resolved"]);
    expect(book.incidents.find(({ id }) => id === "open")?.resolved).toBeDefined();
  });

  it("is neither opened nor longer because the clock jumps", () => {
    const { book, events, set, look } = bookOf(chain("a", "b"));
    set("a", true, START);
    look(START + 6 * MINUTE);
    book.acknowledge("20270131-0910-a", "somebody", START + 7 * MINUTE);
    const by = 60 * MINUTE;
    expect(book.jumped({ by, now: START + 8 * MINUTE + by })).toHaveLength(1);
    set("a", false, START + 10 * MINUTE + by);
    look(START + 11 * MINUTE + by);
    const [{ started, detected, acknowledged, resolved, updates }] = book.incidents as [Incident];
    expect({
      detected: detected! - started,
      acknowledged: acknowledged!.at - started,
      resolved: resolved! - started,
    }).toEqual({
      detected: MINUTE,
      acknowledged: 7 * MINUTE,
      resolved: 10 * MINUTE,
    });
    expect(updates.map(({ at }) => at)).toEqual(updates.map(({ at }) => at).sort((a, b) => a - b));
    expect(events).toEqual(["opened", "acknowledged", "resolved"]);
    // What is over stays as it was told.
    expect(book.jumped({ by, now: START + 12 * MINUTE + 2 * by })).toEqual([]);
  });

  it("that a clock which was years ahead has dated moves with it, and does not take in what fails years before", () => {
    const { book, events, set, look } = bookOf(chain("a"));
    const by = 3650 * 1440 * MINUTE;
    set("a", true, START + by);
    look(START + by + 6 * MINUTE);
    set("a", false, START + by + 8 * MINUTE);
    look(START + by + 9 * MINUTE);
    const known = JSON.parse(JSON.stringify(book.incidents)) as Incident[];
    expect(book.jumped({ by: -by, now: START + 10 * MINUTE })).toHaveLength(1);
    expect(book.incidents).toMatchObject([{ started: START, resolved: START + 8 * MINUTE }]);
    expect(events).toEqual(["opened", "resolved"]);

    // Restarted meanwhile, nobody knows by how much it was.
    const after = bookOf(chain("a"), known);
    after.set("a", true, START + 60 * MINUTE);
    after.look(START + 66 * MINUTE);
    expect(after.events).toEqual(["opened"]);
  });

  it("is told as before where it was the clock that was wrong meanwhile, in one step or several", () => {
    const { book, set, look } = bookOf(chain("a"));
    set("a", true, START);
    look(START + 6 * MINUTE);
    set("a", false, START + 8 * MINUTE);
    look(START + 9 * MINUTE);
    const told = JSON.parse(JSON.stringify(book.incidents)) as Incident[];
    const day = 1440 * MINUTE;
    const now = START + 10 * MINUTE;
    book.jumped({ by: -365 * day, now: now - 365 * day });
    expect(book.incidents[0]!.resolved).toBeLessThan(now - 365 * day);
    book.jumped({ by: 364 * day, now: now - day });
    book.jumped({ by: day, now });
    expect(book.incidents).toEqual(told);
    expect(book.jumped({ by: 60 * MINUTE, now: now + 60 * MINUTE })).toEqual([]);
  });

  it("goes on where announced work begins meanwhile, as long as it takes, and none begins by work", () => {
    const { book, events, set, look, announce } = bookOf(chain("a", "b"));
    set("a", true, START);
    look(START + 6 * MINUTE);
    announce("a");
    set("b", true, START + 7 * MINUTE);
    announce("b");
    look(START + 20 * MINUTE);
    expect(book.incidents).toMatchObject([{ services: ["a"] }]);
    set("a", false, START + 30 * MINUTE);
    announce("a");
    look(START + 31 * MINUTE);
    expect(book.incidents).toMatchObject([{ started: START, resolved: START + 30 * MINUTE }]);
    expect(events).toEqual(["opened", "resolved"]);
  });

  it("that ends by a clock which was never set has no length below nothing", () => {
    const { book, set, look } = bookOf(chain("a"));
    set("a", true, START);
    look(START + 6 * MINUTE);
    set("a", false, 1000);
    look(2000);
    expect(book.incidents).toMatchObject([{ started: START, resolved: START }]);
  });

  it("is not opened for a failure that ends by itself", () => {
    const { book, set, look } = bookOf(chain("a"));
    set("a", true, START);
    look(START + 4 * MINUTE);
    set("a", false, START + 4.5 * MINUTE);
    look(START + 9 * MINUTE);
    expect(book.incidents).toEqual([]);
  });

  it("is one for a cause and all that it takes down, whichever is noticed first", () => {
    for (const first of ["root", "leaf"]) {
      const { book, set, look } = bookOf(chain("root", "middle", "leaf"));
      set(first, true, START);
      look(START + 5 * MINUTE);
      for (const id of ["root", "middle", "leaf"]) set(id, true, START + MINUTE);
      look(START + 7 * MINUTE);
      expect(book.incidents).toHaveLength(1);
      expect(book.incidents[0]!.services.toSorted()).toEqual(["leaf", "middle", "root"]);
      expect(book.incidents[0]!.severity).toBe("critical");
    }
  });

  it("is two where two things that have nothing to do with each other fail", () => {
    const base = chain("a", "b");
    const apart = { ...base, services: { a: base.services.a!, b: { ...base.services.b!, dependsOn: [] } } };
    const { book, set, look } = bookOf(apart);
    set("a", true, START);
    set("b", true, START);
    look(START + 6 * MINUTE);
    expect(book.incidents.map(({ services }) => services)).toEqual([["a"], ["b"]]);
  });

  it("is over when everything works again, as of the moment it did", () => {
    const { book, events, set, look } = bookOf(chain("a", "b"));
    set("a", true, START);
    set("b", true, START);
    look(START + 6 * MINUTE);
    set("a", false, START + 20 * MINUTE);
    look(START + 21 * MINUTE);
    expect(book.incidents[0]!.resolved).toBeUndefined();
    set("b", false, START + 30 * MINUTE);
    look(START + 31 * MINUTE);
    expect(book.incidents[0]!.resolved).toBe(START + 30 * MINUTE);
    expect(facts(book.incidents[0]!)).toEqual(["detected", "spread", "recovered", "recovered", "resolved"]);
    expect(events.at(-1)).toBe("resolved");
  });

  it("goes on where its service is down again soon after, and is a new one much later", () => {
    const { book, set, look } = bookOf(chain("a"));
    const outage = (from: number, until: number) => {
      set("a", true, from);
      look(from + 6 * MINUTE);
      set("a", false, until);
      look(until + MINUTE);
    };
    outage(START, START + 10 * MINUTE);
    outage(START + 20 * MINUTE, START + 30 * MINUTE);
    expect(book.incidents).toHaveLength(1);
    expect(facts(book.incidents[0]!)).toEqual(["detected", "resolved", "again", "resolved"]);
    outage(START + 300 * MINUTE, START + 310 * MINUTE);
    expect(book.incidents).toHaveLength(2);
    expect(new Set(book.incidents.map(({ id }) => id)).size).toBe(2);
  });

  it("tells another symptom, but not each time that one flickers", () => {
    const { book, set, look } = bookOf(chain("a"));
    set("a", true, START, "timeout");
    look(START + 5 * MINUTE);
    for (let minute = 6; minute < 30; minute++) {
      set("a", true, START, minute % 2 === 0 ? "refused" : "timeout");
      look(START + minute * MINUTE);
    }
    const changes = facts(book.incidents[0]!).filter((what) => what === "changed");
    expect(changes.length).toBeGreaterThan(0);
    expect(changes.length).toBeLessThanOrEqual(5);
  });

  it("keeps its log bounded however long it flaps", () => {
    const { book, set, look } = bookOf(chain("a", "b"));
    set("a", true, START);
    set("b", true, START);
    look(START + 6 * MINUTE);
    for (let turn = 0; turn < 1000; turn++) {
      set("b", turn % 2 !== 0, START + turn * MINUTE);
      look(START + (10 + turn) * MINUTE);
    }
    expect(book.incidents[0]!.updates.length).toBeLessThanOrEqual(201);
  });

  it("is over where its service is no longer declared", () => {
    const { book, set, look, drop } = bookOf(chain("a"));
    set("a", true, START);
    look(START + 6 * MINUTE);
    drop("a");
    look(START + 8 * MINUTE);
    expect(book.incidents[0]!.resolved).toBe(START + 8 * MINUTE);
  });

  it("is acknowledged once, by the first who says so", () => {
    const { book, events, set, look } = bookOf(chain("a"));
    set("a", true, START);
    look(START + 6 * MINUTE);
    const { id } = book.incidents[0]!;
    book.acknowledge(id, "lea", START + 8 * MINUTE);
    book.acknowledge(id, "karim", START + 9 * MINUTE);
    expect(book.incidents[0]!.acknowledged).toEqual({ at: START + 8 * MINUTE, by: "lea" });
    expect(events.filter((what) => what === "acknowledged")).toHaveLength(1);
    expect(book.acknowledge("constructor", "lea", START)).toBeUndefined();
    set("a", false, START + 10 * MINUTE);
    look(START + 11 * MINUTE);
    expect(book.acknowledge(id, "lea", START)).toBeUndefined();
  });

  it("shows when support level 2 was told, the first time", () => {
    const { book, set, look } = bookOf(chain("a"));
    book.escalate("a", START);
    set("a", true, START);
    look(START + 6 * MINUTE);
    book.escalate("a", START + 35 * MINUTE);
    book.escalate("a", START + 65 * MINUTE);
    expect(book.incidents[0]!.escalated).toBe(START + 35 * MINUTE);
    expect(facts(book.incidents[0]!)).toEqual(["detected", "escalated"]);
  });

  it("is forgotten after a year and some", () => {
    const { book, set, look } = bookOf(chain("a"));
    set("a", true, START);
    look(START + 6 * MINUTE);
    set("a", false, START + 10 * MINUTE);
    look(START + 11 * MINUTE);
    look(START + 399 * 1440 * MINUTE);
    expect(book.incidents).toHaveLength(1);
    // A clock that is years ahead makes nothing old.
    book.observe(new Map(), START + 4000 * 1440 * MINUTE, START + 399 * 1440 * MINUTE);
    expect(book.incidents).toHaveLength(1);
    look(START + 402 * 1440 * MINUTE);
    expect(book.incidents).toHaveLength(0);
  });

  it("goes on after a restart of the lookout", () => {
    const before = bookOf(chain("a"));
    before.set("a", true, START);
    before.look(START + 6 * MINUTE);
    const after = bookOf(chain("a"), JSON.parse(JSON.stringify(before.book.incidents)) as Incident[]);
    after.set("a", true, START);
    after.look(START + 7 * MINUTE);
    expect(after.events).toEqual([]);
    after.set("a", false, START + 8 * MINUTE);
    after.look(START + 9 * MINUTE);
    expect(after.book.incidents).toMatchObject([{ resolved: START + 8 * MINUTE }]);
  });
});
