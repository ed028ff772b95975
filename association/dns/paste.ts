import type { DnsRecord } from "./record.ts";
import { relativeName } from "./zone.ts";

/** A record as a registrar's form takes it. */
export interface PastedRecord {
  /** Relative to the domain; `@` for the domain itself. */
  name: string;
  type: DnsRecord["type"];
  ttl: number;
  /** For MX and SRV, which forms ask for apart. */
  priority?: number;
  value: string;
}

/** Records for the forms of a registrar, in the same order. */
export const pasted = (records: readonly DnsRecord[], domain: string): PastedRecord[] =>
  records.map(({ name, type, ttl, value }) => {
    const [, priority, rest] = type === "MX" || type === "SRV" ? (/^(\d+) (.*)$/.exec(value) ?? []) : [];
    return {
      name: relativeName(name, domain),
      type,
      ttl,
      ...(priority === undefined ? {} : { priority: Number(priority) }),
      value: rest ?? value,
    };
  });

const HEADINGS = ["Name", "Type", "TTL", "Priority", "Value"];

/** The same as text in columns. */
export function pastedText(records: readonly DnsRecord[], domain: string): string {
  const rows = [
    HEADINGS,
    ...pasted(records, domain).map(({ name, type, ttl, priority, value }) => [
      name,
      type,
      String(ttl),
      priority === undefined ? "" : String(priority),
      value,
    ]),
  ];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return `${rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")}\n`;
}
