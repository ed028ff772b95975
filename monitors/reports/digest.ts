import { type DmarcReport, parseDmarc } from "./dmarc.ts";
import { parseTls, type TlsReport } from "./tls.ts";

/** A report of either kind. */
export type Report = ({ kind: "dmarc" } & DmarcReport) | ({ kind: "tls" } & TlsReport);

/** Reads a report by what it looks like. @throws UnreadableReport */
export const parseReport = (text: string): Report =>
  text.trimStart().startsWith("{") ? { kind: "tls", ...parseTls(text) } : { kind: "dmarc", ...parseDmarc(text) };

/** What the reports of some days say together. */
export interface Digest {
  reports: number;
  reporters: number;
  dmarc: { pass: number; fail: number };
  tls: { good: number; failed: number };
  /** By address, those with most failures first. */
  sources: { source: string; pass: number; fail: number }[];
}

/** Adds reports up, each once: some senders repeat themselves. */
export function digest(reports: readonly Report[], since: number): Digest {
  const recent = [
    ...new Map(
      reports
        .filter(({ until }) => until >= since)
        .map((report) => [`${report.kind} ${report.reporter} ${report.id}`, report]),
    ).values(),
  ];
  const sources = new Map<string, { source: string; pass: number; fail: number }>();
  const dmarc = { pass: 0, fail: 0 };
  const tls = { good: 0, failed: 0 };
  for (const report of recent) {
    if (report.kind === "tls") {
      tls.good += report.good;
      tls.failed += report.failed;
      continue;
    }
    for (const { source, messages, pass } of report.rows) {
      const known = sources.get(source) ?? { source, pass: 0, fail: 0 };
      const result = pass ? "pass" : "fail";
      known[result] += messages;
      dmarc[result] += messages;
      sources.set(source, known);
    }
  }
  return {
    reports: recent.length,
    reporters: new Set(recent.map(({ reporter }) => reporter)).size,
    dmarc,
    tls,
    sources: [...sources.values()].sort((a, b) => b.fail - a.fail || b.pass - a.pass || (a.source < b.source ? -1 : 1)),
  };
}
