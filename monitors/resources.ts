import type { Resolver } from "./net/resolver.ts";
import type { Trust } from "./net/trust.ts";
import type { Gate } from "./sources/gate.ts";
import type { Repository } from "./sources/repository.ts";

/** What checks share. */
export interface Resources {
  resolver: Resolver;
  trust: Trust;
  /** By host. */
  gates: ReadonlyMap<string, Gate>;
  repositories: readonly Repository[];
}
