import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultEndpoint, diagnose, explain, type Machine, startsByHand } from "../../cli/engine.ts";

const debian: Machine = { platform: "linux", systemd: true, root: false, dockerd: true, user: "amelie" };
const SOCKET = "unix:///var/run/docker.sock";
const FAR = "ssh://admin@nas.example:2222";
const told = (endpoint: string, code: string, message = "", machine: Partial<Machine> = {}) => {
  const { what, fix } = explain(endpoint, { code, message }, { ...debian, ...machine });
  return `${what} → ${fix}`;
};

describe("explain, for a socket", () => {
  it.each<[string, string, Partial<Machine>, RegExp]>([
    ["Docker missing", "ENOENT", { dockerd: false }, /not installed.*→ sudo apt-get install docker\.io/],
    ["Docker stopped under systemd", "ENOENT", {}, /stopped.*→ sudo systemctl start docker/],
    ["a socket that nobody listens to", "ECONNREFUSED", {}, /stopped: nobody listens at \/var\/run\/docker\.sock/],
    ["Docker stopped, seen by root", "ECONNREFUSED", { root: true }, /→ systemctl start docker/],
    ["no service manager", "ECONNREFUSED", { systemd: false }, /→ sudo dockerd &.*no service manager/],
    ["a Mac", "ENOENT", { platform: "darwin", dockerd: false }, /stopped.*→ Start Docker Desktop/],
    ["no permission", "EACCES", {}, /may not use.*→ sudo usermod -aG docker amelie.*log out/],
    ["an engine that hangs", "ETIMEDOUT", {}, /does not answer/],
  ])("tells %s, and what to type", (_, code, machine, words) => {
    expect(told(SOCKET, code, "", machine)).toMatch(words);
  });
});

describe("explain, for an engine that is not the machine's usual one", () => {
  it.each([
    ["unix:///run/vigie-drill.sock", /→ sudo .*test\/toolchain\/engine\.sh drill {3}starts that second engine/],
    ["unix:///run/user/1000/docker.sock", /→ systemctl --user start docker$/],
    ["unix:///srv/engine.sock", /→ Start it as it was started before/],
  ])("never advises to start the usual one in place of %s", (endpoint, words) => {
    for (const systemd of [true, false]) expect(told(endpoint, "ECONNREFUSED", "", { systemd })).toMatch(words);
  });
});

describe("explain, for another machine", () => {
  it.each<[string, string, RegExp]>([
    [
      "a name that does not resolve",
      "ssh: Could not resolve hostname nas.example: Name or service not known",
      /does not resolve.*→ ssh admin@nas\.example -p 2222 docker version/,
    ],
    ["a machine that is off", "ssh: connect to host nas.example port 2222: No route to host", /does not answer/],
    ["a refused connection", "ssh: connect to host nas.example port 2222: Connection refused", /does not answer/],
    ["an unknown host key", "Host key verification failed.", /key is not known here.*fingerprint/],
    [
      "a key that is not accepted",
      "admin@nas.example: Permission denied (publickey,password).",
      /refuses our key.*→ ssh-copy-id admin@nas\.example -p 2222/,
    ],
    ["Docker missing there", "bash: line 1: docker: command not found", /not installed there/],
    [
      "Docker stopped there",
      "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
      /stopped there.*systemctl start docker/,
    ],
    [
      "no permission there",
      "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
      /may not use Docker there.*usermod/,
    ],
    ["anything else", "something new\nand more", /cannot be used: something new → ssh/],
  ])("tells %s", (_, message, words) => {
    expect(told(FAR, "EREMOTE", message)).toMatch(words);
  });

  it("says that the docker program is missing here", () => {
    expect(told(FAR, "ENOPROGRAM")).toMatch(/not installed here → sudo apt-get install docker-cli/);
  });
});

describe("startsByHand", () => {
  const container: Machine = { ...debian, systemd: false, root: true };
  it("holds only where we are root, nothing manages services, and no engine was named", () => {
    expect(startsByHand(container, {})).toBe(true);
    expect(startsByHand({ ...container, systemd: true }, {})).toBe(false);
    expect(startsByHand({ ...container, root: false }, {})).toBe(false);
    expect(startsByHand({ ...container, platform: "darwin" }, {})).toBe(false);
    expect(startsByHand(container, { DOCKER_HOST: SOCKET })).toBe(false);
  });
});

describe("defaultEndpoint", () => {
  it("follows DOCKER_HOST, unless it is empty", () => {
    expect(defaultEndpoint({ DOCKER_HOST: "unix:///run/user/1000/docker.sock" })).toBe(
      "unix:///run/user/1000/docker.sock",
    );
    expect(defaultEndpoint({ DOCKER_HOST: "" })).toBe(SOCKET);
  });
});

describe("diagnose", () => {
  let folder: string;
  let server: Server | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "vigie-engine-"));
  });
  afterEach(() => {
    server?.close();
    server = undefined;
    rmSync(folder, { recursive: true });
  });
  const engine = async (answer: object, status = 200) => {
    const path = join(folder, "engine.sock");
    server = createServer((_, response) => response.writeHead(status).end(JSON.stringify(answer)));
    await new Promise<void>((resolve) => server!.listen(path, resolve));
    return `unix://${path}`;
  };

  it("finds nothing wrong with an engine that is recent enough", async () => {
    expect(await diagnose(await engine({ Version: "20.10.24", ApiVersion: "1.41" }), debian)).toBeUndefined();
  });
  it("says how old an engine is, and how old it may be", async () => {
    const problem = await diagnose(await engine({ Version: "19.03.15", ApiVersion: "1.40" }), debian);
    expect(problem?.what).toMatch(/too old: version 19\.03\.15 \(API 1\.40\), and 20\.10 \(API 1\.41\) is needed/);
  });
  it("tells a missing socket from one that nobody listens to", async () => {
    expect((await diagnose(`unix://${folder}/none.sock`, { ...debian, dockerd: false }))?.what).toMatch(
      /not installed/,
    );
    expect((await diagnose(`unix://${folder}/none.sock`, debian))?.what).toMatch(/stopped/);
  });
  it("passes on an error of the engine itself", async () => {
    expect((await diagnose(await engine({ message: "broken" }, 500), debian))?.what).toMatch(
      /does not answer: .*broken/,
    );
  });
});
