import type { Resolver } from "./net/resolver.ts";
import type { Trust } from "./net/trust.ts";
import type { BackupAgent } from "./sources/backup-agent.ts";
import type { Gate } from "./sources/gate.ts";
import type { Repository } from "./sources/repository.ts";

/** What checks share. */
export interface Resources {
  resolver: Resolver;
  trust: Trust;
  /** By host. */
  gates: ReadonlyMap<string, Gate>;
  repositories: readonly Repository[];
  /** Backup agents, by host. */
  agents: ReadonlyMap<string, BackupAgent>;
}
