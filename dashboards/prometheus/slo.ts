import { BURNS, type Inventory, type InventoryService } from "../../association/index.ts";
import { type Draft, literal, quote } from "./rule.ts";

/** A recording rule (prometheus.io/docs/prometheus/2.53/configuration/recording_rules). */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

export interface RecordingGroup {
  readonly name: string;
  readonly interval?: string;
  readonly rules: readonly RecordingRule[];
}

/** Windows that are worked out at each evaluation, and those that change so slowly that five minutes do. */
const QUICK = ["5m", "30m", "1h", "2h", "6h"];
const SLOW = ["1d", "3d"];

const errors = (window: string): string => `service:vigie_slo_errors:ratio_rate${window}`;

const runs = (window: string, result = ""): string =>
  `sum by (service) (rate(vigie_service_slo_runs_total${result}[${window}]))`;

const recorded = (window: string): RecordingRule => ({
  record: errors(window),
  expr: `${runs(window, '{result="bad"}')} / ${runs(window)}`,
});

/** The share of each service's runs that failed, over several times, of services with an objective. */
export function sloRecordings({ services }: Inventory): RecordingGroup[] {
  const withObjective = Object.values(services).filter(({ slo }) => slo !== undefined);
  if (withObjective.length === 0) return [];
  return [
    { name: "objectives", rules: QUICK.map(recorded) },
    { name: "objectives over days", interval: "5m", rules: SLOW.map(recorded) },
  ];
}

/** Alerts on how fast a service uses its error budget up. */
export function sloDrafts(service: InventoryService): Draft[] {
  const { slo } = service;
  if (slo === undefined) return [];
  const budget = Number((1 - slo.availability / 100).toPrecision(6));
  const of = `{service=${quote(service.id)}}`;
  const name = literal(service.name.en);
  return BURNS.map(({ factor, long, short, severity }) => ({
    alert: "ErrorBudgetBurning",
    severity,
    service,
    labels: { burn: `${factor}x`, window: long },
    expr: `${errors(long)}${of} > ${factor} * ${budget} and ${errors(short)}${of} > ${factor} * ${budget}`,
    summary: `${name}: too many runs fail for its objective of ${slo.availability} %`,
    description: `{{ $value | humanizePercentage }} of the runs of the last ${long} failed: ${factor} times as many as ${name} can afford, and it goes on.`,
  }));
}
