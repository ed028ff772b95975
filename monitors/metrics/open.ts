import type { Exemplars } from "./exemplars.ts";
import { labelText, openHead } from "./text.ts";

/** A metric as prom-client tells of it. */
interface Told {
  readonly name: string;
  readonly help: string;
  readonly type: unknown;
  readonly values: readonly object[];
}

interface Value {
  readonly value: number;
  readonly metricName?: string;
  readonly labels?: Readonly<Record<string, string | number>>;
}

/**
 * What prom-client holds as OpenMetrics 1.0. Its own writer adds `_total` to the names of counters that have it already, as ours do in
 * the text format; and exemplars are ours.
 */
export function openMetrics(metrics: readonly Told[], exemplars: Readonly<Record<string, Exemplars>> = {}): string {
  return metrics
    .map(({ name, help, type, values }) => {
      const own = exemplars[name];
      const lines = (values as readonly Value[]).map(({ value, metricName = name, labels = {} }) => {
        const texts = Object.fromEntries(Object.entries(labels).map(([label, text]) => [label, String(text)]));
        const exemplar =
          own !== undefined && labels.le !== undefined ? own.text(String(labels.kind ?? ""), labels.le) : "";
        return `${metricName}${labelText(texts)} ${number(value)}${exemplar}\n`;
      });
      return openHead(name, String(type), help) + lines.join("");
    })
    .join("");
}

const number = (value: number): string =>
  Number.isNaN(value) ? "NaN" : String(value).replace("Infinity", "Inf").replace(/^Inf/, "+Inf");
