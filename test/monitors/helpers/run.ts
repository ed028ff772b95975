import type { Outcome, RunnableCheck } from "../../../monitors/check.ts";
import { attempt } from "../../../monitors/engine/attempt.ts";
import { makeResolver } from "../../../monitors/net/resolver.ts";
import { makeTrust } from "../../../monitors/net/trust.ts";
import type { Resources } from "../../../monitors/resources.ts";

export const resources = (own: Partial<Resources> = {}): Resources => ({
  resolver: makeResolver(),
  trust: makeTrust(),
  gates: new Map(),
  repositories: [],
  agents: new Map(),
  ...own,
});

/** Runs a check as the engine does, its parameters written as in a declaration. */
export async function runCheck(
  kind: RunnableCheck,
  input: Record<string, unknown>,
  { timeoutMs = 5000, own = resources() }: { timeoutMs?: number; own?: Resources } = {},
): Promise<Outcome & { error?: unknown }> {
  const { outcome, error } = await attempt({ kind, params: kind.params.parse(input), timeoutMs, resources: own });
  return { ...outcome, ...(error === undefined ? {} : { error }) };
}
