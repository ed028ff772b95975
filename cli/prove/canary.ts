import { randomBytes } from "node:crypto";
import { z } from "zod";

/** A value that was planted in a service by its own means, to be found again in what is restored. */
export const planted = z.array(z.strictObject({ at: z.iso.datetime(), value: z.string() }));
export type Planted = z.output<typeof planted>;

/** Program of a kind's image that plants a value in the running service (`plant VALUE`), or finds it (`find VALUE`). */
export const PROGRAM = "/usr/local/bin/vigie-canary";

/** Plantings remembered: older snapshots are proven with the value of their time. */
const MOST = 200;

/** Letters, digits and hyphens only, so that any service can hold it. */
export const newValue = (now: Date): string =>
  `canary-${now.toISOString().slice(0, 19).replaceAll(":", "-")}Z-${randomBytes(8).toString("hex")}`;

/** What is remembered, as it was noted; nothing where that cannot be read. Pure. */
export function readPlanted(text: string): Planted {
  try {
    return planted.parse(JSON.parse(text));
  } catch {
    return [];
  }
}

export const remember = (before: Planted, at: Date, value: string): Planted =>
  [...before, { at: at.toISOString(), value }].slice(-MOST);

/** The value that a snapshot of a time must hold: the last one planted before it. Undefined where none was. Pure. */
export const expectedAt = (before: Planted, time: string): string | undefined =>
  before.findLast(({ at }) => Date.parse(at) < Date.parse(time))?.value;
