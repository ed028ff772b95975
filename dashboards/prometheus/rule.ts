import {
  type Check,
  type Inventory,
  type InventoryService,
  longestGapSeconds,
  provider,
} from "../../association/index.ts";
import type { AlertName } from "../alerts.ts";
import { plainText } from "../clean.ts";

/** An alerting rule as Prometheus reads it (prometheus.io/docs/prometheus/2.53/configuration/alerting_rules). */
export interface Rule {
  readonly alert: AlertName;
  readonly expr: string;
  /** How long the expression must hold before the alert fires; at once when left out. */
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<{ summary: string; description: string; runbook_url: string }>;
}

export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** Names of Prometheus's jobs, as `prometheusConfig` gives them. */
export const JOBS = { lookout: "vigie", metrics: "prometheus", alerts: "alertmanager" } as const;

/** `page` wakes the role on call, `ticket` waits for the evening; the sign of life is neither. */
export type Severity = "page" | "ticket" | "none";

/** An alert before it is given its labels. Texts may use Prometheus's own templates; names go through `literal`. */
export interface Draft {
  readonly alert: AlertName;
  readonly severity: Severity;
  readonly expr: string;
  /** Seconds. */
  readonly forSeconds?: number;
  readonly summary: string;
  readonly description: string;
  /** The service it is about, where it is about one: its owner answers for it. */
  readonly service?: InventoryService;
  /** The role that answers for it, where it is about no service. */
  readonly owner?: string;
  /** Vectors by service: while one of them has the alert's service, the alert is not created; one that fires goes on. */
  readonly heldWhile?: readonly string[];
  /** Checks of the service that it tells of. While the lookout is silent nobody knows that they are well again: an alert that fires goes on. */
  readonly toldOf?: readonly Check[];
  /** What else tells this alert from others of its name. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** What rules need to know besides the inventory. */
export interface RuleOptions {
  /** Where pages are read, without a final slash; the lookout's own address when left out. */
  readonly publicUrl?: string;
}

/** How long level 1 has, when no alert router says so, in seconds. */
const ESCALATE_AFTER = 1800;
/** How long a ticket may wait before level 2 hears of it, in seconds. */
const TICKET_ESCALATES_AFTER = 3 * 86_400;

/**
 * A draft as rules: one for the role that owns it, and one that fires later for the role it escalates to, because
 * Alertmanager has no escalation of its own.
 */
export function rulesOf(draft: Draft, inventory: Inventory, { publicUrl }: RuleOptions): Rule[] {
  const { alert, severity, forSeconds = 0, summary, description, service } = draft;
  const owner = service?.owner ?? draft.owner ?? inventory.association.contact;
  const query = service ? `?${new URLSearchParams({ service: service.id })}` : "";
  const base = publicUrl ?? provider("lookout", inventory.services)?.url ?? "";
  const rule = (role: string, level: number, seconds: number): Rule => ({
    alert,
    expr: lasting(draft, held(draft, level)),
    ...(seconds > 0 ? { for: `${seconds}s` } : {}),
    labels: {
      ...draft.labels,
      severity,
      owner: role,
      team: inventory.roles[role]?.team ?? "",
      level: String(level),
      ...(service ? { service: service.id } : {}),
      ...(service?.delivery.by === "us" ? { host: service.delivery.host } : {}),
    },
    annotations: { summary, description, runbook_url: literal(`${base}/runbooks/${alert}${query}`) },
  });
  const above = inventory.roles[owner]?.escalatesTo;
  if (above === undefined || severity === "none") return [rule(owner, 1, forSeconds)];
  const delay = severity === "page" ? escalateAfter(inventory) : TICKET_ESCALATES_AFTER;
  return [rule(owner, 1, forSeconds), rule(above, 2, forSeconds + delay)];
}

/**
 * The expression, without what is held back, except for alerts that were there before: a failure is not announced
 * while it is expected, and an alert is not said to be over for that reason.
 */
function held({ alert, severity, expr, service, labels = {}, heldWhile = [] }: Draft, level: number): string {
  if (service === undefined || heldWhile.length === 0) return expr;
  const own = Object.entries({ service: service.id, severity, level: String(level), ...labels });
  const known = `ALERTS{alertname=${quote(alert)},alertstate="firing",${own.map(([name, value]) => `${name}=${quote(value)}`).join(",")}}`;
  return `((${expr}) unless on (service) (${heldWhile.join(" or ")})) or ((${expr}) and on (service, check) ${known})`;
}

/** The expression, or what fired of it last while the lookout does not answer; level 2 goes on waiting by what level 1 was told. */
function lasting({ alert, severity, service, toldOf }: Draft, expr: string): string {
  if (service === undefined || toldOf === undefined) return expr;
  const last = `ALERTS{alertname=${quote(alert)},alertstate="firing",service=${quote(service.id)},severity=${quote(severity)},${ofChecks(service, toldOf)}}`;
  const silent = `max(up{job=${quote(JOBS.lookout)}}) == 0`;
  return `${expr} or on (service, check) (max without (alertname, alertstate, level, owner, team) (${last}) and on () (${silent}))`;
}

/** A label matcher for checks of a service, by their ids within it. */
export const ofChecks = (service: InventoryService, checks: readonly Check[]): string =>
  oneOf("check", checks.map(({ id }) => id.slice(service.id.length + 1)).sort());

/** How long level 1 has before level 2 is called, in seconds: a setting of the service that routes alerts. */
export function escalateAfter({ services }: Inventory): number {
  const router = provider("alerts", services);
  const settings = router?.delivery.by === "us" ? (router.delivery.settings as { escalateAfter?: number }) : undefined;
  return settings?.escalateAfter ?? ESCALATE_AFTER;
}

/** How long the lookout's figures take to reach a rule, in seconds. */
const ON_THE_WAY = 60;

/** How long it may take until so many runs more of a check have told a rule how things are, in seconds. */
export const toldWithin = ({ schedule, timeoutSeconds }: Check, runs: number): number =>
  runs * longestGapSeconds(schedule) + timeoutSeconds + ON_THE_WAY;

/** Text that YAML takes and Prometheus's templates leave as it is. */
export const literal = (text: string): string => plainText(text).replaceAll("{{", '{{ "{{" }}');

/** A string of the query language: its escapes are Go's, of which JSON's are a part. */
export const quote = (text: string): string => JSON.stringify(text);

/** A label matcher for any of some values, which are identifiers and so hold nothing that a regular expression reads. */
export const oneOf = (label: string, values: readonly string[]): string =>
  values.length === 1 ? `${label}=${quote(values[0]!)}` : `${label}=~${quote(values.join("|"))}`;

/** Series without what tells one lookout from another: alerts do not change their identity when it moves. */
export const anywhere = (how: "min" | "max", selector: string): string =>
  `${how} without (instance, job) (${selector})`;
