import { MEASURED, type MetricName } from "./measured.ts";

export type { MetricName } from "./measured.ts";

const CHECK = ["service", "check", "kind"] as const;
const OWN_PACE = "Checks run on their own schedule, not when scraped";

/**
 * Every metric of ours, by name (prometheus.io/docs/practices/naming: base units, `_total`, `_info`). Pure, so that rules and
 * dashboards can be held against it. `check` is the check's id within its service.
 */
export const METRICS = {
  vigie_check_up: {
    type: "gauge",
    help: "Whether the check counts as up (1) or down (0), after its thresholds; absent until they are first reached.",
    labels: CHECK,
  },
  vigie_check_success: {
    type: "gauge",
    help: `Whether the last run succeeded. ${OWN_PACE}.`,
    labels: CHECK,
  },
  vigie_check_consecutive_failures: {
    type: "gauge",
    help: "Failed runs since the last good one.",
    labels: CHECK,
  },
  vigie_check_last_run_timestamp_seconds: {
    type: "gauge",
    help: `When the last run began. ${OWN_PACE}: a stale value means that the schedule is stuck.`,
    labels: CHECK,
  },
  vigie_check_last_success_timestamp_seconds: {
    type: "gauge",
    help: "When the last good run began.",
    labels: CHECK,
  },
  vigie_check_duration_seconds: {
    type: "gauge",
    help: "How long the last run took, attempts included.",
    labels: CHECK,
  },
  vigie_check_interval_seconds: {
    type: "gauge",
    help: "The longest time that is to pass between two runs.",
    labels: CHECK,
  },
  vigie_check_runs_total: {
    type: "counter",
    help: "Runs since the start, by result: success, failure, or unknown while the lookout's own network was down.",
    labels: [...CHECK, "result"],
  },
  vigie_check_skipped_total: {
    type: "counter",
    help: "Runs left out because the one before was not done.",
    labels: CHECK,
  },
  vigie_check_info: {
    type: "gauge",
    help: "What the check looks at and who answers for it; always 1.",
    labels: [...CHECK, "severity", "owner", "team", "target"],
  },
  vigie_check_failure_info: {
    type: "gauge",
    help: "Why the last run failed; 1, absent when it succeeded.",
    labels: [...CHECK, "reason"],
  },
  vigie_check_flapping: {
    type: "gauge",
    help: "1 for a check that counts as down because it keeps failing and recovering; absent otherwise.",
    labels: CHECK,
  },
  vigie_network_up: {
    type: "gauge",
    help: "Whether a declared reference answers: otherwise nobody is blamed for what cannot be reached.",
    labels: [],
  },
  vigie_check_run_duration_seconds: {
    type: "histogram",
    help: "How long runs take, by kind of check.",
    labels: ["kind"],
  },
  vigie_role_changed_timestamp_seconds: {
    type: "gauge",
    help: "When the lookout first saw the present holders of a role; absent while they are the first it knows.",
    labels: ["role"],
  },
  vigie_http_phase_seconds: {
    type: "gauge",
    help: "How long each part of the last run took: dns, connect, tls, first_byte, transfer.",
    labels: ["service", "check", "phase"],
  },
  vigie_service_info: {
    type: "gauge",
    help: "Who answers for a service and where it runs; always 1.",
    labels: ["service", "owner", "team", "host", "container"],
  },
  vigie_service_maintenance: {
    type: "gauge",
    help: "Whether work is announced on the service now.",
    labels: ["service"],
  },
  vigie_service_held: {
    type: "gauge",
    help: "Whether a service that this one depends on is down or worked on: new alerts about this one wait.",
    labels: ["service"],
  },
  vigie_service_slo_runs_total: {
    type: "counter",
    help: "Runs since the start that count for the service's objective, by result: good or bad.",
    labels: ["service", "result"],
  },
  vigie_service_slo_objective_ratio: {
    type: "gauge",
    help: "The share of runs that the service's objective asks for.",
    labels: ["service"],
  },
  vigie_service_slo_error_budget_remaining_ratio: {
    type: "gauge",
    help: "What is left of the errors that the service may make over the objective's time; below 0 when it is missed.",
    labels: ["service"],
  },
  vigie_incidents_open: {
    type: "gauge",
    help: "Incidents going on, those written by hand included.",
    labels: ["severity"],
  },
  vigie_incidents_opened_total: {
    type: "counter",
    help: "Incidents opened by the lookout since the start.",
    labels: [],
  },
  vigie_incident_phase_seconds: {
    type: "histogram",
    help: "Time from the first failure to detection, acknowledgement or recovery, by phase: detect, acknowledge, resolve.",
    labels: ["phase"],
  },
  vigie_role_holders: { type: "gauge", help: "How many people hold a role.", labels: ["role"] },
  vigie_inventory_info: {
    type: "gauge",
    help: "The inventory that is watched: its format and a digest of its content; always 1.",
    labels: ["version", "digest"],
  },
  vigie_scheduler_lateness_seconds: { type: "histogram", help: "How late runs begin.", labels: [] },
  vigie_scheduler_running_checks: { type: "gauge", help: "Runs going on.", labels: [] },
  vigie_scheduler_waiting_checks: { type: "gauge", help: "Runs that are due and wait for a place.", labels: [] },
  vigie_history_writable: {
    type: "gauge",
    help: "Whether history reaches the disk; otherwise it is in memory only.",
    labels: [],
  },
  vigie_history_damaged: {
    type: "gauge",
    help: "Whether a damaged history file was moved aside since the start.",
    labels: [],
  },
  vigie_history_results_written_total: {
    type: "counter",
    help: "Results written to history since the start.",
    labels: [],
  },
  vigie_history_results_lost_total: { type: "counter", help: "Results given up since the start.", labels: [] },
  vigie_history_results_waiting: { type: "gauge", help: "Results not yet written.", labels: [] },
  vigie_history_size_bytes: { type: "gauge", help: "Size of the history file.", labels: [] },
  vigie_alert_notifications_received_total: {
    type: "counter",
    help: "Alerts that Alertmanager has sent here, by status.",
    labels: ["status"],
  },
  vigie_versions_checked_timestamp_seconds: {
    type: "gauge",
    help: "When newer versions were last looked for, as a Unix time; absent where they never were.",
    labels: [],
  },
  vigie_service_updates_pending: {
    type: "gauge",
    help: "Debian packages of a service that have a newer version, by urgency: security or other.",
    labels: ["service", "urgency"],
  },
  vigie_service_update_waiting_since_timestamp_seconds: {
    type: "gauge",
    help: "When the oldest pending update of a service was first seen, as a Unix time; absent where none is pending.",
    labels: ["service"],
  },
  vigie_service_version_info: {
    type: "gauge",
    help: "What a service runs; always 1.",
    labels: ["service", "package", "version"],
  },
  vigie_service_image_held: {
    type: "gauge",
    help: "Whether a service is kept on an earlier image because a newer one failed.",
    labels: ["service"],
  },
  vigie_drill_last_run_timestamp_seconds: {
    type: "gauge",
    help: "When the last recovery drill ended, as a Unix time.",
    labels: [],
  },
  vigie_drill_last_success_timestamp_seconds: {
    type: "gauge",
    help: "When the last recovery drill that brought everything back ended, as a Unix time; 0 where there was none.",
    labels: [],
  },
  vigie_drill_recovery_seconds: {
    type: "gauge",
    help: "How long a service took to be back in the last good drill (RTO), from nothing.",
    labels: ["service"],
  },
  vigie_drill_data_loss_seconds: {
    type: "gauge",
    help: "How old the restored snapshot of a volume was in the last good drill (RPO).",
    labels: ["service", "volume"],
  },
  vigie_alert_messages_total: {
    type: "counter",
    help: "Messages about alerts to people, by kind of channel and result: sent or failed.",
    labels: ["channel", "result"],
  },
  vigie_problems: { type: "gauge", help: "Things that are wrong with the lookout itself.", labels: [] },
  vigie_build_info: { type: "gauge", help: "Versions of Vigie and Node; always 1.", labels: ["version", "node"] },
  ...MEASURED,
} as const satisfies Record<string, MetricName>;

export type OwnMetric = keyof typeof METRICS;

/** Metrics about the process, by prom-client. */
export const PROCESS_METRICS = [
  "process_cpu_user_seconds_total",
  "process_cpu_system_seconds_total",
  "process_cpu_seconds_total",
  "process_start_time_seconds",
  "process_resident_memory_bytes",
  "process_virtual_memory_bytes",
  "process_heap_bytes",
  "process_open_fds",
  "process_max_fds",
  "nodejs_eventloop_lag_seconds",
  "nodejs_eventloop_lag_min_seconds",
  "nodejs_eventloop_lag_max_seconds",
  "nodejs_eventloop_lag_mean_seconds",
  "nodejs_eventloop_lag_stddev_seconds",
  "nodejs_eventloop_lag_p50_seconds",
  "nodejs_eventloop_lag_p90_seconds",
  "nodejs_eventloop_lag_p99_seconds",
  "nodejs_heap_size_total_bytes",
  "nodejs_heap_size_used_bytes",
  "nodejs_external_memory_bytes",
  "nodejs_version_info",
  "nodejs_gc_duration_seconds",
] as const;

/** Names of all metrics, with the series of histograms as they are asked for in rules. */
export const METRIC_NAMES: readonly string[] = [
  ...Object.entries(METRICS).flatMap(([name, { type }]) =>
    (type as string) === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
  ...PROCESS_METRICS,
];
