import { createHash } from "node:crypto";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Finished } from "../engine/engine.ts";
import type { IncidentEvent } from "../incidents/book.ts";
import type { Lookout } from "../lookout.ts";
import { CheckMetrics } from "./checks.ts";
import { Exemplars } from "./exemplars.ts";
import { IncidentMetrics } from "./incidents.ts";
import { METRICS, type OwnMetric, PROCESS_METRICS } from "./names.ts";
import { openMetrics } from "./open.ts";
import { reportMetrics } from "./reports.ts";
import { serviceMetrics, sloMetrics } from "./services.ts";
import type { Format } from "./text.ts";

/** Metrics made from the inventory alone. */
const FACTS = [
  "vigie_inventory_info",
  "vigie_build_info",
  "vigie_role_holders",
  "vigie_role_changed_timestamp_seconds",
  "vigie_service_info",
] as const;

/**
 * Powers of two, which are the bounds of native histograms of schema 0 too: what was counted before Prometheus is told to take those
 * up goes on in the same buckets. From a millisecond to a minute, in seconds.
 */
const SECONDS = Array.from({ length: 17 }, (_, index) => 2 ** (index - 10));

/**
 * How often the event loop is looked at, in milliseconds, which is part of what is told of its lag. Each look wakes the process: fifty a
 * second took 3 ms of each second, as much as seven checks.
 */
const LAG_EVERY_MS = 100;

/** Everything that `/metrics` tells. */
export class Metrics {
  readonly #lookout: Lookout;
  readonly #version: string;
  readonly #registry = new Registry();
  #checks: CheckMetrics;
  #durations: ReadonlyMap<string, Observer> = new Map();
  readonly #runDurations: Histogram;
  readonly #lateness: Histogram;
  readonly #exemplars = {
    vigie_check_run_duration_seconds: new Exemplars(SECONDS),
    vigie_scheduler_lateness_seconds: new Exemplars(SECONDS),
  };
  readonly #notifications: Counter;
  readonly #messages: Counter;
  readonly #incidents: IncidentMetrics;

  constructor(lookout: Lookout, version: string) {
    const { history, engine } = lookout;
    this.#lookout = lookout;
    this.#checks = new CheckMetrics(lookout);
    const registers = [this.#registry];
    this.#runDurations = new Histogram({
      ...described("vigie_check_run_duration_seconds"),
      buckets: SECONDS,
      registers,
    });
    this.#prepare();
    this.#lateness = new Histogram({
      ...described("vigie_scheduler_lateness_seconds"),
      buckets: SECONDS,
      registers,
    });
    this.#notifications = new Counter({ ...described("vigie_alert_notifications_received_total"), registers });
    this.#messages = new Counter({ ...described("vigie_alert_messages_total"), registers });
    this.#incidents = new IncidentMetrics(registers, () => lookout.incidents?.all ?? []);
    const live = (name: OwnMetric, read: () => number) =>
      new Gauge({
        ...described(name),
        registers,
        collect() {
          this.set(read());
        },
      });
    live("vigie_scheduler_running_checks", () => engine.health.running);
    live("vigie_scheduler_waiting_checks", () => engine.health.waiting);
    live("vigie_history_writable", () => Number(history.stats.writable));
    live("vigie_history_damaged", () => Number(history.stats.damaged));
    live("vigie_history_results_waiting", () => history.stats.waiting);
    live("vigie_history_size_bytes", () => history.stats.bytes);
    if (lookout.guard?.up !== undefined) live("vigie_network_up", () => Number(lookout.guard?.up));
    live("vigie_problems", () => lookout.problems.length);
    this.#total("vigie_history_results_written_total", () => history.stats.written);
    this.#total("vigie_history_results_lost_total", () => history.stats.lost);
    this.#version = version;
    this.#facts();
    reportMetrics(this.#registry, () => lookout.reports);
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: LAG_EVERY_MS });
    // Some of prom-client's are gauges named like counters, which promtool refuses.
    const kept: readonly string[] = [...PROCESS_METRICS, ...Object.keys(METRICS)];
    for (const { name } of this.#registry.getMetricsAsArray() as unknown as { name: string }[])
      if (!kept.includes(name)) this.#registry.removeSingleMetric(name);
  }

  observe({ watched, run, lateness }: Finished): void {
    this.#durations.get(watched.check.kind)?.observe(run.seconds);
    this.#lateness.observe(lateness);
    const { vigie_check_run_duration_seconds: durations, vigie_scheduler_lateness_seconds: late } = this.#exemplars;
    durations.note(watched.check.kind, run.seconds, watched, run.at);
    late.note("", lateness, watched, run.at);
  }

  countSent(channel: string, result: "sent" | "failed"): void {
    this.#messages.inc({ channel, result });
  }

  countIncident(event: IncidentEvent): void {
    this.#incidents.count(event);
  }

  countNotification(status: string): void {
    this.#notifications.inc({ status });
  }

  /** Everything, in pieces; a buffer is good until the next piece is asked for. */
  async *pieces(format: Format = "text"): AsyncGenerator<string | Buffer> {
    yield* this.#checks.pieces(format);
    yield* serviceMetrics(this.#lookout, format);
    yield* sloMetrics(this.#lookout, format);
    if (format === "text") yield await this.#registry.metrics();
    else {
      yield openMetrics(await this.#registry.getMetricsAsJSON(), this.#exemplars);
      yield "# EOF\n";
    }
  }

  /** A counter whose value is kept elsewhere. */
  #total(name: OwnMetric, read: () => number): void {
    new Counter({
      ...described(name),
      registers: [this.#registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  /** Tells of the lookout's present inventory from now on. */
  reload(): void {
    this.#checks = new CheckMetrics(this.#lookout);
    this.#prepare();
    for (const name of FACTS) this.#registry.removeSingleMetric(name);
    this.#facts();
  }

  #prepare(): void {
    const kinds = new Set(this.#lookout.watched.map(({ check }) => check.kind));
    this.#durations = new Map([...kinds].map((kind) => [kind, this.#runDurations.labels(kind)]));
  }

  /** What changes with the inventory only. */
  #facts(): void {
    const { inventory, roleChanges } = this.#lookout;
    const version = this.#version;
    const registers = [this.#registry];
    const digest = createHash("sha256").update(JSON.stringify(inventory)).digest("hex").slice(0, 16);
    new Gauge({ ...described("vigie_inventory_info"), registers }).set(
      { version: String(inventory.version), digest },
      1,
    );
    new Gauge({ ...described("vigie_build_info"), registers }).set({ version, node: process.version }, 1);
    const holders = new Gauge({ ...described("vigie_role_holders"), registers });
    for (const [role, { holderCount }] of Object.entries(inventory.roles)) holders.set({ role }, holderCount);
    const changes = new Gauge({ ...described("vigie_role_changed_timestamp_seconds"), registers });
    for (const [role, at] of Object.entries(roleChanges)) changes.set({ role }, at / 1000);
    const services = new Gauge({ ...described("vigie_service_info"), registers });
    for (const { id: service, owner, team, delivery, container = "" } of Object.values(inventory.services)) {
      services.set({ service, owner, team, host: delivery.by === "us" ? delivery.host : "", container }, 1);
    }
  }
}

interface Observer {
  observe(value: number): void;
}

const described = (name: OwnMetric) => ({
  name,
  help: METRICS[name].help,
  labelNames: [...METRICS[name].labels] as string[],
});
