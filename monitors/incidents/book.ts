import type { Inventory } from "../../association/index.ts";
import { ancestorsOf } from "../../dashboards/dependencies.ts";
import type { Incident, IncidentFact, IncidentUpdate, Severity } from "../../dashboards/incident.ts";
import { afterJump, type Jump } from "../engine/clock.ts";

/** How a service fares now, as the book of incidents needs it. */
export interface Condition {
  readonly down: boolean;
  /** Work is announced on it: no incident begins by that, and one that goes on is not over by that. */
  readonly announced?: boolean;
  /** Since when, in milliseconds since the epoch. */
  readonly since: number;
  /** When the lookout was sure of it, in milliseconds since the epoch. */
  readonly known: number;
  /** Why, where it is down: a word of the checks' closed list. */
  readonly reason: string;
}

/** Down again so soon after the end of an incident, it is the same one. In milliseconds. */
const REOPEN_MS = 30 * 60_000;
/** A symptom that changes more often than this is not told each time. In milliseconds. */
const CHANGE_MS = 5 * 60_000;
/** An incident's log holds no more than this: what flaps for a week is one incident, not a novel. */
const MOST_UPDATES = 200;
/** How long incidents are kept, in milliseconds; the oldest go first where there are more than this. */
const KEPT_MS = 400 * 86_400_000;
const MOST_KEPT = 2000;

/** What happened to an incident, told to whoever counts, writes or remembers. */
export interface IncidentEvent {
  readonly what: "opened" | "reopened" | "acknowledged" | "escalated" | "resolved" | "updated";
  readonly incident: Incident;
}

type Open = { -readonly [Key in keyof Incident]: Incident[Key] };

/** The last moment that is told of an incident which is over. */
const endOf = ({ resolved = 0, updates }: Incident): number => Math.max(resolved, updates.at(-1)?.at ?? 0);

/** All moments of an incident, as the clock tells them after a jump. */
function move(incident: Open, jump: Jump): void {
  incident.started = afterJump(incident.started, jump);
  for (const when of ["detected", "escalated", "resolved"] as const)
    if (incident[when] !== undefined) incident[when] = afterJump(incident[when], jump);
  if (incident.acknowledged !== undefined)
    incident.acknowledged = { ...incident.acknowledged, at: afterJump(incident.acknowledged.at, jump) };
  incident.updates = incident.updates.map((update) => ({ ...update, at: afterJump(update.at, jump) }));
}

/**
 * The lookout's own incidents: opened when a service has been down for as long as the association says, one for each root
 * cause, followed while it spreads and recovers, closed when everything works. Pure but for its memory.
 */
export class IncidentBook {
  readonly #inventory: Inventory;
  readonly #incidents: Open[];
  readonly #tell: (event: IncidentEvent) => void;
  readonly #ancestors = new Map<string, readonly string[]>();
  /** Incidents that are over and were moved with the clock, as they were told before. */
  readonly #dated = new Map<string, Open>();
  /** Parents before children, so that a cause is opened before what it causes. */
  readonly #order: readonly string[];

  constructor(inventory: Inventory, known: readonly Incident[], tell: (event: IncidentEvent) => void) {
    this.#inventory = inventory;
    this.#incidents = known.map((incident) => ({ ...incident }));
    this.#tell = tell;
    for (const service of Object.values(inventory.services))
      this.#ancestors.set(service.id, ancestorsOf(inventory, service));
    this.#order = [...this.#ancestors].sort(([, a], [, b]) => a.length - b.length).map(([id]) => id);
  }

  get incidents(): readonly Incident[] {
    return this.#incidents;
  }

  /** Takes up what is only found to be known now. */
  adopt(known: readonly Incident[]): void {
    const here = new Set(this.#incidents.map(({ id }) => id));
    this.#incidents.push(...known.filter(({ id }) => !here.has(id)).map((incident) => ({ ...incident })));
    this.#incidents.sort((a, b) => a.started - b.started);
  }

  /** Looks at how all services fare. What is old is so as of `aged`: by a clock that is astray nothing is forgotten. */
  observe(conditions: ReadonlyMap<string, Condition>, now: number, aged = now): void {
    const openAfter = (this.#inventory.association.incidents?.openAfter ?? 300) * 1000;
    for (const id of this.#order) {
      const condition = conditions.get(id);
      if (condition === undefined) continue;
      const own = this.#openWith(id);
      if (own !== undefined) this.#follow(own, id, condition, now);
      else if (condition.down && !condition.announced && now - condition.since >= openAfter)
        this.#begin(id, condition, now);
    }
    for (const incident of this.#incidents)
      if (incident.resolved === undefined && incident.services.every((id) => conditions.get(id)?.down !== true))
        this.#resolve(incident, conditions, now);
    this.#forget(aged);
  }

  /**
   * The clock has jumped: what is open has been so for as long as before. What is over stays as it was told, but for what would be yet to
   * come: that was dated by a clock which was ahead; if it is not the clock of now that is behind, which the next jump tells. Gives what that changes.
   */
  jumped(jump: Jump): readonly Incident[] {
    return this.#incidents.filter((incident) => {
      const { id, resolved } = incident;
      const dated = this.#dated.get(id);
      if (resolved === undefined) move(incident, jump);
      else if (endOf(incident) > jump.now) {
        if (dated === undefined) this.#dated.set(id, { ...incident });
        move(incident, jump);
      } else if (dated !== undefined && endOf(dated) <= jump.now) {
        Object.assign(incident, dated);
        this.#dated.delete(id);
      } else return false;
      return true;
    });
  }

  /** Somebody takes care of it; undefined where there is no such open incident. */
  acknowledge(id: string, by: string, now: number): Incident | undefined {
    const incident = this.#incidents.find((one) => one.id === id && one.resolved === undefined);
    if (incident === undefined) return undefined;
    if (incident.acknowledged !== undefined) return incident;
    incident.acknowledged = { at: now, by };
    this.#note(incident, { at: now, fact: { what: "acknowledged" } });
    this.#tell({ what: "acknowledged", incident });
    return incident;
  }

  /** An alert about a service has gone to support level 2. */
  escalate(service: string, now: number): void {
    const incident = this.#openWith(service);
    if (incident === undefined || incident.escalated !== undefined) return;
    incident.escalated = now;
    this.#note(incident, { at: now, fact: { what: "escalated" } });
    this.#tell({ what: "escalated", incident });
  }

  #openWith(service: string): Open | undefined {
    return this.#incidents.find(({ resolved, services }) => resolved === undefined && services.includes(service));
  }

  #begin(id: string, { since, known, reason }: Condition, now: number): void {
    const ancestors = this.#ancestors.get(id) ?? [];
    const cause = ancestors.map((parent) => this.#openWith(parent)).find((open) => open !== undefined);
    const effect = this.#incidents.find(
      ({ resolved, services }) =>
        resolved === undefined && services.every((one) => this.#ancestors.get(one)?.includes(id)),
    );
    const joined = cause ?? effect;
    if (joined !== undefined) {
      joined.services = [...joined.services, id];
      joined.severity = this.#severity(joined.services);
      joined.started = Math.min(joined.started, since);
      this.#note(joined, { at: now, fact: { what: "spread", service: id } });
      this.#tell({ what: "updated", incident: joined });
      return;
    }
    const recent = this.#incidents.findLast(
      ({ resolved, services }) =>
        resolved !== undefined && Math.abs(now - resolved) < REOPEN_MS && services.includes(id),
    );
    if (recent !== undefined) {
      delete recent.resolved;
      this.#dated.delete(recent.id);
      this.#note(recent, { at: now, fact: { what: "again", service: id } });
      this.#tell({ what: "reopened", incident: recent });
      return;
    }
    const incident: Open = {
      id: this.#newId(id, since),
      by: "lookout",
      services: [id],
      severity: this.#severity([id]),
      started: since,
      detected: Math.max(since, known),
      updates: [],
    };
    this.#note(incident, { at: now, fact: { what: "detected", service: id, reason } });
    this.#incidents.push(incident);
    this.#tell({ what: "opened", incident });
  }

  #follow(incident: Open, service: string, { down, reason }: Condition, now: number): void {
    const last = incident.updates.findLast(
      ({ fact }) => fact !== undefined && "service" in fact && fact.service === service,
    );
    const was = last?.fact?.what !== "recovered";
    if (was && !down && incident.services.length > 1) {
      this.#note(incident, { at: now, fact: { what: "recovered", service } });
      this.#tell({ what: "updated", incident });
    } else if (!was && down) {
      this.#note(incident, { at: now, fact: { what: "again", service } });
      this.#tell({ what: "updated", incident });
    } else if (
      down &&
      last?.fact &&
      "reason" in last.fact &&
      last.fact.reason !== reason &&
      now - last.at >= CHANGE_MS
    ) {
      this.#note(incident, { at: now, fact: { what: "changed", service, reason } });
      this.#tell({ what: "updated", incident });
    }
  }

  #resolve(incident: Open, conditions: ReadonlyMap<string, Condition>, now: number): void {
    // Over since the last of them works again; a service that is no longer declared says nothing.
    const ends = incident.services.flatMap((id) => conditions.get(id)?.since ?? []);
    incident.resolved = Math.max(incident.started, Math.min(now, ...(ends.length > 0 ? [Math.max(...ends)] : [])));
    this.#note(incident, { at: now, fact: { what: "resolved" } });
    this.#tell({ what: "resolved", incident });
  }

  #note(incident: Open, { at, fact }: { at: number; fact: IncidentFact }): void {
    const status = STATUS[fact.what];
    if (incident.updates.length >= MOST_UPDATES && status !== "resolved") return;
    const update: IncidentUpdate = { at, status, fact };
    incident.updates = [...incident.updates, update];
  }

  #severity(services: readonly string[]): Severity {
    const known = services.flatMap((id) => this.#inventory.services[id] ?? []);
    if (known.length >= 3 || known.some(({ provides }) => provides.includes("proxy"))) return "critical";
    return known.some(({ audience }) => audience === "public") ? "major" : "minor";
  }

  /** `20270131-0910-wiki`, in the association's own time: it is read in addresses. */
  #newId(service: string, at: number): string {
    const parts = new Intl.DateTimeFormat("en-CA", {
      timeZone: this.#inventory.association.timeZone,
      dateStyle: "short",
      timeStyle: "short",
      hourCycle: "h23",
    }).format(at);
    const id = `${parts.replace(/[^\d ,]/g, "").replace(/,? /, "-")}-${service}`;
    const taken = new Set(this.#incidents.map((one) => one.id));
    let free = id;
    for (let more = 2; taken.has(free); more++) free = `${id}-${more}`;
    return free;
  }

  #forget(now: number): void {
    for (let index = 0; index < this.#incidents.length; index++) {
      const { resolved } = this.#incidents[index]!;
      if (resolved === undefined) continue;
      if (now - resolved <= KEPT_MS && this.#incidents.length <= MOST_KEPT) return;
      this.#incidents.splice(index--, 1);
    }
  }
}

const STATUS: Readonly<Record<IncidentFact["what"], IncidentUpdate["status"]>> = {
  detected: "investigating",
  changed: "investigating",
  spread: "investigating",
  again: "investigating",
  acknowledged: "investigating",
  escalated: "investigating",
  recovered: "monitoring",
  resolved: "resolved",
};
