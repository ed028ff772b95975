import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";

const run = promisify(execFile);

/** A container whose number of processes is bounded. */
export interface ProcessLimit {
  container: string;
  /** The most processes and threads it may have. */
  pids: number;
}

/**
 * Bounds the processes of an engine's containers, so that a fork bomb stays in its own.
 * @pulumi/docker has no property for it; the engine can set it on a living container, and does nothing where it is set already.
 */
export function limitProcesses(
  engine: pulumi.Input<string>,
  limits: readonly ProcessLimit[],
  created: readonly pulumi.Output<string>[],
): pulumi.Output<void> {
  return pulumi.all([pulumi.output(engine), pulumi.all([...created])]).apply(async ([host]) => {
    if (pulumi.runtime.isDryRun()) return;
    for (const { pids, containers } of byLimit(limits)) {
      await run("docker", ["-H", host, "update", "--pids-limit", String(pids), ...containers]).catch(
        (error: unknown) => {
          throw new Error(
            `the process limit of ${containers.join(", ")} could not be set: ${(error as { stderr?: string }).stderr ?? error}`,
          );
        },
      );
    }
  });
}

/** Containers that share a limit, so that one command serves them all. */
export function byLimit(limits: readonly ProcessLimit[]): { pids: number; containers: string[] }[] {
  const grouped = Map.groupBy(limits, ({ pids }) => pids);
  return [...grouped]
    .sort(([a], [b]) => a - b)
    .map(([pids, same]) => ({ pids, containers: same.map(({ container }) => container).sort() }));
}
