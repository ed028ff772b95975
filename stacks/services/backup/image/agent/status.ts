import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Result } from "./backup.ts";
import type { Copied } from "./copy.ts";
import type { Job } from "./declaration.ts";
import type { Integrity } from "./integrity.ts";
import type { Memory } from "./memory.ts";
import { type Proof, readProofs } from "./notes.ts";
import type { ReasonCode } from "./reasons.ts";

export interface JobStatus {
  readonly id: string;
  readonly service: string;
  readonly volume: string;
  /** ISO 8601, as all times here. */
  nextRun?: string;
  running?: boolean;
  /** When the run that is under way began. */
  runningSince?: string;
  /** What restic complains of while it tries again. */
  trouble?: { code: ReasonCode; reason: string };
  lastSeconds?: number;
  lastCode?: ReasonCode;
  lastEnd?: string;
  lastResult?: Result["outcome"];
  lastReason?: string;
  lastSnapshot?: string;
}

/** What outlives the agent. */
export interface Remembered {
  jobs: Readonly<Record<string, JobStatus>>;
  integrity: Integrity;
  copies: readonly Copied[];
  /** When an agent with this memory first started. */
  since: string;
}

/** What the agent tells the lookout. Times are ISO 8601. */
export interface Report {
  readonly version: 1;
  readonly host: string;
  readonly now: string;
  readonly startedAt: string;
  readonly repository: string;
  readonly jobs: readonly JobStatus[];
  readonly integrity?: Integrity;
  /** Since when proofs can have been made. */
  readonly since: string;
  readonly proofs: readonly Proof[];
  readonly copies: readonly Copied[];
}

/** What the agent is at, in a file for `healthy` and for whoever looks. Rewritten whole; readers never see a half. */
export class Status {
  readonly #file: string;
  readonly #host: string;
  readonly #memory: Memory<Remembered>;
  readonly #jobs: Map<string, JobStatus>;
  readonly #startedAt = new Date().toISOString();
  #repository = "unknown";

  constructor(host: string, jobs: readonly Job[], memory: Memory<Remembered>, file = "/run/vigie/status.json") {
    this.#file = file;
    this.#host = host;
    this.#memory = memory;
    if (memory.value.since === undefined) memory.keep({ since: this.#startedAt });
    const before = memory.value.jobs ?? {};
    this.#jobs = new Map(
      jobs.map(({ id, service, volume }) => {
        const { running: _, runningSince: __, trouble: ___, nextRun: ____, ...known } = before[id] ?? {};
        return [id, { ...known, id, service, volume }];
      }),
    );
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
    if ("lastEnd" in changes) this.#memory.keep({ jobs: Object.fromEntries(this.#jobs) });
  }

  /** When the job's last snapshot was taken, as far as is known. */
  lastSnapshot(id: string): Date | undefined {
    const at = this.#jobs.get(id)?.lastSnapshot;
    return at === undefined ? undefined : new Date(at);
  }

  get integrity(): Integrity | undefined {
    return this.#memory.value.integrity;
  }

  setIntegrity(integrity: Integrity): void {
    this.#memory.keep({ integrity });
  }

  copied(id: string): Copied {
    return this.#memory.value.copies?.find((one) => one.id === id) ?? { id };
  }

  setCopied(copied: Copied): void {
    const others = (this.#memory.value.copies ?? []).filter(({ id }) => id !== copied.id);
    this.#memory.keep({ copies: [...others, copied] });
  }

  report(): Report {
    const { integrity } = this;
    return {
      version: 1,
      host: this.#host,
      now: new Date().toISOString(),
      startedAt: this.#startedAt,
      repository: this.#repository,
      jobs: [...this.#jobs.values()],
      ...(integrity ? { integrity } : {}),
      since: this.#memory.value.since ?? this.#startedAt,
      proofs: readProofs(),
      copies: this.#memory.value.copies ?? [],
    };
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
