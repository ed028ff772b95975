import { METRICS, type OwnMetric } from "./names.ts";

/** A label's value as the text format wants it (prometheus.io/docs/instrumenting/exposition_formats). */
export const escapeLabel = (value: string): string =>
  /[\\"\n]/.test(value) ? value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n") : value;

/** `{a="1",b="2"}`; nothing for no labels. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

/** The two lines that every metric begins with. */
export function head(name: OwnMetric): string {
  const { help, type } = METRICS[name];
  return `# HELP ${name} ${help.replace(/\\/g, "\\\\").replace(/\n/g, "\\n")}\n# TYPE ${name} ${type}\n`;
}
