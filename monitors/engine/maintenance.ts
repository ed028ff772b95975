import { type Inventory, type Occurrence, occurrencesBetween } from "../../association/index.ts";

const DAY = 86_400_000;
/** What is worked out at once, around the time that is asked about. */
const BEHIND = 2 * DAY;
const AHEAD = 62 * DAY;

/** When work is announced on which service: worked out for two months at a time, for every run asks. Times are milliseconds since the epoch. */
export class MaintenanceCalendar {
  /** Services that work is ever announced on. */
  readonly services: readonly string[];
  readonly #inventory: Pick<Inventory, "maintenance">;
  #from = 0;
  #until = 0;
  #byService: ReadonlyMap<string, readonly Occurrence[]> = new Map();

  constructor(inventory: Pick<Inventory, "maintenance">) {
    this.#inventory = inventory;
    this.services = [...new Set(Object.values(inventory.maintenance).flatMap(({ services }) => services))].sort();
  }

  /** The work going on on a service, of several that which ends last. */
  at(service: string, now: number): Occurrence | undefined {
    let last: Occurrence | undefined;
    for (const one of this.#of(service, now)) {
      if (one.from > now) break;
      if (one.until > now && (last === undefined || one.until > last.until)) last = one;
    }
    return last;
  }

  /** How much of a time is announced work, in milliseconds; what two windows share counts once. */
  overlap(service: string, from: number, to: number): number {
    let counted = 0;
    let at = from;
    for (const one of this.#of(service, from)) {
      const start = Math.max(at, one.from);
      const end = Math.min(to, one.until);
      if (end <= start) continue;
      counted += end - start;
      at = end;
    }
    return counted;
  }

  /** Work that goes on or is to come within so many milliseconds, the earliest first. */
  announced(now: number, within: number): Occurrence[] {
    return occurrencesBetween(this.#inventory, now, now + within);
  }

  #of(service: string, now: number): readonly Occurrence[] {
    if (this.services.length === 0) return [];
    if (now < this.#from + BEHIND / 2 || now > this.#until - AHEAD / 2) this.#workOut(now);
    return this.#byService.get(service) ?? [];
  }

  #workOut(now: number): void {
    this.#from = now - BEHIND;
    this.#until = now + AHEAD;
    const { maintenance } = this.#inventory;
    const byService = new Map<string, Occurrence[]>();
    for (const one of occurrencesBetween(this.#inventory, this.#from, this.#until)) {
      for (const service of maintenance[one.window]!.services) {
        const known = byService.get(service);
        if (known) known.push(one);
        else byService.set(service, [one]);
      }
    }
    this.#byService = byService;
  }
}
