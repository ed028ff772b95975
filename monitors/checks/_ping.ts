/** What a run of ping(8) saw. */
export interface Echoes {
  sent: number;
  received: number;
  /** Round trips in the order of their numbers, in milliseconds. */
  roundTrips: readonly number[];
}

/**
 * Reads the output of ping from iputils or busybox; undefined where it is none. Only whole, well-formed lines count; an echo that
 * came twice (`DUP!`) counts once, one that is late or damaged not at all.
 */
export function parsePing(output: string): Echoes | undefined {
  const byNumber = new Map<number, number>();
  for (const line of output.split("\n")) {
    const [, number, time] =
      /^\d+ bytes from [^\n]{1,200}?: (?:icmp_)?seq=(\d{1,6}) .*\btime=(\d{1,9}(?:\.\d{1,6})?) ms(?: \(DUP!\))?$/.exec(
        line,
      ) ?? [];
    if (number !== undefined && !byNumber.has(Number(number))) byNumber.set(Number(number), Number(time));
  }
  const [, sent] = /^(\d{1,6}) packets transmitted, \d{1,6} (?:packets )?received\b/m.exec(output) ?? [];
  if (sent === undefined) return undefined;
  const roundTrips = [...byNumber].sort(([a], [b]) => a - b).map(([, ms]) => ms);
  return { sent: Number(sent), received: Math.min(roundTrips.length, Number(sent)), roundTrips };
}

/** Mean difference between one round trip and the next (RFC 3393's variation, without its sign), in milliseconds. */
export function jitterOf(roundTrips: readonly number[]): number {
  const steps = roundTrips.slice(1).map((ms, index) => Math.abs(ms - roundTrips[index]!));
  return steps.length === 0 ? 0 : steps.reduce((sum, step) => sum + step, 0) / steps.length;
}

export const meanOf = (numbers: readonly number[]): number =>
  numbers.reduce((sum, one) => sum + one, 0) / Math.max(1, numbers.length);
