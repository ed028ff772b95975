import { timerUnits, type Unit } from "../timer.ts";
import type { Proof } from "./proof.ts";

/** Half a day before its time counts as due: whoever asks every night would otherwise come a day late now and then. */
const EARLY = 12 * 3600;

/**
 * Whether a service's restore has to be proven again: it never was, did not hold, or is as old as its policy says.
 * @param every in seconds @param now in milliseconds since the epoch
 */
export function isDue(last: Pick<Proof, "at" | "ok"> | undefined, every: number, now: number): boolean {
  if (last === undefined || !last.ok) return true;
  const age = (now - Date.parse(last.at)) / 1000;
  // What is not a time, or lies ahead of us, proves nothing.
  return !(age >= -60) || age >= every - Math.min(EARLY, every / 2);
}

/** A note of the agent's as a proof; undefined where it is none. */
export function readProof(text: string): Proof | undefined {
  try {
    const proof = JSON.parse(text) as Proof | null;
    return typeof proof?.at === "string" && typeof proof.ok === "boolean" ? proof : undefined;
  } catch {
    return undefined;
  }
}

const CLOCK = /^([01]\d|2[0-3]):[0-5]\d$/;
export const isClock = (text: string): boolean => CLOCK.test(text);

/** What the machine whose engine runs the services is given: systemd's units, or one line of a crontab where it has none. Pure. */
export function proveTimer(
  at: string,
  { checkout, stack, timeZone }: { checkout: string; stack: string; timeZone: string },
): { units: Unit[]; crontab: string } {
  const words = ["prove", "--", "--due", "--stack", stack];
  const [hour, minute] = at.split(":").map(Number);
  return {
    units: timerUnits({
      name: "prove",
      what: "Restores that are due are proven, in scratch volumes",
      calendar: `*-*-* ${at}:00 ${timeZone}`,
      checkout,
      words,
      limit: "6h",
    }),
    crontab: `${minute} ${hour} * * *  cd ${checkout} && npm run --silent ${words.join(" ")}`,
  };
}
