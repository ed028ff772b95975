import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Result } from "./backup.ts";
import type { Job } from "./declaration.ts";

export interface JobStatus {
  readonly id: string;
  readonly service: string;
  readonly volume: string;
  /** ISO 8601, as all times here. */
  nextRun?: string;
  running?: boolean;
  lastEnd?: string;
  lastResult?: Result["outcome"];
  lastReason?: string;
  lastSnapshot?: string;
}

/** What the agent is at, in a file for `healthy` and for whoever looks. Rewritten whole; readers never see a half. */
export class Status {
  readonly #file: string;
  readonly #jobs: Map<string, JobStatus>;
  #repository = "unknown";

  constructor(jobs: readonly Job[], file = "/run/vigie/status.json") {
    this.#file = file;
    this.#jobs = new Map(jobs.map(({ id, service, volume }) => [id, { id, service, volume }]));
    mkdirSync(dirname(file), { recursive: true });
  }

  setRepository(state: string): void {
    this.#repository = state;
    this.write();
  }

  set(id: string, changes: Partial<JobStatus>): void {
    const job = this.#jobs.get(id);
    if (job) Object.assign(job, changes);
    this.write();
  }

  write(): void {
    const text = JSON.stringify({
      heartbeat: new Date().toISOString(),
      repository: this.#repository,
      jobs: [...this.#jobs.values()],
    });
    writeFileSync(`${this.#file}.new`, `${text}\n`);
    renameSync(`${this.#file}.new`, this.#file);
  }
}
