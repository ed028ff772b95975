import type { LocalText } from "../association/index.ts";

/** Where work on an incident stands. */
export const INCIDENT_STATUSES = ["investigating", "identified", "monitoring", "resolved"] as const;
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number];

/** How much it hampers members: some discomfort, a service lost, everything lost. */
export const SEVERITIES = ["minor", "major", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What the lookout itself noted; pages put it into words, in the reader's language. */
export type IncidentFact =
  | { readonly what: "detected" | "changed"; readonly service: string; readonly reason: string }
  | { readonly what: "spread" | "recovered" | "again"; readonly service: string }
  | { readonly what: "acknowledged" | "escalated" | "resolved" };

/** One line of an incident's log: written by somebody, or noted by the lookout. */
export interface IncidentUpdate {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly status: IncidentStatus;
  /** Written by hand; Markdown. */
  readonly text?: LocalText;
  readonly fact?: IncidentFact;
}

/** Something that went wrong, from its start to what was learnt from it. Times are milliseconds since the epoch. */
export interface Incident {
  /** Unique, of letters, digits and hyphens: part of its page's address. */
  readonly id: string;
  /** Opened by the lookout, or written as a file beside the declaration. */
  readonly by: "lookout" | "hand";
  /** Written by hand; the lookout's are named after their services. */
  readonly title?: LocalText;
  /** Services concerned, the first to fail first. */
  readonly services: readonly string[];
  readonly severity: Severity;
  /** When members were first concerned: the first failed check. */
  readonly started: number;
  /** When the lookout was sure. */
  readonly detected?: number;
  /** When somebody said that they take care of it. Who is personal data: it stays in the lookout's own file and on internal pages. */
  readonly acknowledged?: { readonly at: number; readonly by: string };
  /** When support level 2 was told. */
  readonly escalated?: number;
  readonly resolved?: number;
  /** Oldest first. */
  readonly updates: readonly IncidentUpdate[];
  /** What happened, why, and what is done about it; Markdown. */
  readonly postmortem?: LocalText;
}

/** How long parts of an incident took, in seconds; left out while they last. */
export interface IncidentTimes {
  readonly detect?: number;
  readonly acknowledge?: number;
  readonly resolve?: number;
}

/** The times of an incident, each counted from its start. */
export function timesOf({ started, detected, acknowledged, resolved }: Incident): IncidentTimes {
  const ends = { detect: detected, acknowledge: acknowledged?.at, resolve: resolved };
  return Object.fromEntries(
    Object.entries(ends).flatMap(([part, at]) => (at === undefined ? [] : [[part, Math.max(0, at - started) / 1000]])),
  );
}

/** Where work on it stands: what its last update says, or resolved. */
export const statusOf = ({ resolved, updates }: Incident): IncidentStatus =>
  resolved === undefined ? (updates.at(-1)?.status ?? "investigating") : "resolved";

/** Still open, the newest first; then those resolved, the newest first. */
export const byUrgency = (incidents: readonly Incident[]): Incident[] =>
  incidents.toSorted(
    (a, b) => Number(b.resolved === undefined) - Number(a.resolved === undefined) || b.started - a.started,
  );
