import { setImmediate as nextTurn } from "node:timers/promises";
import { type Inventory, longestGapSeconds } from "../../association/index.ts";
import type { Watched } from "../engine/engine.ts";
import type { Lookout } from "../lookout.ts";
import { METRICS, type OwnMetric } from "./names.ts";
import { escapeLabel, type Format, head, labelText } from "./text.ts";

/** A check's labels, written once: a scrape of ten thousand checks has a hundred thousand lines. */
interface Series {
  watched: Watched;
  labels: string;
  /** `labels` without the closing brace, for those that have more. */
  open: string;
  /** The same without the kind: the beginning of what measures have. */
  short: string;
  info: string;
  interval: string;
}

type Line = (name: string, series: Series, lookout: Pick<Lookout, "states">) => string;

const seconds = (ms: number): string => String(ms / 1000);

/** What is written of each check, by metric; an empty text where there is nothing to say. */
const LINES: readonly (readonly [OwnMetric, Line])[] = [
  [
    "vigie_check_up",
    (name, { labels, watched }, { states }) => {
      const { status } = states[watched.check.id] ?? watched.standing;
      return status === "pending" ? "" : `${name}${labels} ${status === "up" ? 1 : 0}\n`;
    },
  ],
  [
    "vigie_check_success",
    (name, { labels, watched: { standing } }) =>
      standing.lastRun === undefined ? "" : `${name}${labels} ${standing.lastRun.ok ? 1 : 0}\n`,
  ],
  [
    "vigie_check_consecutive_failures",
    (name, { labels, watched: { standing } }) => `${name}${labels} ${standing.consecutiveFailures}\n`,
  ],
  [
    "vigie_check_last_run_timestamp_seconds",
    (name, { labels, watched: { standing } }) =>
      standing.lastRun === undefined ? "" : `${name}${labels} ${seconds(standing.lastRun.at)}\n`,
  ],
  [
    "vigie_check_last_success_timestamp_seconds",
    (name, { labels, watched: { standing } }) =>
      standing.lastSuccess === undefined ? "" : `${name}${labels} ${seconds(standing.lastSuccess)}\n`,
  ],
  [
    "vigie_check_duration_seconds",
    (name, { labels, watched: { standing } }) =>
      standing.lastRun === undefined ? "" : `${name}${labels} ${standing.lastRun.seconds.toFixed(6)}\n`,
  ],
  ["vigie_check_interval_seconds", (name, { labels, interval }) => `${name}${labels} ${interval}\n`],
  [
    "vigie_check_runs_total",
    (name, { open, watched }) =>
      `${name}${open},result="success"} ${watched.good}\n${name}${open},result="failure"} ${watched.failed}\n${watched.excused > 0 ? `${name}${open},result="unknown"} ${watched.excused}\n` : ""}`,
  ],
  [
    "vigie_check_flapping",
    (name, { labels, watched: { standing } }) => (standing.flapping ? `${name}${labels} 1\n` : ""),
  ],
  ["vigie_check_skipped_total", (name, { labels, watched }) => `${name}${labels} ${watched.skipped}\n`],
  ["vigie_check_info", (name, { info }) => `${name}${info} 1\n`],
  [
    "vigie_check_failure_info",
    (name, { open, watched: { standing } }) =>
      standing.lastRun?.reason === undefined ? "" : `${name}${open},reason="${standing.lastRun.reason}"} 1\n`,
  ],
];

/** Series written without letting anything else happen. */
const AT_ONCE = 2500;

/** What the metrics of checks are read from. */
type Seen = Pick<Lookout, "watched" | "states" | "inventory">;

/** The metrics of checks as text, in pieces, between which the engine goes on. */
export class CheckMetrics {
  readonly #series: readonly Series[];
  readonly #measured: ReadonlyMap<OwnMetric, readonly Measured[]>;

  readonly #lookout: Seen;

  constructor(lookout: Seen) {
    this.#lookout = lookout;
    this.#series = lookout.watched.map((one) => seriesOf(one, lookout.inventory));
    this.#measured = measuresOf(this.#series);
  }

  async *pieces(format: Format = "text"): AsyncGenerator<string> {
    for (const [name, line] of LINES) {
      yield head(name, format);
      yield* this.#write(this.#series, (series) => line(name, series, this.#lookout));
    }
    for (const [metric, parts] of this.#measured) {
      yield head(metric, format);
      for (const { measure, label, constant, series } of parts)
        yield* this.#write(series, measureLines(metric, measure, label, constant));
    }
  }

  async *#write(all: readonly Series[], line: (series: Series) => string): AsyncGenerator<string> {
    for (let from = 0; from < all.length; from += AT_ONCE) {
      if (all.length > AT_ONCE) await nextTurn();
      let text = "";
      for (let at = from; at < Math.min(all.length, from + AT_ONCE); at++) text += line(all[at]!);
      yield text;
    }
  }
}

/** The id of a check within its service. */
export const localId = ({ check: { id, service } }: Watched): string => id.slice(service.length + 1);

function seriesOf(watched: Watched, { services }: Inventory): Series {
  const { service, kind, severity, target, schedule } = watched.check;
  const base = { service, check: localId(watched), kind };
  const { owner, team } = services[service]!;
  const labels = labelText(base);
  return {
    watched,
    labels,
    open: labels.slice(0, -1),
    short: labelText({ service, check: base.check }).slice(0, -1),
    info: labelText({ ...base, severity, owner, team, target }),
    interval: String(longestGapSeconds(schedule)),
  };
}

/** A measure of some checks that is a metric of its own. */
interface Measured {
  measure: string;
  label?: string;
  constant?: Readonly<Record<string, string>>;
  series: readonly Series[];
}

/** Metrics that kinds of checks export their measures as: several kinds may share one, each with its own checks. */
function measuresOf(series: readonly Series[]): ReadonlyMap<OwnMetric, readonly Measured[]> {
  const byKind = Map.groupBy(series, ({ watched }) => watched.kind);
  const all = [...byKind].flatMap(([kind, own]) =>
    Object.entries(kind.measures ?? {}).flatMap(([measure, { metric, label, constant }]) =>
      metric === undefined ? [] : [{ metric: known(metric), measure, label, constant, series: own }],
    ),
  );
  return Map.groupBy(all, ({ metric }) => metric);
}

function known(metric: string): OwnMetric {
  if (Object.hasOwn(METRICS, metric)) return metric as OwnMetric;
  throw new Error(`${metric} is exported by a check and missing in monitors/metrics/measured.ts`);
}

/** What writes the lines of a measure; whatever is the same for all checks is put together once. */
function measureLines(
  metric: OwnMetric,
  measure: string,
  label: string | undefined,
  constant: Readonly<Record<string, string>> = {},
): (series: Series) => string {
  const more = Object.entries(constant)
    .map(([name, value]) => `,${name}="${escapeLabel(value)}"`)
    .join("");
  if (label === undefined)
    return ({ short, watched }) => {
      const value = watched.standing.lastRun?.measures[measure];
      return value === undefined ? "" : `${metric}${short}${more}} ${value}\n`;
    };
  const prefix = `${measure}/`;
  return ({ short, watched }) =>
    Object.entries(watched.standing.lastRun?.measures ?? {})
      .filter(([name]) => name.startsWith(prefix))
      .map(
        ([name, value]) => `${metric}${short}${more},${label}="${escapeLabel(name.slice(prefix.length))}"} ${value}\n`,
      )
      .join("");
}
