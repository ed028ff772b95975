import { METRICS, type OwnMetric } from "./names.ts";

/** A label's value as the text format wants it (prometheus.io/docs/instrumenting/exposition_formats). */
export const escapeLabel = (value: string): string =>
  /[\\"\n]/.test(value) ? value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n") : value;

/** `{a="1",b="2"}`; nothing for no labels. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

/** How metrics are written: Prometheus' text format (version 0.0.4), or OpenMetrics 1.0, which can hold exemplars. */
export type Format = "text" | "openmetrics";

/** The two lines that every metric begins with. OpenMetrics names a counter without its `_total`, and escapes quotes in HELP too. */
export function head(name: OwnMetric, format: Format = "text"): string {
  const { help, type } = METRICS[name];
  return format === "text"
    ? `# HELP ${name} ${help.replace(/\\/g, "\\\\").replace(/\n/g, "\\n")}\n# TYPE ${name} ${type}\n`
    : openHead(name, type, help);
}

export function openHead(name: string, type: string, help: string): string {
  const family = type === "counter" ? name.replace(/_total$/, "") : name;
  return `# TYPE ${family} ${type}\n# HELP ${family} ${escapeLabel(help)}\n`;
}
