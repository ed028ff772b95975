import type { Schedule } from "./declaration.ts";
import { isQuiet, type Policy } from "./policy.ts";
import { following } from "./schedule.ts";
import type { Timers } from "./timers.ts";

/** How long is slept on at most: the wall clock may be put right meanwhile, or the computer have slept too. */
const LONGEST_NAP = 30_000;
/** How often it is seen whether something is due. */
const LOOK = 5_000;

/**
 * Has something done on a schedule by the wall clock, until the timers stop. What was slept through is done once.
 * @param tell told of each next time, ISO 8601
 */
export function plan(
  schedule: Schedule,
  timers: Timers,
  due: () => void,
  tell: (next: string | undefined) => void,
): void {
  let seen = Date.now();
  let at: number;
  const follow = () => {
    at = following(schedule, seen) ?? Number.POSITIVE_INFINITY;
    tell(Number.isFinite(at) ? new Date(at).toISOString() : undefined);
  };
  const look = () => {
    const now = Date.now();
    const isDue = now >= at;
    // A clock that was put back by far: what it said would come next may be days away. By a little, the same time would come twice.
    const isBack = now < seen - LONGEST_NAP;
    seen = now;
    if (isDue || isBack) follow();
    nap();
    if (isDue) due();
  };
  const nap = () => timers.once(Math.min(Math.max(0, at - seen), LONGEST_NAP), look);
  follow();
  nap();
}

/** Looks now and again, outside quiet hours; one that is at work is not begun twice. */
export function whenDue(
  due: (now: Date) => boolean,
  timers: Timers,
  quietHours: Policy["quietHours"],
  act: () => Promise<unknown>,
): void {
  let under = false;
  const look = async () => {
    const now = new Date();
    if (under || isQuiet(quietHours, now) || !due(now)) return;
    under = true;
    await act().catch(() => {});
    under = false;
  };
  void look();
  timers.repeat(LOOK, () => void look());
}

/** Waits until the quiet hours are over. */
export async function untilLoud(timers: Timers, quietHours: Policy["quietHours"]): Promise<void> {
  while (isQuiet(quietHours, new Date()) && !timers.stopped) await timers.pause(LOOK);
}
