/**
 * What dashboards may ask for that neither the lookout exports nor a recording rule makes, with its labels: Prometheus's and
 * Alertmanager's metrics about themselves. A name that is missing here is taken for a mistake.
 */
export const BUILT_IN: Readonly<Record<string, readonly string[]>> = {
  up: [],
  ALERTS: ["alertname", "alertstate", "severity", "owner", "team", "level", "service", "host", "check"],
  prometheus_tsdb_head_series: [],
  prometheus_rule_evaluation_failures_total: ["rule_group"],
  prometheus_notifications_errors_total: ["alertmanager"],
  prometheus_notifications_dropped_total: [],
  alertmanager_notifications_total: ["integration"],
  alertmanager_notifications_failed_total: ["integration", "reason"],
};

/** Labels of every series, given by Prometheus when it scrapes. */
export const SCRAPE_LABELS: readonly string[] = ["instance", "job"];
