import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { DurationSeconds, NoUnit, PercentUnit, Short } from "@grafana/grafana-foundation-sdk/units";
import { dashboard } from "./frame.ts";
import { chart, falling, figure, NONE_IS_GOOD, rising, table, timeline, YES_IS_GOOD } from "./panels.ts";

const DAY = 86_400;
const FIRING = 'ALERTS{alertstate="firing",severity!="none",level="1"}';

/** How everything is. */
export const overview = (): Dashboard =>
  dashboard({
    uid: "vigie-overview",
    title: "Vigie: overview",
    description: "What is broken, what is about to be, and how long it has been so.",
    since: "24h",
    rows: {
      Now: [
        figure({
          title: "Checks down",
          unit: Short,
          width: 4,
          steps: NONE_IS_GOOD,
          expr: "count(min by (service, check) (vigie_check_up) == 0) or vector(0)",
        }),
        figure({
          title: "Checks watched",
          unit: Short,
          width: 4,
          expr: "count(group by (service, check) (vigie_check_interval_seconds)) or vector(0)",
        }),
        figure({
          title: "Alerts firing",
          unit: Short,
          width: 4,
          steps: NONE_IS_GOOD,
          expr: `count(${FIRING}) or vector(0)`,
        }),
        figure({
          title: "Incidents open",
          unit: Short,
          width: 4,
          steps: NONE_IS_GOOD,
          expr: "sum(max by (severity) (vigie_incidents_open)) or vector(0)",
        }),
        figure({
          title: "Services being worked on",
          unit: Short,
          width: 4,
          expr: "sum(max by (service) (vigie_service_maintenance)) or vector(0)",
        }),
        figure({
          title: "The lookout's own network",
          description: "While it is down, nobody is blamed for what cannot be reached.",
          unit: NoUnit,
          width: 4,
          words: YES_IS_GOOD,
          expr: "min(vigie_network_up)",
        }),
        timeline({
          title: "Services",
          description: "Down while one of a service's checks is.",
          unit: NoUnit,
          width: 24,
          expr: "min by (service) (vigie_check_up)",
          legend: "{{service}}",
        }),
      ],
      "What is wrong": [
        table({
          title: "Failing checks",
          unit: NoUnit,
          width: 12,
          expr: "max by (service, check, kind, reason) (vigie_check_failure_info)",
          columns: { service: "Service", check: "Check", kind: "Kind", reason: "Reason" },
        }),
        table({
          title: "Alerts",
          unit: NoUnit,
          width: 12,
          expr: `max by (service, alertname, severity, owner) (${FIRING})`,
          columns: { service: "Service", alertname: "Alert", severity: "Severity", owner: "Role in charge" },
        }),
      ],
      Objectives: [
        chart({
          title: "What is left of the error budgets",
          description: "Below zero, the objective is missed.",
          unit: PercentUnit,
          width: 12,
          max: 1,
          queries: [
            {
              expr: "min by (service) (vigie_service_slo_error_budget_remaining_ratio)",
              legend: "{{service}}",
            },
          ],
        }),
        chart({
          title: "Runs that failed within the hour",
          unit: PercentUnit,
          width: 12,
          min: 0,
          queries: [{ expr: "max by (service) (service:vigie_slo_errors:ratio_rate1h)", legend: "{{service}}" }],
        }),
      ],
      "What runs out": [
        table({
          title: "Certificates",
          unit: DurationSeconds,
          width: 8,
          steps: falling(3 * DAY, 14 * DAY),
          expr: "sort(min by (service, check) (vigie_tls_certificate_expiry_timestamp_seconds) - time())",
          columns: { service: "Service", check: "Check" },
          value: "Ends in",
        }),
        table({
          title: "Domains",
          unit: DurationSeconds,
          width: 8,
          steps: falling(14 * DAY, 30 * DAY),
          expr: "sort(min by (service, check) (vigie_domain_expiry_timestamp_seconds) - time())",
          columns: { service: "Service", check: "Check" },
          value: "Ends in",
        }),
        table({
          title: "Disks",
          unit: PercentUnit,
          width: 8,
          steps: falling(0.1, 0.2),
          expr: "sort(min by (service, check) (vigie_disk_free_ratio))",
          columns: { service: "Service", check: "Check" },
          value: "Free",
        }),
        figure({
          title: "Roles that nobody holds",
          unit: Short,
          width: 8,
          steps: NONE_IS_GOOD,
          expr: "count(max by (role) (vigie_role_holders) == 0) or vector(0)",
        }),
        figure({
          title: "Pending security updates",
          unit: Short,
          width: 8,
          steps: rising(1, 20),
          expr: 'sum(max by (service) (vigie_service_updates_pending{urgency="security"})) or vector(0)',
        }),
        figure({
          title: "Differences from what is declared",
          unit: Short,
          width: 8,
          steps: rising(1, 5),
          expr: "sum(max by (service, check) (vigie_drift_differences)) or vector(0)",
        }),
      ],
    },
  });
