/** A rule by which one alert silences others (prometheus.io/docs/alerting/latest/configuration, "inhibit_rule"). */
export interface InhibitRule {
  readonly source_matchers: readonly string[];
  readonly target_matchers: readonly string[];
}

/**
 * Without the lookout there is nothing to say about its checks. What follows from anything else (a service's checks after its container or
 * after what it depends on, its budget after an outage) is held back by the rules of Prometheus before there is an alert. Alertmanager would
 * silence the end of an alert too, and then not tell when it comes again; and it would tell as news what outlasts its cause by a moment.
 */
export const INHIBIT_RULES: readonly InhibitRule[] = [
  {
    source_matchers: ['alertname="LookoutDown"'],
    target_matchers: ['alertname=~"MetricMissing|CheckStalled|HistoryDegraded"'],
  },
];
