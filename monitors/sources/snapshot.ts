/** A snapshot as a listing of the repository tells it. */
export interface Snapshot {
  id: string;
  /** The time as it was written, with its zone: the retention counts days by it. */
  time: string;
  service: string;
  volume: string;
  /** When it was taken, in milliseconds since the epoch. */
  at: number;
  /** What it holds, in bytes and files, where the version of restic that made it said so. */
  bytes?: number;
  files?: number;
}
