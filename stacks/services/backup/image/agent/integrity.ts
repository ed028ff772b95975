import { codeOf, type ReasonCode } from "./reasons.ts";
import { reasonOf } from "./repository.ts";
import type { Outcome, Restic } from "./restic.ts";

/** What is known of the repository's state; kept from one start of the agent to the next. Times are ISO 8601. */
export interface Integrity {
  /** When the last verification ended, whatever it found. */
  readonly at?: string;
  /** When it was last found good as far as it was read. */
  readonly goodAt?: string;
  readonly seconds?: number;
  readonly code?: ReasonCode;
  readonly reason?: string;
  /** How many faults were found. */
  readonly errors?: number;
  /** The data is read in this many parts, one at each verification … */
  readonly parts: number;
  /** … of which this one is next, counted from 0. */
  readonly next: number;
  /** When each part was last read and found good; the time of the first plan for one that never was. */
  readonly readAt: readonly string[];
  /** Parts that were never read. */
  readonly unread: number;
}

/** restic tells packs apart by the first byte of their names. */
const MOST_PARTS = 256;

/** In how many parts the data is read, so that all of it is read in time. Pure. */
export const partsOf = (everySeconds: number, readAllWithinSeconds: number): number =>
  Math.min(MOST_PARTS, Math.max(1, Math.floor(readAllWithinSeconds / everySeconds)));

/** What is known at first, or after the number of parts has changed: reading begins again. Pure. */
export function planned(known: Integrity | undefined, parts: number, now: Date): Integrity {
  if (known?.parts === parts && known.readAt.length === parts) return known;
  const since = known?.readAt.toSorted()[0] ?? now.toISOString();
  return { ...known, parts, next: 0, readAt: Array<string>(parts).fill(since), unread: parts };
}

/**
 * Verifies the repository: that index, snapshots and folders hold together and every pack is there, then one part of the
 * data by reading it. A part in which a fault was found is read again until it is good: otherwise the next part would
 * make the alarm fall silent.
 *
 * @param all reads every part
 */
export async function verify(
  restic: Restic,
  known: Integrity,
  { all = false, signal }: { all?: boolean; signal?: AbortSignal } = {},
): Promise<Integrity> {
  const started = Date.now();
  const { parts, next } = known;
  const subset = all || parts === 1 ? "1/1" : `${next + 1}/${parts}`;
  const ran = await restic(["check", "--retry-lock", "30m", `--read-data-subset=${subset}`], { signal });
  const at = new Date().toISOString();
  const seconds = (Date.now() - started) / 1000;
  const { code: _, reason: __, errors: ___, ...rest } = known;
  if (ran.code !== 0) {
    return { ...rest, at, seconds, ...faultOf(ran), errors: Math.max(1, ran.errorCount) };
  }
  const read = (part: number): boolean => subset === "1/1" || part === next;
  const never = known.unread === 0 ? 0 : subset === "1/1" ? 0 : Math.max(0, known.unread - 1);
  return {
    ...rest,
    at,
    goodAt: at,
    seconds,
    errors: 0,
    next: subset === "1/1" ? 0 : (next + 1) % parts,
    readAt: known.readAt.map((time, part) => (read(part) ? at : time)),
    unread: never,
  };
}

/** What a `restic check` that failed has found. Pure. */
export function faultOf(ran: Outcome): { code: ReasonCode; reason: string } {
  const code = codeOf(ran);
  // restic's last words are advice, and some of the first a heading; those between say what is wrong.
  const found = ran.errors.find((words) => !/^(The repository|These|Damaged pack)|:$/.test(words)) ?? reasonOf(ran);
  const reason = found.split("\n", 1)[0]!.replace(/^error: /, "");
  return { code: code === "backup-failed" ? "repository-damaged" : code, reason: reason.slice(0, 500) };
}

/** How soon a verification that could not be made is tried again, in seconds. */
const RETRY = 1800;

/** Whether a verification is due. Pure. */
export function isDue({ at, code }: Pick<Integrity, "at" | "code">, everySeconds: number, now: Date): boolean {
  if (at === undefined) return true;
  const age = (now.getTime() - Date.parse(at)) / 1000;
  // A clock that was ahead must not put the next one off for years.
  if (age < -60) return true;
  const soon = code !== undefined && code !== "repository-damaged";
  return age >= (soon ? Math.min(RETRY, everySeconds) : everySeconds);
}
