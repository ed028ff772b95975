import type { Outcome, Restic } from "./restic.ts";

const NO_ROOM = /no space left on device|disk quota exceeded/i;

/**
 * A restore that also removes what was not there then. restic removes last: where what is to go has filled the disk, as a
 * migration that ran wild does, the first pass writes next to nothing, and only the second finds the room that it made.
 */
export async function restoreExactly(restic: Restic, ...how: Parameters<Restic>): Promise<Outcome> {
  const first = await restic(...how);
  return first.errors.some((words) => NO_ROOM.test(words)) ? restic(...how) : first;
}
