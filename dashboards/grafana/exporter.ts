import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import {
  BytesIEC,
  DurationSeconds,
  NoUnit,
  PercentUnit,
  RequestsPerSecond,
  Seconds,
  Short,
} from "@grafana/grafana-foundation-sdk/units";
import { JOBS } from "../prometheus/rule.ts";
import { dashboard } from "./frame.ts";
import { chart, figure, NONE_IS_GOOD, rising, table, UP_OR_DOWN, YES_IS_GOOD } from "./panels.ts";

const OURS = `{job="${JOBS.lookout}"}`;

const quantile = (q: number, histogram: string, by = "le") =>
  `histogram_quantile(${q}, sum by (${by}) (rate(${histogram}_bucket[$__rate_interval])))`;

/** What is told of the event loop's lag holds the time from one look to the next, a tenth of a second. */
const heldUp = (share: string) => `clamp_min(max(nodejs_eventloop_lag_${share}_seconds${OURS}) - 0.1, 0)`;

/** The watcher, watched: the lookout, Prometheus and Alertmanager. */
export const exporter = (): Dashboard =>
  dashboard({
    uid: "vigie-exporter",
    title: "Vigie: the lookout itself",
    description: "Whether checks begin in time, history is kept, and alerts reach people; what the lookout uses.",
    since: "6h",
    rows: {
      Now: [
        figure({
          title: "The lookout answers",
          unit: NoUnit,
          width: 4,
          words: UP_OR_DOWN,
          expr: `max(up${OURS})`,
        }),
        figure({
          title: "Its own problems",
          unit: Short,
          width: 4,
          steps: NONE_IS_GOOD,
          expr: "max(vigie_problems)",
        }),
        figure({
          title: "History is written",
          unit: NoUnit,
          width: 4,
          words: YES_IS_GOOD,
          expr: "min(vigie_history_writable)",
        }),
        figure({
          title: "Results lost",
          unit: Short,
          width: 4,
          steps: NONE_IS_GOOD,
          expr: "sum(vigie_history_results_lost_total)",
        }),
        figure({
          title: "Stalled checks",
          unit: Short,
          width: 4,
          steps: NONE_IS_GOOD,
          expr: "count(time() - vigie_check_last_run_timestamp_seconds > 3 * vigie_check_interval_seconds + 60) or vector(0)",
        }),
        table({
          title: "Runs",
          unit: NoUnit,
          width: 4,
          height: 4,
          expr: "max by (version, node) (vigie_build_info)",
          columns: { version: "Vigie", node: "Node" },
        }),
      ],
      Schedule: [
        chart({
          title: "How late runs begin",
          unit: Seconds,
          width: 12,
          min: 0,
          queries: [0.5, 0.9, 0.99].map((q) => ({
            expr: quantile(q, "vigie_scheduler_lateness_seconds"),
            legend: `${q * 100} % begin within`,
          })),
        }),
        chart({
          title: "Runs going on, and waiting",
          unit: Short,
          width: 12,
          min: 0,
          queries: [
            { expr: "sum(vigie_scheduler_running_checks)", legend: "going on" },
            { expr: "sum(vigie_scheduler_waiting_checks)", legend: "waiting for a place" },
          ],
        }),
        chart({
          title: "Runs, by kind",
          unit: RequestsPerSecond,
          width: 12,
          min: 0,
          queries: [
            { expr: "sum by (kind) (rate(vigie_check_runs_total[$__rate_interval]))", legend: "{{kind}}" },
            { expr: "sum(rate(vigie_check_skipped_total[$__rate_interval]))", legend: "left out" },
          ],
        }),
        chart({
          title: "How long 95 % of runs take at most, by kind",
          unit: Seconds,
          width: 12,
          min: 0,
          queries: [{ expr: quantile(0.95, "vigie_check_run_duration_seconds", "kind, le"), legend: "{{kind}}" }],
        }),
      ],
      History: [
        chart({
          title: "Size of the history",
          unit: BytesIEC,
          width: 12,
          min: 0,
          queries: [{ expr: "max by (instance) (vigie_history_size_bytes)", legend: "{{instance}}" }],
        }),
        chart({
          title: "Results written each second, and waiting",
          unit: Short,
          width: 12,
          min: 0,
          queries: [
            { expr: "sum(rate(vigie_history_results_written_total[$__rate_interval]))", legend: "written" },
            { expr: "sum(vigie_history_results_waiting)", legend: "waiting" },
          ],
        }),
      ],
      "What it uses": [
        chart({
          title: "Processor",
          description: "Of one core.",
          unit: PercentUnit,
          width: 8,
          min: 0,
          queries: [
            {
              expr: `sum by (instance) (rate(process_cpu_seconds_total${OURS}[$__rate_interval]))`,
              legend: "{{instance}}",
            },
          ],
        }),
        chart({
          title: "Memory",
          unit: BytesIEC,
          width: 8,
          min: 0,
          queries: [
            { expr: `max by (instance) (process_resident_memory_bytes${OURS})`, legend: "{{instance}}: resident" },
            { expr: `max by (instance) (nodejs_heap_size_used_bytes${OURS})`, legend: "{{instance}}: heap" },
          ],
        }),
        chart({
          title: "How long the event loop is held up",
          unit: Seconds,
          width: 8,
          min: 0,
          queries: [
            { expr: heldUp("p50"), legend: "half of the time" },
            { expr: heldUp("p99"), legend: "99 % of the time" },
          ],
        }),
      ],
      "From there to people": [
        chart({
          title: "Messages to people, by channel and result",
          unit: Short,
          width: 12,
          bars: true,
          min: 0,
          queries: [
            {
              expr: "sum by (channel, result) (increase(vigie_alert_messages_total[$__rate_interval]))",
              legend: "{{channel}}: {{result}}",
            },
            {
              expr: "sum by (integration) (increase(alertmanager_notifications_total[$__rate_interval]))",
              legend: "Alertmanager: {{integration}}",
            },
          ],
        }),
        chart({
          title: "What fails on the way",
          unit: Short,
          width: 12,
          min: 0,
          queries: [
            {
              expr: "sum(increase(prometheus_rule_evaluation_failures_total[$__rate_interval]))",
              legend: "rules not evaluated",
            },
            {
              expr: "sum(increase(prometheus_notifications_errors_total[$__rate_interval]))",
              legend: "alerts not handed over",
            },
            {
              expr: "sum(increase(alertmanager_notifications_failed_total[$__rate_interval]))",
              legend: "notifications not sent",
            },
          ],
        }),
        figure({
          title: "Series in Prometheus",
          unit: Short,
          width: 12,
          steps: rising(200_000, 1_000_000),
          expr: `sum(prometheus_tsdb_head_series{job="${JOBS.metrics}"})`,
        }),
        table({
          title: "Time to detect, acknowledge and resolve incidents (mean)",
          unit: DurationSeconds,
          width: 12,
          height: 4,
          expr: "sum by (phase) (vigie_incident_phase_seconds_sum) / sum by (phase) (vigie_incident_phase_seconds_count)",
          columns: { phase: "Phase" },
          value: "Time",
        }),
      ],
    },
  });
