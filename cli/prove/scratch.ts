import { setTimeout as pause } from "node:timers/promises";
import { besideWords, dockerWords, type inspectAgent } from "../recovery/agent.ts";
import type { Choice } from "../recovery/choose.ts";
import type { Saved } from "../recovery/subject.ts";
import { Refusal } from "../refusal.ts";
import { type Ended, run } from "../run.ts";

/** What `docker container inspect` tells of a service's container that a copy of it needs. */
interface Live {
  Image: string;
  Config: { User: string; Cmd: string[] | null };
  HostConfig: {
    CapAdd: string[] | null;
    GroupAdd: string[] | null;
    Tmpfs: Record<string, string> | null;
    Memory: number;
  };
  Mounts: { Type: string; Name?: string; Destination: string; RW: boolean }[];
}

type Agent = Awaited<ReturnType<typeof inspectAgent>>;

/** How long a restored service may take to be well, in milliseconds. */
const PATIENCE = 180_000;

/** A service's restored data, and a container of its own image on it: without a network, and gone afterwards. */
export class Scratch {
  readonly #saved: Saved;
  readonly #agent: Agent;
  readonly #name: string;
  readonly #volumes = new Map<string, string>();

  constructor(saved: Saved, agent: Agent, name: string) {
    this.#saved = saved;
    this.#agent = agent;
    this.#name = name;
  }

  /** Restores a snapshot into a new volume; restic then reads every file again and compares it with the snapshot's hashes. */
  async restore(choice: Choice): Promise<void> {
    const { key } = choice.volume;
    const name = `${this.#name}-${key}`;
    await this.#docker("volume", "rm", "--force", name);
    await this.#must("volume", "create", "--label", "vigie.scratch=1", name);
    this.#volumes.set(key, name);
    const words = ["restore", choice.id, "--to", "/", "--path", choice.path, "--verify"];
    const { code, stderr } = await run(
      "docker",
      besideWords(this.#saved, this.#agent, { name, at: choice.path }, words),
    );
    if (code !== 0)
      throw new Refusal({
        what: `snapshot ${choice.id} cannot be restored whole: ${stderr.trim().slice(-400)}`,
        fix: "npm run restore",
      });
  }

  /** Runs a shell, as root and without any way out, with the restored volumes below /scratch. */
  look(script: string, input = ""): Promise<Ended & { input?: string }> {
    const mounts = [...this.#volumes].flatMap(([key, name]) => [
      "--mount",
      `type=volume,source=${name},target=/scratch/${key},readonly`,
    ]);
    return runWith(
      input,
      dockerWords(
        this.#saved,
        ...["run", "--rm", "--interactive", "--network", "none", "--cap-drop", "ALL", "--cap-add", "DAC_READ_SEARCH"],
        ...[...mounts, "--entrypoint", "bash", this.#agent.Image, "-euc", script],
      ),
    );
  }

  /**
   * Starts the service on what was restored, with its own configuration and rights, and waits until it says that it is well.
   * @returns after how many seconds it was
   */
  async start(): Promise<number> {
    const { service } = this.#saved;
    const { stdout } = await this.#must("container", "inspect", service.container!);
    const [live] = JSON.parse(stdout) as [Live];
    const restored = new Map(this.#saved.volumes.map(({ key, path }) => [path, this.#volumes.get(key)] as const));
    const mounts = live.Mounts.filter(({ Type }) => Type === "volume").flatMap(({ Name, Destination, RW }) => {
      const own = restored.get(Destination);
      if (own) return ["--mount", `type=volume,source=${own},target=${Destination}`];
      // Another volume of its own begins empty; what it only reads stays what it is.
      return ["--mount", `type=volume,${RW ? "" : `source=${Name},`}target=${Destination}${RW ? "" : ",readonly"}`];
    });
    const { CapAdd, GroupAdd, Tmpfs, Memory } = live.HostConfig;
    await this.#docker("rm", "--force", "--volumes", this.#name);
    await this.#must(
      ...["run", "--detach", "--name", this.#name, "--hostname", service.id, "--network", "none", "--read-only"],
      ...["--label", "vigie.scratch=1", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"],
      ...(CapAdd ?? []).flatMap((capability) => ["--cap-add", capability]),
      ...(GroupAdd ?? []).flatMap((group) => ["--group-add", group]),
      ...Object.entries(Tmpfs ?? {}).flatMap(([path, options]) => ["--tmpfs", `${path}:${options}`]),
      ...(Memory > 0 ? ["--memory", String(Memory)] : []),
      ...(live.Config.User ? ["--user", live.Config.User] : []),
      ...[...mounts, live.Image, ...(live.Config.Cmd ?? [])],
    );
    const started = Date.now();
    let last = "";
    while (Date.now() - started < PATIENCE) {
      const { code, stderr } = await this.exec("/usr/local/bin/healthy");
      if (code === 0) return (Date.now() - started) / 1000;
      last = stderr.trim();
      if (/is not running/.test(last)) break;
      await pause(1000);
    }
    const logs = await this.#docker("logs", "--tail", "5", this.#name);
    throw new Refusal({
      what: `it does not start on what was restored: ${(logs.stdout + logs.stderr).trim().slice(-400) || last}`,
      fix: "npm run restore",
    });
  }

  /** Runs a program in the scratch container. */
  exec(...words: string[]): Promise<Ended> {
    return this.#docker("exec", this.#name, ...words);
  }

  /** Removes all that was made. */
  async remove(): Promise<void> {
    await this.#docker("rm", "--force", "--volumes", this.#name);
    for (const name of this.#volumes.values()) await this.#docker("volume", "rm", "--force", name);
  }

  #docker(...words: string[]): Promise<Ended> {
    return run("docker", dockerWords(this.#saved, ...words));
  }

  async #must(...words: string[]): Promise<Ended> {
    const ended = await this.#docker(...words);
    if (ended.code === 0) return ended;
    throw new Refusal({
      what: `docker ${words[0]} failed: ${ended.stderr.trim()}`,
      fix: "npm run engine   tells more",
    });
  }
}

/** Runs docker with some input. */
export async function runWith(input: string, words: readonly string[]): Promise<Ended> {
  const { feed } = await import("../drill/feed.ts");
  try {
    return { code: 0, stdout: await feed("docker", words, input), stderr: "" };
  } catch (error) {
    return { code: 1, stdout: "", stderr: (error as Error).message };
  }
}
