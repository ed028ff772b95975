import type { Run } from "../../dashboards/view.ts";
import type { Standing } from "../engine/standing.ts";
import { REASONS, type Reason } from "../reasons.ts";

/** A result on its way to the disk. */
export interface Row {
  check: string;
  run: Run;
  /** Whether it counts as good, where that is not what it shows: others may have outvoted it. */
  verdict?: boolean;
  /** Set where this run changed the check's status. */
  change?: { status: Standing["status"]; since: number };
}

/** The number that history keeps for a run: 0 where it was good. */
export const codeOf = (run: Run): number => (run.ok ? 0 : (REASONS[run.reason as Reason] ?? REASONS.internal));
