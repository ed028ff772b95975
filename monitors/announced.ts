import type { Inventory } from "../association/index.ts";
import { ANNOUNCED_DAYS, type Announced, type Maintenance } from "../dashboards/view.ts";
import { MaintenanceCalendar } from "./engine/maintenance.ts";

const DAY = 86_400_000;
/** How long a list of what is announced is good for, in milliseconds. */
const GOOD_FOR = 60_000;

/** Work announced on services, as pages tell of it. Times are Unix milliseconds. */
export class AnnouncedWork {
  readonly calendar: MaintenanceCalendar;
  readonly #windows: Inventory["maintenance"];
  #listedAt = Number.NEGATIVE_INFINITY;
  #list: Announced[] = [];

  constructor(inventory: Pick<Inventory, "maintenance">) {
    this.calendar = new MaintenanceCalendar(inventory);
    this.#windows = inventory.maintenance;
  }

  /** Services that are worked on now. */
  goingOn(now: number): Record<string, Maintenance> {
    return Object.fromEntries(
      this.calendar.services.flatMap((service) => {
        const going = this.calendar.at(service, now);
        if (going === undefined) return [];
        const { title, text } = this.#windows[going.window]!;
        return [[service, { from: going.from, until: going.until, title, ...(text ? { text } : {}) }]];
      }),
    );
  }

  /** Work that goes on or is to come soon, the earliest first. */
  list(now: number): Announced[] {
    if (this.calendar.services.length === 0) return [];
    if (Math.abs(now - this.#listedAt) >= GOOD_FOR || this.#list.some(({ until }) => until <= now)) {
      this.#listedAt = now;
      this.#list = this.calendar.announced(now, ANNOUNCED_DAYS * DAY).map(({ window, from, until }) => {
        const { title, text, services } = this.#windows[window]!;
        return { window, from, until, title, ...(text ? { text } : {}), services };
      });
    }
    return this.#list;
  }
}
