/** How many snapshots are kept of each period. */
export interface Keep {
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
  readonly yearly: number;
}

/** The period that a time belongs to, by the day as it was written, as restic counts. */
const PERIODS: Readonly<Record<keyof Keep, (day: string) => string>> = {
  daily: (day) => day,
  weekly: isoWeek,
  monthly: (day) => day.slice(0, 7),
  yearly: (day) => day.slice(0, 4),
};

/**
 * The snapshots of one volume that a policy keeps: the last one of each of the latest periods
 * (restic's manual, "Removing snapshots according to a policy"). Pure.
 */
export function keptBy<T extends { at: number; time: string }>(keep: Keep, snapshots: readonly T[]): Set<T> {
  const latestFirst = snapshots.toSorted((a, b) => b.at - a.at);
  const kept = new Set<T>();
  for (const [period, of] of Object.entries(PERIODS)) {
    let left = keep[period as keyof Keep];
    let last = "";
    for (const snapshot of latestFirst) {
      const name = of(snapshot.time.slice(0, 10));
      if (left === 0) break;
      if (name === last) continue;
      kept.add(snapshot);
      last = name;
      left--;
    }
  }
  return kept;
}

/** `2026-W53` of `2027-01-01` (ISO 8601): the week belongs to the year that its Thursday is in. */
function isoWeek(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return day;
  date.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  const year = date.getUTCFullYear();
  const week = Math.ceil(((date.getTime() - Date.UTC(year, 0, 1)) / 86_400_000 + 1) / 7);
  return `${year}-W${String(week).padStart(2, "0")}`;
}
