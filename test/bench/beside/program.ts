import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { listen, type Seen, type Stage, type Target } from "./target.ts";

/** The shortest that Uptime Kuma takes, in seconds. */
export const EVERY = 20;
export const TIMEOUT = 16;

/** What each program is given. */
export interface Setting {
  readonly stage: Stage;
  /** Of its own. */
  readonly folder: string;
  /** With the authority that good certificates come from. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Program {
  readonly title: string;
  readonly child: ChildProcess;
  /** Fills while it runs. */
  readonly seen: readonly Seen[];
  /** Targets that it could not be given. */
  readonly without?: readonly Target[];
}

/** Keeps what changes: the first verdict on each target, and each that is another than the one before. */
export class Watcher {
  readonly seen: Seen[] = [];
  readonly #states = new Map<number, boolean>();
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  note(target: number, up: boolean): void {
    if (this.#states.get(target) === up) return;
    this.#states.set(target, up);
    this.seen.push({ target, at: this.#stage.since(), up });
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** User and system time, in seconds (proc(5), fields 14 and 15, in hundredths). */
export function cpu({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Resident memory, in bytes. */
export function rss({ pid }: ChildProcess): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
}
