import { Gauge, type Registry } from "prom-client";
import type { Reports } from "../../dashboards/reports.ts";
import { lastGoodDrill } from "../../dashboards/reports.ts";
import { METRICS, type OwnMetric } from "./names.ts";

const seconds = (iso: string): number => Date.parse(iso) / 1000;

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** What each metric says of the reports; nothing where there is no report. Pure. */
const SAMPLES: Partial<Record<OwnMetric, (reports: Reports) => Sample[]>> = {
  vigie_versions_checked_timestamp_seconds: ({ versions }) => (versions ? [[{}, seconds(versions.made)]] : []),
  vigie_service_updates_pending: ({ versions }) =>
    Object.entries(versions?.services ?? {}).flatMap(([service, { updates }]): Sample[] => [
      [{ service, urgency: "security" }, updates.filter(({ security }) => security).length],
      [{ service, urgency: "other" }, updates.filter(({ security }) => !security).length],
    ]),
  vigie_service_update_waiting_since_timestamp_seconds: ({ versions }) =>
    Object.entries(versions?.services ?? {}).flatMap(([service, { updates }]): Sample[] =>
      updates.length === 0 ? [] : [[{ service }, Math.min(...updates.map(({ since }) => seconds(since)))]],
    ),
  vigie_service_version_info: ({ versions }) =>
    Object.entries(versions?.services ?? {}).flatMap(([service, { software }]): Sample[] =>
      software.map(({ package: name, version }) => [{ service, package: name, version }, 1]),
    ),
  vigie_service_image_held: ({ versions }) =>
    Object.entries(versions?.services ?? {}).map(([service, { edition }]) => [
      { service },
      edition.hold === undefined ? 0 : 1,
    ]),
  vigie_drill_last_run_timestamp_seconds: ({ drills }) => {
    const [last] = drills?.drills ?? [];
    return last ? [[{}, seconds(last.report.ended)]] : [];
  },
  // Zero is 1970: a drill that never was is older than any promise.
  vigie_drill_last_success_timestamp_seconds: (reports) => {
    const good = lastGoodDrill(reports);
    return [[{}, good ? seconds(good.ended) : 0]];
  },
  vigie_drill_recovery_seconds: (reports) =>
    (lastGoodDrill(reports)?.services ?? []).flatMap(({ service, rtoSeconds }): Sample[] =>
      rtoSeconds === null ? [] : [[{ service }, rtoSeconds]],
    ),
  vigie_drill_data_loss_seconds: (reports) =>
    (lastGoodDrill(reports)?.volumes ?? []).map(({ service, volume, rpoSeconds }) => [{ service, volume }, rpoSeconds]),
};

/** Registers them; reports are looked at when scraped, and parsed again only where they have changed. */
export function reportMetrics(registry: Registry, read: () => Reports): void {
  for (const [name, samples] of Object.entries(SAMPLES) as [OwnMetric, (reports: Reports) => Sample[]][]) {
    const { help, labels } = METRICS[name];
    new Gauge({
      name,
      help,
      labelNames: [...labels] as string[],
      registers: [registry],
      collect() {
        this.reset();
        for (const [own, value] of samples(read())) this.set(own, value);
      },
    });
  }
}
