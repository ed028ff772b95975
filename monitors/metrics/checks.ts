import { type Inventory, type InventoryService, longestGapSeconds } from "../../association/index.ts";
import type { Watched } from "../engine/engine.ts";
import type { Lookout } from "../lookout.ts";
import { Turns } from "../turns.ts";
import { Block, type Family, inBlocks, type Said } from "./block.ts";
import { METRICS, type OwnMetric } from "./names.ts";
import { escapeLabel, type Format, head, labelText } from "./text.ts";

/** A check's labels, written once: a scrape of ten thousand checks has a hundred thousand lines. */
interface Series {
  watched: Watched;
  service: InventoryService;
  labels: string;
  /** `labels` without the closing brace, for those that have more. */
  open: string;
  /** The same without the kind: the beginning of what measures have. */
  short: string;
}

/** What the metrics of checks are read from. */
type Seen = Pick<Lookout, "watched" | "states" | "inventory">;

/** Writes what there is to tell of a check; an empty text where there is nothing. */
type Line = (series: Series, name: string) => string;

const seconds = (ms: number): string => String(ms / 1000);
const withLabels = ({ labels }: Series, said: Said, name: string): string => `${name}${labels} ${said}\n`;
/** Says always the same. */
const fact = (line: Line): Family<Series, Seen> => ({ says: () => 1, line: (series, _, name) => line(series, name) });
/** Says something else after each run. */
const afterRun = (line: Line): Family<Series, Seen> => ({
  says: ({ watched }) => watched.standing,
  line: (series, _, name) => line(series, name),
});

/** Every metric of single checks, in the order in which they are told. */
const LINES: readonly (readonly [OwnMetric, Family<Series, Seen>])[] = [
  [
    "vigie_check_up",
    {
      says: ({ watched: { check, standing } }, { states }) => {
        const { status } = states[check.id] ?? standing;
        return status === "pending" ? undefined : Number(status === "up");
      },
      line: withLabels,
    },
  ],
  [
    "vigie_check_success",
    {
      says: ({ watched: { standing } }) => (standing.lastRun === undefined ? undefined : Number(standing.lastRun.ok)),
      line: withLabels,
    },
  ],
  [
    "vigie_check_consecutive_failures",
    { says: ({ watched: { standing } }) => standing.consecutiveFailures, line: withLabels },
  ],
  [
    "vigie_check_last_run_timestamp_seconds",
    afterRun(({ labels, watched: { standing } }, name) =>
      standing.lastRun === undefined ? "" : `${name}${labels} ${seconds(standing.lastRun.at)}\n`,
    ),
  ],
  [
    "vigie_check_last_success_timestamp_seconds",
    afterRun(({ labels, watched: { standing } }, name) =>
      standing.lastSuccess === undefined ? "" : `${name}${labels} ${seconds(standing.lastSuccess)}\n`,
    ),
  ],
  [
    "vigie_check_duration_seconds",
    afterRun(({ labels, watched: { standing } }, name) =>
      standing.lastRun === undefined ? "" : `${name}${labels} ${standing.lastRun.seconds.toFixed(6)}\n`,
    ),
  ],
  [
    "vigie_check_interval_seconds",
    fact(({ labels, watched: { check } }, name) => `${name}${labels} ${longestGapSeconds(check.schedule)}\n`),
  ],
  [
    "vigie_check_runs_total",
    afterRun(
      ({ open, watched: { good, failed, excused } }, name) =>
        `${name}${open},result="success"} ${good}\n${name}${open},result="failure"} ${failed}\n${excused > 0 ? `${name}${open},result="unknown"} ${excused}\n` : ""}`,
    ),
  ],
  [
    "vigie_check_flapping",
    { says: ({ watched: { standing } }) => (standing.flapping ? 1 : undefined), line: withLabels },
  ],
  ["vigie_check_skipped_total", { says: ({ watched }) => watched.skipped, line: withLabels }],
  [
    "vigie_check_info",
    fact(({ watched: { check }, service: { owner, team }, open }, name) => {
      const { severity, target } = check;
      return `${name}${open},${labelText({ severity, owner, team, target }).slice(1)} 1\n`;
    }),
  ],
  [
    "vigie_check_failure_info",
    {
      says: ({ watched: { standing } }) => standing.lastRun?.reason,
      line: ({ open }, reason, name) => `${name}${open},reason="${reason}"} 1\n`,
    },
  ],
];

/** The metrics of checks as text, in pieces, between which others have their turn. */
export class CheckMetrics {
  readonly #lookout: Seen;
  readonly #blocks: ReadonlyMap<OwnMetric, readonly Block<Series, Seen>[]>;

  constructor(lookout: Seen) {
    this.#lookout = lookout;
    const series = lookout.watched.map((one) => seriesOf(one, lookout.inventory));
    const blocksOf = (name: OwnMetric, family: Family<Series, Seen>, own: readonly Series[]) =>
      inBlocks(own).map((block) => new Block(name, family, block));
    this.#blocks = new Map([
      ...LINES.map(([name, family]) => [name, blocksOf(name, family, series)] as const),
      ...[...measuresOf(series)].map(
        ([name, parts]) => [name, parts.flatMap((part) => blocksOf(name, measured(part), part.series))] as const,
      ),
    ]);
  }

  /** A buffer is good until the next piece is asked for: it has to be on its way by then, or copied. */
  async *pieces(format: Format = "text"): AsyncGenerator<string | Buffer> {
    const turns = new Turns();
    for (const [name, blocks] of this.#blocks) {
      yield head(name, format);
      for (const block of blocks) {
        if (turns.over) await turns.next();
        yield* block.lent(this.#lookout);
      }
    }
  }
}

/** The id of a check within its service. */
export const localId = ({ check: { id, service } }: Watched): string => id.slice(service.length + 1);

function seriesOf(watched: Watched, { services }: Inventory): Series {
  const { service, kind } = watched.check;
  const check = localId(watched);
  const labels = labelText({ service, check, kind });
  return {
    watched,
    service: services[service]!,
    labels,
    open: labels.slice(0, -1),
    short: labelText({ service, check }).slice(0, -1),
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

/** The lines of a measure; whatever is the same for all checks is put together once. */
function measured({ measure, label, constant = {} }: Measured): Family<Series, Seen> {
  const more = Object.entries(constant)
    .map(([name, value]) => `,${name}="${escapeLabel(value)}"`)
    .join("");
  if (label === undefined)
    return afterRun(({ short, watched }, metric) => {
      const value = watched.standing.lastRun?.measures[measure];
      return value === undefined ? "" : `${metric}${short}${more}} ${value}\n`;
    });
  const prefix = `${measure}/`;
  return afterRun(({ short, watched }, metric) =>
    Object.entries(watched.standing.lastRun?.measures ?? {})
      .filter(([name]) => name.startsWith(prefix))
      .map(
        ([name, value]) => `${metric}${short}${more},${label}="${escapeLabel(name.slice(prefix.length))}"} ${value}\n`,
      )
      .join(""),
  );
}
