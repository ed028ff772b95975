import type { Incident } from "../../dashboards/incident.ts";
import type { IncidentStore } from "./store.ts";

/** Writes what an incident's updates from `from` on say. @throws where it was not taken. */
export type SendTicket = (incident: Incident, from: number) => Promise<void>;

/** What happens within this is told together, and what could not be told is tried again after it. In milliseconds. */
export const PAUSE_MS = 60_000;
/** What was over for so long and never told, as before there was a mail server, stays untold. In milliseconds. */
const STALE_MS = 86_400_000;

/** How far each incident was told: one letter when it opens, one for what follows, each once whatever stops in between. */
export class Tickets {
  readonly #send: SendTicket;
  readonly #store: Pick<IncidentStore, "tickets" | "saveTicket">;
  readonly #told = new Map<string, number>();
  readonly #tried = new Map<string, number>();
  #busy = false;

  constructor(send: SendTicket, store: Pick<IncidentStore, "tickets" | "saveTicket">) {
    this.#send = send;
    this.#store = store;
    this.recall();
  }

  /** Takes up what an earlier run has told. */
  recall(): void {
    for (const [id, told] of this.#store.tickets()) this.#told.set(id, Math.max(told, this.#told.get(id) ?? 0));
  }

  /** Tells what is untold, one letter after the other. */
  async write(incidents: readonly Incident[], now: number): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (const incident of incidents) if (this.#due(incident, now)) await this.#tell(incident, now);
      const known = new Set(incidents.map(({ id }) => id));
      for (const map of [this.#told, this.#tried]) for (const id of map.keys()) if (!known.has(id)) map.delete(id);
    } finally {
      this.#busy = false;
    }
  }

  #due({ id, resolved, updates }: Incident, now: number): boolean {
    const told = this.#told.get(id) ?? 0;
    if (told >= updates.length) return false;
    if (told === 0 && resolved !== undefined && now - resolved > STALE_MS) return false;
    return Math.abs(now - (this.#tried.get(id) ?? Number.NEGATIVE_INFINITY)) >= PAUSE_MS;
  }

  async #tell(incident: Incident, now: number): Promise<void> {
    const { id, updates } = incident;
    this.#tried.set(id, now);
    try {
      await this.#send(incident, this.#told.get(id) ?? 0);
    } catch {
      // Whoever sends has said why; the next look tries again.
      return;
    }
    // What came while it was sent is told next.
    this.#told.set(id, updates.length);
    this.#store.saveTicket(id, updates.length);
  }
}
