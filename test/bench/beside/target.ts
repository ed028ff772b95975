import type { Server } from "node:net";

/** Something to watch: how each program is told to, and whether it works at a moment. */
export interface Target {
  readonly name: string;
  /** A check of the lookout. */
  readonly kind: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** A row of Uptime Kuma's table `monitor`. */
  readonly kuma: Readonly<Record<string, string | number>>;
  /** An endpoint of Gatus. */
  readonly gatus: Readonly<Record<string, unknown>>;
  /** When it is broken, in seconds since the start; nothing where it never is. */
  readonly broken: readonly Outage[];
  /** A failure that a second look does not find is none. */
  readonly forgives?: boolean;
}

export type Outage = readonly [from: number, to: number];

/** What a program came to think of a target, and when, in seconds since the start. */
export interface Seen {
  readonly target: number;
  readonly at: number;
  readonly up: boolean;
}

/** All targets, and the moment that outages are counted from. */
export class Stage {
  readonly targets: Target[] = [];
  startedAt = Date.now();

  /** When the next target is to be broken: each at other moments than the one before. */
  outages(length = 90): Outage[] {
    const shift = (this.targets.length * 7) % 45;
    return [60, 330].map((from): Outage => [from + shift, from + shift + length]);
  }

  since = (): number => (Date.now() - this.startedAt) / 1000;

  isBroken(broken: readonly Outage[]): boolean {
    const at = this.since();
    return broken.some(([from, to]) => at >= from && at < to);
  }
}

/** Listens where nobody else does; gives the port. */
export async function listen(server: Server, host = "127.0.0.1"): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, host, resolve));
  return (server.address() as { port: number }).port;
}
