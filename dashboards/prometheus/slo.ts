import { BURNS, type Inventory, type InventoryService, parseDuration } from "../../association/index.ts";
import { countsFor } from "../slo.ts";
import { type Draft, literal, ofChecks, quote, toldWithin } from "./rule.ts";

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

/**
 * Alerts on how fast a service uses its error budget up. An outage does too, and was told by an alert of its own: what is
 * left of it in the windows is an echo. So nothing is created while such an alert fires, nor until the short window holds
 * nothing but what came after it; and it is waited for as long as an outage may take to be told.
 */
export function sloDrafts(inventory: Inventory, service: InventoryService): Draft[] {
  const { slo } = service;
  if (slo === undefined) return [];
  const budget = Number((1 - slo.availability / 100).toPrecision(6));
  const of = `{service=${quote(service.id)}}`;
  const name = literal(service.name.en);
  const checks = service.checks.flatMap((id) => inventory.checks[id] ?? []);
  const telling = checks.filter((check) => countsFor(check) || check.kind === "container");
  const told = `ALERTS{alertstate="firing",severity="page",service=${quote(service.id)},${ofChecks(service, telling)}}`;
  const outageWithin = Math.max(0, ...checks.filter(countsFor).map((check) => toldWithin(check, check.failAfter)));
  return BURNS.map(({ factor, long, short, severity }) => ({
    alert: "ErrorBudgetBurning",
    severity,
    service,
    forSeconds: Math.min(outageWithin, parseDuration(short)!),
    heldWhile: [told, `vigie_service_held${of}`].map(
      (vector) => `max by (service) (max_over_time(${vector}[${short}])) == 1`,
    ),
    labels: { burn: `${factor}x`, window: long },
    expr: `${errors(long)}${of} > ${factor} * ${budget} and ${errors(short)}${of} > ${factor} * ${budget}`,
    summary: `${name}: too many runs fail for its objective of ${slo.availability} %`,
    description: `{{ $value | humanizePercentage }} of the runs of the last ${long} failed: ${factor} times as many as ${name} can afford, and it goes on.`,
  }));
}
