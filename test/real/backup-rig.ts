import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ensureBaseImages } from "../../cli/base-images.ts";
import { defaultEndpoint } from "../../cli/engine.ts";
import { ROOT } from "../../cli/places.ts";
import type { Saved } from "../../cli/recovery/subject.ts";
import type { Outcome } from "../../monitors/check.ts";
import content from "../../monitors/checks/backup-content.ts";
import copies from "../../monitors/checks/backup-copy.ts";
import integrity from "../../monitors/checks/backup-integrity.ts";
import jobs from "../../monitors/checks/backup-job.ts";
import kdbx from "../../monitors/checks/kdbx.ts";
import proofs from "../../monitors/checks/restore-proof.ts";
import { makeBackupAgent } from "../../monitors/sources/backup-agent.ts";
import { makeRepository } from "../../monitors/sources/repository.ts";
import { contextFiles, layOut } from "../../stacks/images.ts";
import { readLock, runtimePackages } from "../../stacks/packages.ts";
import { AGENT_IMAGE } from "../../stacks/services/backup/config.ts";
import { resources, runCheck } from "../monitors/helpers/run.ts";

const IMAGES = { agent: "vigie/test-backup", repository: "vigie/test-repository" };

export interface RigOptions {
  /** What is added to backup.json. */
  agent?: Record<string, unknown>;
  /** Size in megabytes of the disk that snapshots go to; the engine's own when left out. */
  diskMb?: number;
}

/**
 * A backup agent and its repository, both of the images that are deployed, on a network of their own, and a lookout's checks
 * that look at them from outside. Every part is real; only the declaration is small.
 */
export class Rig {
  readonly name = `vigie-test-rig-${randomBytes(4).toString("hex")}`;
  readonly #folder = mkdtempSync(join(tmpdir(), "vigie-rig-"));
  readonly #options: RigOptions;
  readonly secrets = {
    "repository-password": randomBytes(12).toString("hex"),
    "rest-password": randomBytes(12).toString("hex"),
    "report-key": randomBytes(12).toString("hex"),
  };
  #seen = 0;

  constructor(options: RigOptions = {}) {
    this.#options = options;
  }

  docker(...words: string[]): string {
    return execFileSync("docker", ["--host", defaultEndpoint(), ...words], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** @param before what fills the volume that is saved */
  async start(before: () => void = () => {}): Promise<void> {
    await ensureBaseImages();
    this.#build();
    this.#lendRestic();
    // A range of its own: an engine has some thirty by default, which several stacks use up.
    const [a = 0, b = 0] = randomBytes(2);
    this.docker("network", "create", "--subnet", `10.${200 + (a % 50)}.${b}.0/28`, this.name);
    this.files("repository", {
      "credentials.json": JSON.stringify([{ user: "main", passwordFile: "/etc/vigie/secrets/rest-password" }]),
      "secrets/rest-password": this.secrets["rest-password"],
      "secrets/repository-password": this.secrets["repository-password"],
    });
    this.files("agent", {
      "backup.json": this.#declaration(this.#options.agent),
      ...Object.fromEntries(Object.entries(this.secrets).map(([name, text]) => [`secrets/${name}`, text])),
    });
    before();
    this.startRepository();
    this.startAgent();
  }

  #declaration(more: Record<string, unknown> = {}): string {
    return JSON.stringify({
      host: "main",
      repository: `rest:http://main@repository:8000/main/`,
      verify: { everySeconds: 86_400, readAllWithinSeconds: 86_400 },
      report: { port: 9465, keyFile: "/etc/vigie/secrets/report-key" },
      jobs: [
        { id: "wiki-data", service: "wiki", volume: "data", path: "/data/wiki", schedule: { everySeconds: 86_400 } },
      ],
      ...more,
    });
  }

  /** Starts the agent again with more, or other, words in backup.json. */
  redeclare(more: Record<string, unknown>): void {
    this.files("agent", { "backup.json": this.#declaration({ ...this.#options.agent, ...more }) });
    this.restartAgent();
  }

  /** Until it is at work: before, `vigie-backup` does by itself what it is asked for, and the agent knows nothing of it. */
  restartAgent(): void {
    this.docker("restart", "--time", "10", `${this.name}-agent`);
    this.docker("exec", `${this.name}-agent`, "sh", "-c", "until [ -S /run/vigie/agent.sock ]; do sleep 0.1; done");
  }

  startRepository(): void {
    const { diskMb } = this.#options;
    const place =
      diskMb === undefined
        ? ["--mount", `type=volume,source=${this.name}-repository,target=/var/lib/restic`]
        : ["--tmpfs", `/var/lib/restic:size=${diskMb}m,uid=902,gid=902,mode=0700`];
    this.#run("repository", IMAGES.repository, [...place, "--publish", "127.0.0.1::8000"]);
  }

  startAgent(...more: string[]): void {
    this.#run("agent", IMAGES.agent, [
      ...["--mount", `type=volume,source=${this.name}-data,target=/data/wiki,readonly`],
      ...["--mount", `type=volume,source=${this.name}-cache,target=/var/cache/restic`],
      ...["--cap-add", "DAC_READ_SEARCH", "--publish", "127.0.0.1::9465", ...more],
    ]);
  }

  /** A second repository, as on another host. */
  startElsewhere(): void {
    this.files("elsewhere", {
      "credentials.json": JSON.stringify([{ user: "main", passwordFile: "/etc/vigie/secrets/rest-password" }]),
      "secrets/rest-password": this.secrets["rest-password"],
    });
    const place = `type=volume,source=${this.name}-elsewhere,target=/var/lib/restic`;
    this.#run("elsewhere", IMAGES.repository, ["--mount", place]);
  }

  #run(role: string, image: string, words: readonly string[]): void {
    this.docker(
      ...["run", "--detach", "--name", `${this.name}-${role}`, "--hostname", role, "--network", this.name],
      ...["--network-alias", role, "--read-only", "--cap-drop", "ALL"],
      // As small as they are where it is deployed: see stacks/container.ts.
      ...["--tmpfs", "/tmp:size=16m,mode=1777", "--tmpfs", "/run:size=8m,mode=1777"],
      ...["--mount", `type=volume,source=${this.name}-${role}-files,target=/etc/vigie,readonly`, ...words, image],
    );
  }

  /** Removes the container and keeps its volumes. */
  removeContainer(role: string): void {
    this.docker("rm", "--force", `${this.name}-${role}`);
  }

  /** Puts files into a container's /etc/vigie. */
  files(role: string, files: Readonly<Record<string, string>>): void {
    const folder = mkdtempSync(join(this.#folder, "files-"));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const courier = this.docker(
      ...["create", "--mount", `type=volume,source=${this.name}-${role}-files,target=/etc/vigie`, IMAGES.repository],
    ).trim();
    this.docker("cp", "--quiet", `${folder}/.`, `${courier}:/etc/vigie`);
    this.docker("rm", courier);
  }

  /** Runs a shell as root beside the containers, with volumes of theirs, named as they are here, at /ROLE. */
  shell(script: string, ...volumes: string[]): string {
    return this.docker(
      ...["run", "--rm", "--network", "none", "--user", "0", "--entrypoint", "bash"],
      ...volumes.flatMap((volume) => ["--mount", `type=volume,source=${this.name}-${volume},target=/${volume}`]),
      ...[IMAGES.repository, "-euc", script],
    );
  }

  /** The deployed wiki, on the volume that the agent saves. */
  startWiki(): void {
    const folder = join(ROOT, "stacks/services/wiki/image");
    this.docker("build", "--quiet", "--tag", "vigie/test-wiki", folder);
    this.files("wiki", {
      "wiki.json": JSON.stringify({ title: "Essai", lang: "fr", superuserGroups: ["it"], accounts: [], acl: [] }),
    });
    this.docker(
      ...["run", "--detach", "--name", `${this.name}-wiki`, "--network", "none", "--read-only", "--cap-drop", "ALL"],
      ...["--tmpfs", "/tmp:size=16m,mode=1777", "--tmpfs", "/run:size=8m,mode=1777", "--memory", "256m"],
      ...["--mount", `type=volume,source=${this.name}-wiki-files,target=/etc/vigie,readonly`],
      ...["--mount", `type=volume,source=${this.name}-data,target=/var/lib/dokuwiki`, "vigie/test-wiki"],
    );
  }

  /** The wiki as the commands know a service whose data is saved. */
  get saved(): Saved {
    const volume = { job: "wiki-data", key: "data", name: `${this.name}-data`, path: "/var/lib/dokuwiki" };
    return {
      service: { id: "wiki", container: `${this.name}-wiki`, volumes: { data: {} } },
      host: { engine: defaultEndpoint() },
      agent: `${this.name}-agent`,
      volumes: [volume],
    } as unknown as Saved;
  }

  /** As `docker`; never throws. */
  attempt(...words: string[]): { code: number | null; said: string } {
    const { status, stdout, stderr } = spawnSync("docker", ["--host", defaultEndpoint(), ...words], {
      encoding: "utf8",
    });
    return { code: status, said: stdout + stderr };
  }

  /** Runs the agent's program in its container; never throws. */
  agent(...words: string[]): { code: number | null; said: string } {
    return this.attempt("exec", `${this.name}-agent`, "vigie-backup", ...words);
  }

  #port(role: string, port: number): number {
    return Number(this.docker("port", `${this.name}-${role}`, String(port)).trim().split(":").at(-1));
  }

  /** What the lookout would see now, in one cycle: each of its checks, run as it runs them. */
  async look(
    kind: "job" | "content" | "integrity" | "proof" | "copy" | "kdbx",
    input: Record<string, unknown> = {},
  ): Promise<Outcome> {
    const keyFile = this.#secret("report-key");
    const running = (role: string, port: number): number => {
      try {
        return this.#port(role, port);
      } catch {
        return 1; // nothing listens there
      }
    };
    const agent = makeBackupAgent({ url: `http://127.0.0.1:${running("agent", 9465)}`, keyFile, repository: "main" });
    const repository = makeRepository(
      {
        id: "main",
        url: `rest:http://127.0.0.1:${running("repository", 8000)}/main/`,
        passwordFile: this.#secret("repository-password"),
        restUser: "main",
        restPasswordFile: this.#secret("rest-password"),
      },
      join(this.#folder, "lookout"),
    );
    const own = resources({ repositories: [repository], agents: new Map([["main", agent]]) });
    const keep = { daily: 7, weekly: 5, monthly: 12, yearly: 2 };
    const [check, params] = {
      job: [jobs, { host: "main", service: "wiki", volumes: ["data"] }] as const,
      content: [content, { service: "wiki", volumes: ["data"], keep }] as const,
      integrity: [integrity, { host: "main" }] as const,
      copy: [copies, { host: "main", copy: "annex" }] as const,
      proof: [proofs, { host: "main", service: "wiki", maxAge: "14d" }] as const,
      kdbx: [kdbx, { service: "wiki", volume: "data", file: "coffre.kdbx", path: "/data/wiki/coffre.kdbx" }] as const,
    }[kind];
    return runCheck(check, { ...params, ...input }, { own, timeoutMs: 60_000 });
  }

  /** As the lookout has it. */
  #secret(name: keyof Rig["secrets"]): string {
    const file = join(this.#folder, `${name}-${this.#seen++}`);
    writeFileSync(file, this.secrets[name]);
    return file;
  }

  remove(): void {
    const all = (kind: string): string[] =>
      this.docker(kind, "ls", ...(kind === "container" ? ["--all"] : []), "--quiet", "--filter", `name=${this.name}`)
        .split("\n")
        .filter(Boolean);
    for (const id of all("container")) this.docker("rm", "--force", "--volumes", id);
    for (const id of all("volume")) this.docker("volume", "rm", id);
    for (const id of all("network")) this.docker("network", "rm", id);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The deployed restic for the lookout's checks: this machine's may be older, and tell less. */
  #lendRestic(): void {
    const bin = join(this.#folder, "bin");
    mkdirSync(bin);
    const run = `docker --host ${defaultEndpoint()} run --rm --network host --user 0 -v ${this.#folder}:${this.#folder} -e RESTIC_CACHE_DIR`;
    writeFileSync(join(bin, "restic"), `#!/bin/sh\nexec ${run} --entrypoint restic ${IMAGES.repository} "$@"\n`, {
      mode: 0o755,
    });
    process.env.PATH = `${bin}:${process.env.PATH}`;
  }

  /** The images as they are deployed. */
  #build(): void {
    const services = join(ROOT, "stacks/services");
    const context = mkdtempSync(join(this.#folder, "context-"));
    const agent = { name: "backup", folder: "stacks/services/backup/image", ...AGENT_IMAGE };
    layOut(contextFiles(agent, ROOT), runtimePackages(readLock(), agent.packages), context);
    this.docker("build", "--quiet", "--tag", IMAGES.agent, context);
    this.docker("build", "--quiet", "--tag", IMAGES.repository, join(services, "backup-repository/image"));
  }
}
