import { posix } from "node:path";
import { DEFAULT_ENDPOINT } from "../docker.ts";
import { defaultEndpoint } from "../engine.ts";
import { Refusal } from "../refusal.ts";
import { type Ended, run } from "../run.ts";
import type { Saved } from "./subject.ts";

/** The engine of a host: `DOCKER_HOST` stands for this machine's own, as in the stacks. */
export const engineOf = (engine: string): string => (engine === DEFAULT_ENDPOINT ? defaultEndpoint() : engine);

/** The words of the docker program that ask a host's engine. */
export const dockerWords = ({ host }: Pick<Saved, "host">, ...words: string[]): string[] => [
  "--host",
  engineOf(host.engine),
  ...words,
];

/** What `docker container inspect` tells that we use. */
interface Inspected {
  State: { Running: boolean };
  Image: string;
  Mounts: { Type: string; Name?: string; Destination: string; RW: boolean }[];
}

/** The agent's container. @throws {Refusal} where it is missing or stopped */
export async function inspectAgent(saved: Saved, stack: string): Promise<Inspected> {
  const { code, stdout, stderr } = await run("docker", dockerWords(saved, "container", "inspect", saved.agent));
  const fix = `npm run up -- --stack ${stack}`;
  if (code !== 0) {
    const missing = /no such container/i.test(stderr);
    throw new Refusal({
      what: missing ? `The backup agent ${saved.agent} does not exist` : `The engine does not answer: ${stderr.trim()}`,
      fix: missing ? fix : "npm run engine   tells more",
    });
  }
  const [found] = JSON.parse(stdout) as Inspected[];
  if (!found?.State.Running) throw new Refusal({ what: `The backup agent ${saved.agent} is not running`, fix });
  return found;
}

/** Runs a command of the agent in its own container. */
export const askAgent = (saved: Saved, ...words: string[]): Promise<Ended> =>
  run("docker", dockerWords(saved, "exec", saved.agent, "vigie-backup", ...words));

/**
 * The words of the docker program that run the agent's image beside the agent, with one volume writable: its own container
 * may write to none. It has the agent's way to the repository, whichever of its networks that is, the rights that giving files back to their owners takes, and no other.
 *
 * @param at where the volume is named in the snapshot; the agent sees it there unless the snapshot is another stack's
 */
export function besideWords(
  saved: Saved,
  agent: Inspected,
  volume: { name: string; at: string },
  words: readonly string[],
  /** The container's own name. */
  name?: string,
): string[] {
  const mounts = agent.Mounts.filter(
    ({ Type, Name, Destination }) => Type === "volume" && Name !== volume.name && Destination !== volume.at,
  ).map(({ Name, Destination, RW }) => `type=volume,source=${Name},target=${Destination}${RW ? "" : ",readonly"}`);
  // The agent looks for every declared folder, and its own name of this volume's may be another.
  const own = agent.Mounts.filter(({ Name, Destination }) => Name === volume.name && Destination !== volume.at).map(
    ({ Destination }) => `type=volume,source=${volume.name},target=${Destination},readonly`,
  );
  return dockerWords(
    saved,
    ...[
      "run",
      "--rm",
      ...(name === undefined ? [] : ["--name", name]),
      "--read-only",
      "--network",
      `container:${saved.agent}`,
      "--tmpfs",
      "/tmp",
    ],
    ...["--tmpfs", "/run"],
    // restic sets the owner of every folder on the way to what it restores.
    ...["--tmpfs", posix.dirname(volume.at)],
    ...["--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", "512m", "--pids-limit", "200"],
    ...["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID"].flatMap((capability) => ["--cap-add", capability]),
    ...[...mounts, ...own, `type=volume,source=${volume.name},target=${volume.at}`].flatMap((mount) => [
      "--mount",
      mount,
    ]),
    agent.Image,
    ...words,
  );
}
