import type { Deployment } from "@pulumi/pulumi/automation/index.js";
import { callSocket, NoAnswer } from "./docker.ts";
import { defaultEndpoint } from "./engine.ts";
import { run } from "./run.ts";
import { say } from "./say.ts";
import type { OpenStack } from "./stack.ts";

/** What of a checkpoint (Pulumi's deployment schema, version 3) tells about an interrupted `up`. */
interface Checkpoint {
  pending_operations?: { type: string; resource: Resource }[];
  resources?: Resource[];
}

interface Resource {
  urn: string;
  type: string;
  id?: string;
  inputs?: Record<string, unknown>;
  /** URN and id of its provider, joined by `::`. */
  provider?: string;
}

/** Something that may be on an engine without Pulumi knowing. */
export interface Leftover {
  kind: "container" | "network";
  name: string;
  /** The engine it may be on. */
  endpoint: string;
  /** What Pulumi knows under that name: what it was to take the place of. */
  known?: string[];
}

/** Types that clash by name when made again. Images do not, and volumes hold data: neither is ever removed here. */
const KINDS: Record<string, Leftover["kind"]> = {
  "docker:index/container:Container": "container",
  "docker:index/network:Network": "network",
};

/** Resources whose creation Pulumi recorded as begun and never as ended. Pure. */
export function leftovers({ pending_operations = [], resources = [] }: Checkpoint, fallback: string): Leftover[] {
  return pending_operations.flatMap(({ type, resource }) => {
    const kind = KINDS[resource.type];
    const name = resource.inputs?.name;
    if (type !== "creating" || kind === undefined || typeof name !== "string") return [];
    const known = resources.flatMap(({ urn, id, inputs }) =>
      urn === resource.urn && inputs?.name === name ? [id ?? ""] : [],
    );
    const provider = resources.find(({ urn, id }) => `${urn}::${id}` === resource.provider);
    const host = provider?.inputs?.host;
    const endpoint = typeof host === "string" && host !== "" ? host : fallback;
    return [{ kind, name, endpoint, ...(known.length > 0 ? { known } : {}) }];
  });
}

/**
 * Puts a stack back in order after an interrupted `up`: removes containers and networks that were being made, whose names
 * the next `up` would find taken, and forgets the operations under way, which it would stumble on.
 */
export async function repair({ stack }: OpenStack): Promise<void> {
  const exported: Deployment = await stack.exportStack();
  const checkpoint = (exported.deployment ?? {}) as Checkpoint;
  const pending = checkpoint.pending_operations?.length ?? 0;
  if (pending === 0) return;
  say.warn(
    `${pending} ${pending === 1 ? "operation was" : "operations were"} under way when the last command was interrupted`,
  );
  for (const leftover of leftovers(checkpoint, defaultEndpoint())) {
    if (await remove(leftover)) say.line(`  removed the half-made ${leftover.kind} ${leftover.name}`);
  }
  await stack.importStack({ ...exported, deployment: { ...checkpoint, pending_operations: [] } });
}

/** True where there was something to remove. */
async function remove({ kind, name, endpoint, known = [] }: Leftover): Promise<boolean> {
  if (known.length > 0) {
    // Recorded as made after all: Pulumi deals with it. Half-made to replace one that is recorded still: it is in the way.
    const words = ["--host", endpoint, kind, "inspect", "--format", "{{.Id}}", name];
    const { code, stdout } = await run("docker", words, { timeout: 60_000 });
    if (code !== 0 || known.includes(stdout.trim())) return false;
  }
  if (!endpoint.startsWith("unix://")) {
    const words = kind === "container" ? ["container", "rm", "--force", "--volumes"] : ["network", "rm"];
    return (await run("docker", ["--host", endpoint, ...words, name], { timeout: 60_000 })).code === 0;
  }
  const path = kind === "container" ? `/containers/${name}?force=1&v=1` : `/networks/${name}`;
  try {
    await callSocket(endpoint.slice("unix://".length), "DELETE", path, 60_000);
    return true;
  } catch (error) {
    if (error instanceof NoAnswer && error.code === "E404") return false;
    throw error;
  }
}
