import { type Inventory, provider } from "../../association/index.ts";
import { type Draft, JOBS } from "./rule.ts";

const answers = (job: string): string => `up{job="${job}"} == 1`;

/** What watches those that watch. */
export function lookoutDrafts({ services, checks }: Inventory): Draft[] {
  const lookout = provider("lookout", services);
  const metrics = provider("metrics", services) ?? lookout;
  const alerts = provider("alerts", services);
  const declared = Object.keys(checks).length;
  return [
    {
      alert: "LookoutDown",
      severity: "page",
      service: lookout,
      expr: `absent(${answers(JOBS.lookout)})`,
      forSeconds: 120,
      summary: "The lookout does not answer: nothing is watched",
      description: "Prometheus has not been able to read the lookout's metrics for two minutes.",
    },
    {
      alert: "CheckStalled",
      severity: "page",
      service: lookout,
      // A minute's grace, so that a pace of a few seconds does not alert on a slow scrape.
      expr: "count(time() - vigie_check_last_run_timestamp_seconds > 3 * vigie_check_interval_seconds + 60) > 0",
      forSeconds: 120,
      summary: "{{ $value }} checks are no longer run",
      description: "They have not been run for three times their interval: what the pages show of them is out of date.",
    },
    {
      alert: "MetricMissing",
      severity: "ticket",
      service: lookout,
      expr: `(count(group by (service, check) (vigie_check_interval_seconds)) or vector(0)) < ${declared}`,
      forSeconds: 600,
      summary: `The lookout watches {{ $value }} checks instead of ${declared}`,
      description:
        "It reads another inventory than the one these rules were made from, or could not build some checks.",
    },
    {
      alert: "HistoryDegraded",
      severity: "ticket",
      service: lookout,
      expr: "min(vigie_history_writable) == 0 or max(vigie_history_damaged) == 1",
      forSeconds: 300,
      summary: "The lookout's history is not kept, or was damaged",
      description: "Results stay in memory, or a damaged file was set aside: a restart would lose what is not written.",
    },
    {
      alert: "MonitoringRestarting",
      severity: "ticket",
      service: metrics,
      expr: `changes(process_start_time_seconds{job=~"${Object.values(JOBS).join("|")}"}[1h]) > 3`,
      summary: "{{ $labels.job }} keeps restarting",
      description: "It has started {{ $value }} times within an hour; alerts may come late or not at all.",
    },
    {
      alert: "RulesFailing",
      severity: "page",
      service: metrics,
      expr: "sum(increase(prometheus_rule_evaluation_failures_total[15m])) > 0",
      summary: "Prometheus cannot evaluate some alert rules",
      description: "Alerts of these rules may never fire.",
    },
    {
      alert: "NotificationsFailing",
      severity: "page",
      service: alerts ?? metrics,
      expr: [
        "sum(increase(prometheus_notifications_errors_total[15m])) > 0",
        "sum(increase(alertmanager_notifications_failed_total[15m])) > 0",
        ...(alerts ? [`absent(${answers(JOBS.alerts)})`] : []),
      ].join(" or "),
      forSeconds: 300,
      summary: "Alerts do not reach the people they are for",
      description: "Prometheus cannot hand alerts to Alertmanager, or Alertmanager cannot send them.",
    },
    {
      alert: "Watchdog",
      severity: "none",
      service: metrics,
      expr: "vector(1)",
      summary: "Alerting works",
      description: "Always firing: whoever listens for it knows by its silence that alerts no longer arrive.",
    },
  ];
}
