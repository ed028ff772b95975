import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { toolchain } from "../../cli/places.ts";
import { eventually } from "./demo.ts";
import { farEngineName } from "./names.ts";

/** A second machine, as far as anybody can tell from outside: an engine of its own, reached by ssh. */
export interface FarEngine {
  /** `ssh://…`, as a declaration names it. */
  engine: string;
  /** Where its published ports are. */
  address: string;
  /** Where it reaches ours: the other end of its only wire. */
  here: string;
  /** The environment in which ssh finds the keys made for it. */
  env: Record<string, string>;
  /** Runs docker on it, past ssh. */
  docker: (...words: string[]) => string;
  stop: () => Promise<void>;
}

const NAME = farEngineName;
const SOCKET = `/run/vigie-${NAME}.sock`;
const DEFAULT_SOCKET = "/run/docker.sock";

/** Starts it, with the images that ours are built from. Needs root, as the engine does. */
export async function startFarEngine(images: readonly string[]): Promise<FarEngine> {
  const { address } = startEngine();
  const docker = (...words: string[]): string =>
    execFileSync("docker", ["--host", `unix://${SOCKET}`, ...words], { encoding: "utf8" });
  execFileSync("bash", ["-c", `docker save "$@" | docker --host unix://${SOCKET} load`, "save", ...images]);
  const door = await startSshd();
  return {
    engine: door.engine,
    address,
    here: address.replace(/\.2$/, ".1"),
    env: door.env,
    docker,
    stop: async () => {
      await door.stop();
      inEngine(["bash", toolchain("engine.sh"), "--wipe", NAME]);
    },
  };
}

/**
 * The engine lives in a mount namespace of its own, where its socket is the one that any machine's engine has:
 * whoever mounts `/var/run/docker.sock` there gets this engine's and not ours.
 */
function startEngine(): { address: string } {
  const said = execFileSync("unshare", ["--mount", "--propagation", "private", "bash", toolchain("engine.sh"), NAME], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  inEngine(["mount", "--bind", SOCKET, DEFAULT_SOCKET]);
  return { address: /^ADDRESS=(.*)$/m.exec(said)![1]! };
}

function inEngine(words: readonly string[]): void {
  const pid = readFileSync(`/run/vigie-${NAME}.pid`, "utf8").trim();
  execFileSync("nsenter", [`--mount=/proc/${pid}/ns/mnt`, ...words]);
}

/** A real sshd on a port and with keys of its own, in front of the second engine. */
async function startSshd() {
  const folder = mkdtempSync(join(tmpdir(), "vigie-sshd-"));
  const at = (name: string): string => join(folder, name);
  const port = await freePort();
  const user = userInfo().username;
  for (const key of ["host", "client"])
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", key, "-f", at(key)]);
  writeFileSync(at("known_hosts"), `[127.0.0.1]:${port} ${readFileSync(at("host.pub"), "utf8")}`);
  writeFileSync(
    at("sshd_config"),
    [
      "ListenAddress 127.0.0.1",
      `Port ${port}`,
      `HostKey ${at("host")}`,
      `AuthorizedKeysFile ${at("client.pub")}`,
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "PermitRootLogin prohibit-password",
      "UsePAM no",
      "StrictModes no",
      "PidFile none",
      "MaxStartups 100",
      // On a machine of its own it would be the default.
      `SetEnv DOCKER_HOST=unix://${SOCKET}`,
      "",
    ].join("\n"),
  );
  writeFileSync(
    at("ssh_config"),
    [
      `IdentityFile ${at("client")}`,
      "IdentitiesOnly yes",
      `UserKnownHostsFile ${at("known_hosts")}`,
      "StrictHostKeyChecking yes",
      "BatchMode yes",
      "",
    ].join("\n"),
  );
  // The user's own keys and known hosts stay out of it: ssh is given a configuration on its way.
  mkdirSync(at("bin"));
  const ssh = execFileSync("sh", ["-c", "command -v ssh"], { encoding: "utf8" }).trim();
  writeFileSync(at("bin/ssh"), `#!/bin/sh\nexec ${ssh} -F ${at("ssh_config")} "$@"\n`);
  chmodSync(at("bin/ssh"), 0o755);

  mkdirSync("/run/sshd", { recursive: true });
  const server = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", at("sshd_config")], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  server.stderr.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  const env = { PATH: `${at("bin")}:${process.env.PATH}` };
  const engine = `ssh://${user}@127.0.0.1:${port}`;
  await eventually(() => {
    if (server.exitCode !== null) throw new Error(`sshd ended: ${said}`);
    execFileSync("docker", ["--host", engine, "version"], { env: { ...process.env, ...env }, stdio: "pipe" });
  }, 20);
  return {
    engine,
    env,
    stop: async () => {
      const ended = once(server, "exit");
      server.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
