import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { DurationSeconds, NoUnit, PercentUnit, Seconds, Short } from "@grafana/grafana-foundation-sdk/units";
import { dashboard } from "./frame.ts";
import { chart, falling, figure, NO_IS_USUAL, rising, SERVICE_UID, table, timeline, UP_OR_DOWN } from "./panels.ts";

const DAY = 86_400;
const ONE = '{service="$service"}';
const CHECKS = '{service="$service",check=~"$check"}';

const burn = (window: string) => ({
  expr: `max by (service) (service:vigie_slo_errors:ratio_rate${window}${ONE})`,
  legend: window,
});

/** Everything about one service. */
export const service = (): Dashboard =>
  dashboard({
    uid: SERVICE_UID,
    title: "Vigie: service",
    description: "One service: its checks, how long they take, why they fail, its objective, what it runs.",
    since: "24h",
    choices: [
      { name: "service", label: "Service", of: "vigie_service_info", values: "service" },
      { name: "check", label: "Check", of: `vigie_check_interval_seconds${ONE}`, values: "check", several: true },
    ],
    rows: {
      Now: [
        figure({
          title: "State",
          unit: NoUnit,
          width: 4,
          words: UP_OR_DOWN,
          expr: `min(vigie_check_up${ONE})`,
        }),
        figure({
          title: "Objective",
          unit: PercentUnit,
          width: 4,
          expr: `max(vigie_service_slo_objective_ratio${ONE})`,
        }),
        figure({
          title: "Error budget left",
          unit: PercentUnit,
          width: 4,
          steps: falling(0, 0.25),
          expr: `min(vigie_service_slo_error_budget_remaining_ratio${ONE})`,
        }),
        figure({
          title: "Work announced",
          unit: NoUnit,
          width: 4,
          words: NO_IS_USUAL,
          expr: `max(vigie_service_maintenance${ONE})`,
        }),
        figure({
          title: "Waits for another service",
          description: "What it depends on is down or worked on: new alerts about it wait.",
          unit: NoUnit,
          width: 4,
          words: NO_IS_USUAL,
          expr: `max(vigie_service_held${ONE})`,
        }),
        figure({
          title: "Certificate ends in",
          unit: DurationSeconds,
          width: 4,
          steps: falling(3 * DAY, 14 * DAY),
          expr: `min(vigie_tls_certificate_expiry_timestamp_seconds${ONE}) - time()`,
        }),
        timeline({
          title: "Checks",
          unit: NoUnit,
          width: 24,
          height: 8,
          expr: `min by (check) (vigie_check_up${CHECKS})`,
          legend: "{{check}}",
        }),
      ],
      Checks: [
        chart({
          title: "How long runs take",
          description: "Attempts included.",
          unit: Seconds,
          width: 12,
          min: 0,
          queries: [{ expr: `max by (check) (vigie_check_duration_seconds${CHECKS})`, legend: "{{check}}" }],
        }),
        chart({
          title: "Where the time goes",
          unit: Seconds,
          width: 12,
          min: 0,
          queries: [
            {
              expr: `max by (check, phase) (vigie_http_phase_seconds${CHECKS})`,
              legend: "{{check}}: {{phase}}",
            },
            {
              expr: `max by (check, step) (vigie_journey_step_seconds${CHECKS})`,
              legend: "{{check}}: {{step}}",
            },
          ],
        }),
        chart({
          title: "Runs, by result",
          unit: Short,
          width: 12,
          bars: true,
          min: 0,
          queries: [
            {
              expr: `sum by (result) (increase(vigie_check_runs_total${CHECKS}[$__rate_interval]))`,
              legend: "{{result}}",
            },
          ],
        }),
        chart({
          title: "Failures in a row",
          unit: Short,
          width: 12,
          min: 0,
          queries: [{ expr: `max by (check) (vigie_check_consecutive_failures${CHECKS})`, legend: "{{check}}" }],
        }),
        table({
          title: "Why checks fail",
          unit: NoUnit,
          width: 12,
          expr: `max by (check, kind, reason) (vigie_check_failure_info${CHECKS})`,
          columns: { check: "Check", kind: "Kind", reason: "Reason" },
        }),
        table({
          title: "Since the last good run",
          unit: DurationSeconds,
          width: 12,
          expr: `sort_desc(time() - max by (check, kind) (vigie_check_last_success_timestamp_seconds${CHECKS}))`,
          columns: { check: "Check", kind: "Kind" },
          value: "Time",
        }),
      ],
      Objective: [
        chart({
          title: "Runs that failed, over several times",
          unit: PercentUnit,
          width: 24,
          min: 0,
          queries: ["5m", "1h", "6h", "3d"].map(burn),
        }),
      ],
      "What it runs": [
        table({
          title: "Versions",
          unit: NoUnit,
          width: 12,
          expr: `max by (package, version) (vigie_service_version_info${ONE})`,
          columns: { package: "Package", version: "Version" },
        }),
        figure({
          title: "Pending updates",
          unit: Short,
          width: 6,
          height: 8,
          steps: rising(1, 50),
          expr: `sum(max by (urgency) (vigie_service_updates_pending${ONE}))`,
        }),
        figure({
          title: "Kept on an earlier image",
          unit: NoUnit,
          width: 6,
          height: 8,
          words: NO_IS_USUAL,
          expr: `max(vigie_service_image_held${ONE})`,
        }),
      ],
    },
  });
