import type { Inventory } from "../../association/index.ts";
import type { Incident } from "../../dashboards/incident.ts";
import { failing, type LookoutView, reasonFor, serviceStatus } from "../../dashboards/view.ts";
import type { Jump } from "../engine/clock.ts";
import { type Condition, IncidentBook, type IncidentEvent } from "./book.ts";
import { IncidentStore } from "./store.ts";
import { type SendTicket, Tickets } from "./tickets.ts";

/** How often services are looked at for incidents, in milliseconds. */
const PERIOD_MS = 5000;

export interface IncidentsOptions {
  inventory: Inventory;
  /** Folder that they are kept in. */
  folder: string;
  view(): LookoutView;
  /** The moment that the age of incidents is reckoned from, where it is not simply now. */
  agedUntil?(now: number): number;
  /** Told of what happens to incidents of the lookout's own. */
  onEvent?(event: IncidentEvent): void;
  /** Writes to the role in charge; nobody is written to where it is left out. @throws where that failed: it is tried again. */
  sendTicket?: SendTicket;
}

/** All incidents: those that the lookout opens, remembered across restarts, and those written by hand. */
export class Incidents {
  readonly #options: IncidentsOptions;
  readonly #store: IncidentStore;
  #inventory: Inventory;
  #book: IncidentBook;
  #written: readonly Incident[] = [];
  #timer: NodeJS.Timeout | undefined;
  #kept = 0;
  readonly #tickets: Tickets | undefined;

  constructor(options: IncidentsOptions) {
    this.#options = options;
    this.#store = new IncidentStore(options.folder);
    this.#inventory = options.inventory;
    this.#book = this.#bookOf(options.inventory, this.#store.load());
    this.#tickets = options.sendTicket && new Tickets(options.sendTicket, this.#store);
  }

  /** Follows another inventory from now on; what is known stays. */
  reload(inventory: Inventory): void {
    this.#inventory = inventory;
    this.#book = this.#bookOf(inventory, this.#book.incidents);
  }

  #bookOf(inventory: Inventory, known: readonly Incident[]): IncidentBook {
    this.#written = Object.entries(inventory.incidents ?? {}).map(([id, told]) => ({ id, by: "hand", ...told }));
    return new IncidentBook(inventory, known, (event) => {
      this.#store.save(event.incident, JSON.stringify(event.incident));
      this.#options.onEvent?.(event);
    });
  }

  get all(): readonly Incident[] {
    return [...this.#written, ...this.#book.incidents];
  }

  /** Those that the lookout opened. */
  get own(): readonly Incident[] {
    return this.#book.incidents;
  }

  get problems(): string[] {
    return this.#store.problems;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.look(), PERIOD_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#store.close();
  }

  /** Looks at every service once. */
  look(now = Date.now()): void {
    const found = this.#store.again();
    if (found.length > 0) {
      this.#book.adopt(found);
      this.#tickets?.recall();
    }
    const conditions = conditionsOf(this.#inventory, this.#options.view());
    this.#book.observe(conditions, now, this.#options.agedUntil?.(now));
    const { incidents } = this.#book;
    if (incidents.length < this.#kept) this.#store.keep(new Set(incidents.map(({ id }) => id)));
    this.#kept = incidents.length;
    void this.#tickets?.write(incidents, now);
  }

  /** The clock has jumped. */
  jumped(jump: Jump): void {
    for (const incident of this.#book.jumped(jump)) this.#store.save(incident, JSON.stringify(incident));
  }

  acknowledge(id: string, by: string, now = Date.now()): Incident | undefined {
    return this.#book.acknowledge(id, by, now);
  }

  escalate(service: string, now = Date.now()): void {
    this.#book.escalate(service, now);
  }
}

/** How every watched service fares, work announced on it or not; those of which nothing is known are left out. */
export function conditionsOf(inventory: Inventory, view: LookoutView): Map<string, Condition> {
  const conditions = new Map<string, Condition>();
  const asSeen = { ...view, maintenance: {} };
  for (const service of Object.values(inventory.services)) {
    if (!service.active || service.checks.length === 0) continue;
    const status = serviceStatus(inventory, service, asSeen);
    if (status === "unknown") continue;
    const [first] = failing(inventory, service, view);
    const since = service.checks.flatMap((id) => view.states[id]?.since ?? []);
    conditions.set(service.id, {
      down: status === "down",
      ...(view.maintenance?.[service.id] ? { announced: true } : {}),
      since: status === "down" ? (first?.since ?? view.now) : Math.max(0, ...since),
      known: Math.min(view.now, first?.lastRun?.at ?? view.now),
      // Of one that flaps, always the same: each fall and rise would be news otherwise.
      reason: first === undefined ? "internal" : first.flapping ? "unsteady" : reasonFor(first) || "internal",
    });
  }
  return conditions;
}
