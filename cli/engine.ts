import { existsSync } from "node:fs";
import { ask, DEFAULT_ENDPOINT, NoAnswer } from "./docker.ts";
import { toolchain } from "./places.ts";
import type { Problem } from "./refusal.ts";
import { run } from "./run.ts";
import { say } from "./say.ts";
import { atLeast } from "./versions.ts";

/** Docker 20.10, in Debian since 2021. */
export const OLDEST_API = "1.41";

/** What the words of a diagnosis depend on. */
export interface Machine {
  platform: NodeJS.Platform;
  /** systemd is in charge of services. */
  systemd: boolean;
  root: boolean;
  /** A `dockerd` program is installed. */
  dockerd: boolean;
  /** The user's name, for `usermod`. */
  user: string;
}

/** This machine. */
export async function thisMachine(): Promise<Machine> {
  return {
    platform: process.platform,
    systemd: existsSync("/run/systemd/system"),
    root: process.getuid?.() === 0,
    dockerd: (process.env.PATH ?? "").split(":").some((folder) => existsSync(`${folder}/dockerd`)),
    user: process.env.USER ?? process.env.LOGNAME ?? "$USER",
  };
}

/** The engine that stacks use unless a declared host names another. */
export const defaultEndpoint = (env: NodeJS.ProcessEnv = process.env): string => env.DOCKER_HOST || DEFAULT_ENDPOINT;

/** What is wrong with an engine and what to do about it; undefined where it is ready. */
export async function diagnose(endpoint: string, machine: Machine): Promise<Problem | undefined> {
  try {
    const version = await ask<{ Version: string; ApiVersion: string }>(endpoint, "/version");
    return atLeast(version.ApiVersion, OLDEST_API) ? undefined : tooOld(endpoint, version);
  } catch (error) {
    if (error instanceof NoAnswer) return explain(endpoint, error, machine);
    throw error;
  }
}

function tooOld(endpoint: string, { Version, ApiVersion }: { Version: string; ApiVersion: string }): Problem {
  return {
    what: `The Docker engine at ${endpoint} is too old: version ${Version} (API ${ApiVersion}), and 20.10 (API ${OLDEST_API}) is needed`,
    fix: "Upgrade it: https://docs.docker.com/engine/install/",
  };
}

/** Words for an engine that did not answer. Pure. */
export function explain(
  endpoint: string,
  { code, message }: { code: string; message: string },
  machine: Machine,
): Problem {
  if (endpoint.startsWith("unix://")) return explainSocket(endpoint, code, message, machine);
  if (code === "ENOPROGRAM")
    return {
      what: `The engine at ${endpoint} cannot be asked: the \`docker\` program is not installed here`,
      fix: "sudo apt-get install docker-cli   (or docker.io; elsewhere https://docs.docker.com/engine/install/)",
    };
  const found = REMOTE.find(({ pattern }) => pattern.test(message));
  const target = endpoint.replace(/^ssh:\/\//, "").replace(/:(\d+)$/, " -p $1");
  return {
    what: `The Docker engine at ${endpoint} cannot be used: ${found?.words ?? firstLine(message)}`,
    fix: endpoint.startsWith("ssh://")
      ? (found?.fix ?? TRY_BY_HAND)(target)
      : `docker --host ${endpoint} version   shows more`,
  };
}

const TRY_BY_HAND = (target: string): string => `ssh ${target} docker version   shows more`;

/** How ssh and the far docker program say what is wrong. */
const REMOTE: readonly { pattern: RegExp; words: string; fix: (target: string) => string }[] = [
  {
    pattern: /host key verification failed/i,
    words: "its ssh key is not known here",
    fix: (target) => `ssh ${target} true   then compare the fingerprint with the machine's and accept it`,
  },
  {
    pattern: /permission denied \(/i,
    words: "ssh refuses our key",
    fix: (target) => `ssh-copy-id ${target}   then try again`,
  },
  {
    pattern: /permission denied.*docker|docker.*permission denied/is,
    words: "that user may not use Docker there",
    fix: (target) => `ssh ${target} 'sudo usermod -aG docker "$USER"'   then try again`,
  },
  { pattern: /could not resolve hostname|no such host/i, words: "its name does not resolve", fix: TRY_BY_HAND },
  {
    pattern: /connection refused|timed out|no route to host|no answer/i,
    words: "the machine does not answer",
    fix: TRY_BY_HAND,
  },
  {
    pattern: /docker: (command )?not found|executable file not found/i,
    words: "Docker is not installed there",
    fix: (target) => `ssh ${target} sudo apt-get install docker.io`,
  },
  {
    pattern: /cannot connect to the docker daemon|is the docker daemon running/i,
    words: "Docker is stopped there",
    fix: (target) => `ssh ${target} sudo systemctl start docker`,
  },
];

function explainSocket(endpoint: string, code: string, message: string, machine: Machine): Problem {
  const socket = endpoint.slice("unix://".length);
  if (code === "EACCES" || code === "EPERM")
    return {
      what: `You may not use the Docker engine at ${socket}`,
      fix: `sudo usermod -aG docker ${machine.user}   then log out and in again`,
    };
  if (code === "ENOENT" && !machine.dockerd && machine.platform === "linux")
    return {
      what: `Docker is not installed: there is no ${socket}`,
      fix: "sudo apt-get install docker.io   (Debian, Ubuntu; elsewhere https://docs.docker.com/engine/install/)",
    };
  if (code === "ENOENT" || code === "ECONNREFUSED")
    return { what: `Docker is stopped: nobody listens at ${socket}`, fix: start(endpoint, machine) };
  return {
    what: `The Docker engine at ${socket} does not answer: ${firstLine(message)}`,
    fix: "docker version   shows more",
  };
}

/** A second engine, as for drills, is started by other means than the machine's own, and must not be mistaken for it. */
function start(endpoint: string, { platform, systemd, root }: Machine): string {
  const second = SECOND.exec(endpoint)?.[1];
  if (second !== undefined)
    return `${root ? "" : "sudo "}${toolchain("engine.sh")} ${second}   starts that second engine`;
  if (platform !== "linux") return "Start Docker Desktop, or the engine you use";
  if (ROOTLESS.test(endpoint)) return "systemctl --user start docker";
  if (!MAIN.test(endpoint)) return "Start it as it was started before: it is not this machine's usual one";
  if (systemd) return `${root ? "" : "sudo "}systemctl start docker`;
  return `${root ? "" : "sudo "}dockerd &   (no service manager runs on this machine)`;
}

/** Where `test/toolchain/engine.sh` has a second engine listen. */
const SECOND = /^unix:\/\/(?:\/var)?\/run\/vigie-([a-z][a-z0-9]{0,7})\.sock$/;
const ROOTLESS = /^unix:\/\/(?:\/var)?\/run\/user\/\d+\//;
const MAIN = /^unix:\/\/(?:\/var)?\/run\/docker\.sock$/;

const firstLine = (text: string): string => text.trim().split("\n")[0] ?? "";

/**
 * Whether we may start an engine ourselves: only where nothing else would, as in a CI machine or a container, and where the
 * user named no other.
 */
export function startsByHand(machine: Machine, env: NodeJS.ProcessEnv = process.env): boolean {
  return machine.platform === "linux" && machine.root && !machine.systemd && !env.DOCKER_HOST;
}

/** Makes the default engine ready where we may; gives what is wrong where it is still not. */
export async function readyEngine(machine: Machine): Promise<Problem | undefined> {
  const endpoint = defaultEndpoint();
  const problem = await diagnose(endpoint, machine);
  if (problem === undefined || !startsByHand(machine)) return problem;
  say.step(`${problem.what}. Nothing manages services on this machine, and we are root: starting Docker by hand`);
  const { code, stderr } = await run("bash", [toolchain("engine.sh")], { onLine: (line) => say.line(`  ${line}`) });
  if (code !== 0) return { what: `Docker could not be started by hand: ${stderr.trim()}`, fix: problem.fix };
  return diagnose(endpoint, await thisMachine());
}
