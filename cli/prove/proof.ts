/** What is noted of a proof, and what the lookout is told by the agent. */
export interface Proof {
  service: string;
  /** When it ended, ISO 8601. */
  at: string;
  ok: boolean;
  reason?: string;
  seconds: number;
  /** Sets of snapshots that were restored, and files compared with the live ones. */
  sets: number;
  compared: number;
  /** Values that were planted and found again. */
  canaries: number;
}
