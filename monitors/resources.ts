import type { Declared } from "./checks/_drift.ts";
import type { Resolver } from "./net/resolver.ts";
import type { Trust } from "./net/trust.ts";
import type { BackupAgent } from "./sources/backup-agent.ts";
import type { Gate } from "./sources/gate.ts";
import type { Heartbeats } from "./sources/heartbeats.ts";
import type { Peers } from "./sources/peers.ts";
import type { Repository } from "./sources/repository.ts";
import type { Trail } from "./sources/trail.ts";

/** What checks share. */
export interface Resources {
  resolver: Resolver;
  trust: Trust;
  /** By host. */
  gates: ReadonlyMap<string, Gate>;
  repositories: readonly Repository[];
  /** Backup agents, by host. */
  agents: ReadonlyMap<string, BackupAgent>;
  /** What ought to run, by host. */
  declared?: ReadonlyMap<string, Declared>;
  /** What jobs report; undefined where nobody keeps it. */
  heartbeats?: Heartbeats;
  /** Other lookouts on the same inventory. */
  peers?: Pick<Peers, "heardOf">;
  /** The audit trails of file servers, by service. */
  trails?: ReadonlyMap<string, Trail>;
}
