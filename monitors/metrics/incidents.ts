import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { type Incident, SEVERITIES, timesOf } from "../../dashboards/incident.ts";
import type { IncidentEvent } from "../incidents/book.ts";
import { METRICS, type OwnMetric } from "./names.ts";

/** Minutes, hours, a day: what people take to notice and to mend. In seconds. */
const BUCKETS = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/** What is counted of incidents. */
export class IncidentMetrics {
  readonly #opened: Counter;
  readonly #phases: Histogram;

  constructor(registers: Registry[], incidents: () => readonly Incident[]) {
    this.#opened = new Counter({ ...described("vigie_incidents_opened_total"), registers });
    this.#phases = new Histogram({ ...described("vigie_incident_phase_seconds"), buckets: BUCKETS, registers });
    new Gauge({
      ...described("vigie_incidents_open"),
      registers,
      collect() {
        const open = incidents().filter(({ resolved }) => resolved === undefined);
        for (const severity of SEVERITIES)
          this.set({ severity }, open.filter((incident) => incident.severity === severity).length);
      },
    });
  }

  count({ what, incident }: IncidentEvent): void {
    const { detect, acknowledge, resolve } = timesOf(incident);
    if (what === "opened") {
      this.#opened.inc();
      if (detect !== undefined) this.#phases.observe({ phase: "detect" }, detect);
    }
    if (what === "acknowledged" && acknowledge !== undefined)
      this.#phases.observe({ phase: "acknowledge" }, acknowledge);
    if (what === "resolved" && resolve !== undefined) this.#phases.observe({ phase: "resolve" }, resolve);
  }
}

const described = (name: OwnMetric) => ({
  name,
  help: METRICS[name].help,
  labelNames: [...METRICS[name].labels] as string[],
});
