import type { Check, Inventory, InventoryService, LocalText } from "../association/index.ts";
import { type Incident, statusOf } from "./incident.ts";
import type { Reports } from "./reports.ts";
import type { SloState } from "./slo.ts";

/** One run of a check, as the pages show it. Texts may come from the checked machine: they are hostile until escaped. */
export interface Run {
  /** When it began, in milliseconds since the epoch. */
  readonly at: number;
  readonly ok: boolean;
  /** How long it took, in seconds. */
  readonly seconds: number;
  /** Why it failed, a word from the checks' closed list: `timeout`, `refused`, `expired` … */
  readonly reason?: string;
  /** Why it failed, in plain words, with what was found and what was expected. */
  readonly message?: string;
  /** What was measured, in base units (seconds, bytes, seconds since the epoch), by the names of the check's kind. */
  readonly measures: Readonly<Record<string, number>>;
}

/** Where a check stands after its thresholds: `pending` until they have been reached for the first time. */
export interface CheckState {
  /** Identifier in the inventory's `checks`. */
  readonly check: string;
  readonly status: "up" | "down" | "pending";
  /** When it came into this status, in milliseconds since the epoch. */
  readonly since: number;
  readonly lastRun?: Run;
  /** When it last succeeded, in milliseconds since the epoch. */
  readonly lastSuccess?: number;
  /** Failed runs since the last good one. */
  readonly consecutiveFailures: number;
  /** It has failed and recovered so often of late that it counts as down until it has been good for a while. */
  readonly flapping?: boolean;
  /** What each place sees, where they do not agree; the first is the lookout itself, without a name. */
  readonly seen?: readonly { readonly vantage?: string; readonly status: "up" | "down" }[];
}

/** One day of one service. */
export interface DayBar {
  /** `YYYY-MM-DD`, in the association's time zone. */
  readonly day: string;
  /** Runs that succeeded, of all the service's checks. */
  readonly good: number;
  /** Runs made; 0 where nothing is known of that day. */
  readonly total: number;
  /** Seconds of that day during which the service was down, announced work left out. */
  readonly down: number;
  /** Seconds of that day during which work was announced: they count neither as up nor as down. */
  readonly maintenance?: number;
}

/** Work announced on a service: it is shown as such and not as a failure. */
export interface Maintenance {
  /** When it ends, in milliseconds since the epoch. */
  readonly until: number;
  /** When it began, in milliseconds since the epoch. */
  readonly from?: number;
  /** What is done. */
  readonly title?: LocalText;
  /** What it means for members. */
  readonly text?: LocalText;
}

/** Work that is to come, or goes on. Times are in milliseconds since the epoch. */
export interface Announced extends Required<Pick<Maintenance, "from" | "until" | "title">> {
  /** Its name in the inventory's `maintenance`; with `from`, an identity for calendars and feeds. */
  readonly window: string;
  readonly text?: LocalText;
  /** Services that may not answer. */
  readonly services: readonly string[];
}

/** How far ahead work is announced. */
export const ANNOUNCED_DAYS = 31;

/** How a check fared in one stretch of time; latencies are of good runs, in seconds. */
export interface LatencyPoint {
  /** When it began, in milliseconds since the epoch. */
  readonly at: number;
  /** How long it is, in seconds. */
  readonly seconds: number;
  readonly good: number;
  readonly total: number;
  readonly p50?: number;
  readonly p95?: number;
  readonly p99?: number;
}

/** A time, oldest first, and the same numbers of all of it. */
export interface Latency {
  readonly points: readonly LatencyPoint[];
  readonly whole: LatencyPoint;
}

/** Days that the pages show. */
export const DAYS_SHOWN = 90;

/** Everything that the pages need besides the inventory: what the lookout has seen so far. */
export interface LookoutView {
  /** When the view was made, in milliseconds since the epoch. */
  readonly now: number;
  /** When the lookout was started, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** By check; a check that has never been run may be left out. */
  readonly states: Readonly<Record<string, CheckState>>;
  /** By service, oldest first, `DAYS_SHOWN` at most, today included. */
  readonly days: Readonly<Record<string, readonly DayBar[]>>;
  /** By service, where work is going on. */
  readonly maintenance?: Readonly<Record<string, Maintenance>>;
  /** Work going on and to come within `ANNOUNCED_DAYS`, the earliest first. */
  readonly announced?: readonly Announced[];
  /** By service, of those with an objective. */
  readonly slos?: Readonly<Record<string, SloState>>;
  /** Incidents, in any order: those that the lookout opened and those written by hand. */
  readonly incidents?: readonly Incident[];
  /** What recovery drills and searches for new versions left. */
  readonly reports?: Reports;
  /** How long a check took over the last day, oldest first; asked for by the pages that draw it only. */
  readonly latency?: (check: string) => Latency | undefined;
  /** When the youngest last run began, in milliseconds since the epoch; `lastRunAt` looks for it where it is left out. */
  readonly lastRun?: number;
  /** What is wrong with the lookout itself, in English sentences: history kept in memory only … */
  readonly problems: readonly string[];
}

export type ServiceStatus = "operational" | "degraded" | "down" | "unknown" | "maintenance";

/**
 * How a service fares: `down` as soon as a check that pages someone is down, `degraded` when only checks of severity
 * `ticket` or early warnings are, `unknown` until something is known.
 */
export function serviceStatus({ checks }: Inventory, service: InventoryService, view: LookoutView): ServiceStatus {
  if (view.maintenance?.[service.id]) return "maintenance";
  let known = false;
  let status: ServiceStatus = "operational";
  for (const id of service.checks) {
    const state = view.states[id];
    if (state === undefined || state.status === "pending") continue;
    known = true;
    if (state.status === "up") continue;
    if (isOutage(checks[id], state)) return "down";
    status = "degraded";
  }
  return known ? status : "unknown";
}

const EARLY_WARNINGS: ReadonlySet<string> = new Set(["expires-soon", "domain-expires-soon"]);

/** Whether a failure announces trouble while members can still use the service: neither an outage nor an error that counts. */
export const isEarlyWarning = (reason: string | undefined): boolean => EARLY_WARNINGS.has(reason ?? "");

/** Whether the service of a check that is down, or that fails now, is down by it. */
export const isOutage = (check: Check | undefined, { lastRun }: CheckState): boolean =>
  check?.severity === "page" && !isEarlyWarning(lastRun?.reason);

/** What somebody wrote of services in incidents that are not over: checks do not see everything that members meet. */
export type Told = ReadonlyMap<string, { readonly status: "down" | "degraded"; readonly since: number }>;

export function toldOf({ incidents = [] }: Pick<LookoutView, "incidents">): Told {
  const told = new Map<string, { status: "down" | "degraded"; since: number }>();
  for (const incident of incidents) {
    if (incident.by !== "hand" || incident.resolved !== undefined) continue;
    const lost = incident.severity !== "minor" && statusOf(incident) !== "monitoring";
    for (const id of incident.services) {
      const since = Math.min(incident.started, told.get(id)?.since ?? incident.started);
      told.set(id, { status: lost || told.get(id)?.status === "down" ? "down" : "degraded", since });
    }
  }
  return told;
}

/** What members are told of a service: what its checks say, or what somebody wrote where that is worse. */
export function toldStatus(
  inventory: Inventory,
  service: InventoryService,
  view: LookoutView,
  told: Told = toldOf(view),
): ServiceStatus {
  const status = serviceStatus(inventory, service, view);
  return status === "down" || status === "maintenance" ? status : (told.get(service.id)?.status ?? status);
}

export type OverallStatus = "operational" | "degraded" | "partial" | "outage" | "maintenance" | "unknown";

/** The state of a set of services in one word: `partial` when some are down, `outage` when all that are watched are. */
export function overallStatus(statuses: readonly ServiceStatus[]): OverallStatus {
  const known = statuses.filter((status) => status !== "unknown");
  if (known.length === 0) return "unknown";
  const down = known.filter((status) => status === "down").length;
  if (down > 0) return down === known.length ? "outage" : "partial";
  if (known.includes("degraded")) return "degraded";
  return known.includes("maintenance") ? "maintenance" : "operational";
}

/** The share of runs that succeeded, between 0 and 1; undefined where nothing was run. */
export function uptime(days: readonly DayBar[]): number | undefined {
  let good = 0;
  let total = 0;
  for (const day of days) {
    good += day.good;
    total += day.total;
  }
  return total === 0 ? undefined : good / total;
}

/** How a day is drawn: an outage is `long` from an hour on. */
export type DayLevel = "none" | "good" | "short" | "long";

const LONG_OUTAGE_SECONDS = 3600;

/** A failed run that the thresholds forgave is no outage: only the time spent down counts. */
export function dayLevel({ total, down }: DayBar): DayLevel {
  if (down > 0) return down >= LONG_OUTAGE_SECONDS ? "long" : "short";
  return total === 0 ? "none" : "good";
}

/** Since when a service has been down, or degraded where it is not down, in milliseconds since the epoch. */
export const brokenSince = (inventory: Inventory, service: InventoryService, view: LookoutView): number | undefined =>
  failing(inventory, service, view)[0]?.since;

/** The states of a service's checks that are down: those by which it is down first, the oldest failure before the others. */
export function failing({ checks }: Inventory, service: InventoryService, view: LookoutView): CheckState[] {
  const outage = (state: CheckState): number => Number(isOutage(checks[state.check], state));
  return service.checks
    .flatMap((id) => view.states[id] ?? [])
    .filter(({ status }) => status === "down")
    .sort((a, b) => outage(b) - outage(a) || a.since - b.since);
}

/** Why a check is down, as a reason: one that was good when it last ran works on and off, or is on its way back. */
export const reasonFor = ({ lastRun, flapping }: Pick<CheckState, "lastRun" | "flapping">): string =>
  lastRun?.ok === true ? (flapping ? "unsteady" : "returning") : (lastRun?.reason ?? "");

/** The last moment at which any check was run, in milliseconds since the epoch: what "last update" means. */
export function lastRunAt(view: LookoutView): number | undefined {
  if (view.lastRun !== undefined) return view.lastRun;
  let last: number | undefined;
  for (const { lastRun } of Object.values(view.states)) {
    if (lastRun !== undefined && (last === undefined || lastRun.at > last)) last = lastRun.at;
  }
  return last;
}
