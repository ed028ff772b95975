import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Incident, IncidentFact } from "../../../dashboards/incident.ts";
import { IncidentStore } from "../../../monitors/incidents/store.ts";
import { PAUSE_MS, Tickets } from "../../../monitors/incidents/tickets.ts";

const START = Date.UTC(2027, 0, 31, 8, 10);
const DAY = 86_400_000;

const incident = (facts: readonly IncidentFact["what"][], resolved?: number): Incident => ({
  id: "20270131-0910-wiki",
  by: "lookout",
  services: ["wiki"],
  severity: "major",
  started: START,
  ...(resolved === undefined ? {} : { resolved }),
  updates: facts.map((what) => ({ at: START, status: "investigating", fact: { what } as IncidentFact })),
});

function tickets(store = new IncidentStore(mkdtempSync(join(tmpdir(), "vigie-tickets-")))) {
  const sent: [number, number][] = [];
  const mail = { works: true };
  const writer = new Tickets(async ({ updates }, from) => {
    if (!mail.works) throw new Error("the mail server is down");
    sent.push([from, updates.length]);
  }, store);
  return { sent, mail, store, write: (one: Incident, at: number) => writer.write([one], at) };
}

describe("an incident's ticket", () => {
  it("is written once when it opens, and each update once, those that come close together in one answer", async () => {
    const { sent, write } = tickets();
    await write(incident(["detected"]), START);
    await write(incident(["detected"]), START + PAUSE_MS);
    await write(incident(["detected", "acknowledged"]), START + PAUSE_MS);
    await write(incident(["detected", "acknowledged", "changed"]), START + PAUSE_MS + 1000);
    await write(incident(["detected", "acknowledged", "changed", "resolved"], START), START + 2 * PAUSE_MS);
    expect(sent).toEqual([
      [0, 1],
      [1, 2],
      [2, 4],
    ]);
  });

  it("waits while it cannot be sent, and is told whole once it can", async () => {
    const { sent, mail, write } = tickets();
    mail.works = false;
    await write(incident(["detected"]), START);
    mail.works = true;
    await write(incident(["detected"]), START + PAUSE_MS - 1);
    expect(sent).toEqual([]);
    await write(incident(["detected", "resolved"], START + 1), START + PAUSE_MS);
    expect(sent).toEqual([[0, 2]]);
  });

  it("is not written again by the next lookout, which goes on where the last one was", async () => {
    const first = tickets();
    await first.write(incident(["detected"]), START);
    const next = tickets(first.store);
    await next.write(incident(["detected"]), START + DAY);
    await next.write(incident(["detected", "resolved"], START + DAY), START + DAY);
    expect(next.sent).toEqual([[1, 2]]);
  });

  it("is not begun for what was long over before there was anybody to write to", async () => {
    const { sent, write } = tickets();
    await write(incident(["detected", "resolved"], START), START + 2 * DAY);
    expect(sent).toEqual([]);
  });

  it("is forgotten with its incident", () => {
    const store = new IncidentStore(mkdtempSync(join(tmpdir(), "vigie-tickets-")));
    store.saveTicket("gone", 3);
    store.saveTicket("kept", 1);
    store.keep(new Set(["kept"]));
    expect(store.tickets()).toEqual(new Map([["kept", 1]]));
  });

  it("is not written again where what was told is only found later", async () => {
    const store = new IncidentStore(mkdtempSync(join(tmpdir(), "vigie-tickets-")));
    const found = { tickets: () => new Map<string, number>(), saveTicket: store.saveTicket.bind(store) };
    const sent: number[] = [];
    const writer = new Tickets(async (_, from) => void sent.push(from), found);
    found.tickets = () => new Map([["20270131-0910-wiki", 2]]);
    writer.recall();
    await writer.write([incident(["detected", "acknowledged"])], START);
    expect(sent).toEqual([]);
    await writer.write([incident(["detected", "acknowledged", "changed"])], START + PAUSE_MS);
    expect(sent).toEqual([2]);
  });
});
