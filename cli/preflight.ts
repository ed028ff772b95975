import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import type { Inventory } from "../association/index.ts";
import { ask, askSocket, type ContainerSummary, DEFAULT_ENDPOINT, type EngineInfo } from "./docker.ts";
import { defaultEndpoint, diagnose, type Machine, readyEngine, thisMachine } from "./engine.ts";
import { ROOT } from "./places.ts";
import { describeTaken, isFree, plannedPorts, takenPorts } from "./ports.ts";
import type { Problem } from "./refusal.ts";
import { run } from "./run.ts";

const GIB = 2 ** 30;

/** Room for the images of the demo's services and the layers of their builds, measured, with as much again to spare. */
const ENGINE_DISK = 3 * GIB;
/** Room for the state, its history and the packages. */
const CHECKOUT_DISK = 0.5 * GIB;
/** The demo at rest, with room for the builds. */
const ENGINE_MEMORY = 2 * GIB;

/**
 * Everything that would make an `up` of this inventory fail on these machines, all at once. Starts the default engine where
 * we may (see `readyEngine`).
 */
export async function preflight(inventory: Pick<Inventory, "services" | "hosts">): Promise<Problem[]> {
  const machine = await thisMachine();
  const local = defaultEndpoint();
  const far = farEngines(inventory, local);
  const [program, onLocal, onCheckout, ...onFar] = await Promise.all([
    dockerProgram(),
    localProblems(inventory, local, machine),
    diskProblem(ROOT, CHECKOUT_DISK, "the checkout"),
    ...far.map((endpoint) => diagnose(endpoint, machine)),
  ]);
  return [program, ...onLocal, onCheckout, ...onFar].filter((problem) => problem !== undefined);
}

/** The program is needed beside the engine: the stacks use it for what Pulumi's plugin cannot set. */
async function dockerProgram(): Promise<Problem | undefined> {
  if ((await run("docker", ["--version"])).code === 0) return undefined;
  return {
    what: "The `docker` program is not installed",
    fix: "sudo apt-get install docker-cli   (or docker.io; elsewhere https://docs.docker.com/engine/install/)",
  };
}

/** Engines of hosts that run something, besides the default one, which the default socket stands for. Pure. */
export function farEngines({ services, hosts }: Pick<Inventory, "services" | "hosts">, local: string): string[] {
  const used = Object.values(services).flatMap(({ delivery }) =>
    delivery.by === "us" ? [hosts[delivery.host]?.engine] : [],
  );
  return [...new Set(used)].filter(
    (engine) => engine !== undefined && engine !== DEFAULT_ENDPOINT && engine !== local,
  ) as string[];
}

async function localProblems(
  inventory: Pick<Inventory, "services" | "hosts">,
  endpoint: string,
  machine: Machine,
): Promise<(Problem | undefined)[]> {
  const stopped = await readyEngine(machine);
  if (stopped) return [stopped];
  const info = await ask<EngineInfo>(endpoint, "/info");
  const problems = [memoryProblem(info.MemTotal)];
  if (!endpoint.startsWith("unix://")) return problems;

  // Inside Docker Desktop's virtual machine the folder is not one of ours to measure.
  if (existsSync(info.DockerRootDir))
    problems.push(await diskProblem(info.DockerRootDir, ENGINE_DISK, "Docker's images and volumes"));
  const containers = await askSocket<ContainerSummary[]>(endpoint.slice("unix://".length), "/containers/json");
  const here = (host: string) => [DEFAULT_ENDPOINT, endpoint].includes(inventory.hosts[host]?.engine ?? "");
  // Another socket may be that of an engine in a network of its own, whose ports are not this machine's.
  const free = endpoint === DEFAULT_ENDPOINT ? isFree : async () => true;
  const taken = await takenPorts(plannedPorts(inventory, here), containers, free);
  return [...problems, ...taken.map(describeTaken)];
}

function memoryProblem(total: number): Problem | undefined {
  if (total >= ENGINE_MEMORY) return undefined;
  return {
    what: `Docker's machine has ${size(total)} of memory, and ${size(ENGINE_MEMORY)} are needed`,
    fix: "Give it more, or declare fewer services on this host",
  };
}

/** @param needed bytes that must be free */
export async function diskProblem(path: string, needed: number, purpose: string): Promise<Problem | undefined> {
  const { bavail, bsize } = await statfs(path);
  const free = bavail * bsize;
  if (free >= needed) return undefined;
  return {
    what: `Disk is short: ${size(free)} free for ${purpose} (${path}), and ${size(needed)} are needed`,
    fix: "docker system df   shows what Docker uses; docker builder prune and docker image prune free what is not in use",
  };
}

const size = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`;
