import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { toolchain } from "../../cli/places.ts";
import { type Checkout, copyCheckout, smallDeclaration, smallProgram } from "../cli/checkout.ts";

const DOCKERFILE = "FROM debian:trixie-slim\n";
const docker = (...words: string[]): string => execFileSync("docker", words, { encoding: "utf8" }).trim();
const exists = (kind: string, name: string): boolean =>
  docker(kind, "ls", ...(kind === "container" ? ["--all"] : []), "--filter", `name=${name}`, "--quiet") !== "";

/** A checkout whose small stack may be brought up; it is taken down, data included, in the end. */
function prepared(id: string, port: number, env: NodeJS.ProcessEnv = {}): Checkout {
  const checkout = copyCheckout(env);
  checkout.write("associations/tilleuls/index.ts", smallDeclaration(id, port));
  checkout.write("stacks/index.ts", smallProgram(id, port));
  checkout.write("image/Dockerfile", DOCKERFILE);
  return checkout;
}

async function finish(checkout: Checkout): Promise<void> {
  await checkout.vigie("down", "--yes-delete-data", "demo");
  checkout.remove();
}

/** Starts a command, and waits until it says `words`. */
async function startedUntil(checkout: Checkout, words: RegExp, ...command: string[]) {
  const child = spawn(process.execPath, checkout.words(...command), {
    cwd: checkout.root,
    env: checkout.env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8");
  for await (const chunk of child.stderr.iterator({ destroyOnReturn: false })) {
    said += chunk;
    if (words.test(said)) break;
  }
  expect(said).toMatch(words);
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  return { child, said: () => said, ended: once(child, "close") as Promise<[number | null, NodeJS.Signals | null]> };
}

/** Waits until `condition` holds. */
async function until(condition: () => boolean, what: string): Promise<void> {
  const limit = Date.now() + 60_000;
  while (!condition()) {
    if (Date.now() > limit) throw new Error(`waited for a minute: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe("up, password, preview and down", () => {
  let checkout: Checkout;
  let said = "";
  beforeAll(() => {
    checkout = prepared("vigcli", 18_391);
  });
  afterAll(() => finish(checkout));

  it("brings a new stack up and ends with its addresses and how to sign in", async () => {
    const { code, stdout, stderr } = await checkout.vigie("up");
    said += stderr + stdout;
    expect(stderr).toMatch(/✓ built image site/);
    expect(stderr).toMatch(/✓ made container vigcli-site/);
    expect(stderr).toMatch(/demo is up: 4 made, in \d+ s/);
    expect(stderr).toMatch(/npm run password -- amelie/);
    expect(stdout).toBe("  site  http://127.0.0.1:18391\n");
    expect(code).toBe(0);
  });

  it("keeps the passphrase for its owner alone", () => {
    expect(statSync(join(checkout.root, ".vigie/passphrase")).mode & 0o777).toBe(0o600);
    expect(statSync(join(checkout.root, ".vigie")).mode & 0o777).toBe(0o700);
  });

  it("changes nothing the second time", async () => {
    const { code, stderr } = await checkout.vigie("up");
    expect(stderr).toMatch(/demo is up: nothing to change/);
    expect(code).toBe(0);
  });

  it("gives a login's password alone on stdout, and has shown it nowhere else", async () => {
    const { stdout } = await checkout.vigie("password", "amelie");
    expect(stdout).toMatch(/^first-[\w-]{8}\n$/);
    expect(said).not.toContain(stdout.trim());
    for (const file of readdirSync(checkout.root, { recursive: true, withFileTypes: true }))
      if (file.isFile() && !file.parentPath.includes("node_modules"))
        expect(readFileSync(join(file.parentPath, file.name)).includes(stdout.trim()), file.name).toBe(false);
  });

  it("suggests the nearest login for one that does not exist", async () => {
    const { code, stderr } = await checkout.vigie("password", "amelei");
    expect(stderr).toMatch(/Nobody signs in as "amelei"; did you mean amelie\?/);
    expect(code).toBe(1);
  });

  it("previews a change without making it", async () => {
    checkout.write("stacks/index.ts", smallProgram("vigcli", 18_391, "hostname: 'other',"));
    const { stdout, stderr } = await checkout.vigie("preview");
    expect(stdout).toBe("would replace container vigcli-site (hostname)\n");
    expect(stderr).toMatch(/demo: 1 to replace/);
    expect(docker("inspect", "--format", "{{.Config.Hostname}}", "vigcli-demo-site")).not.toBe("other");
    checkout.write("stacks/index.ts", smallProgram("vigcli", 18_391));
  });

  it("says which service's image cannot be built and which command failed, and recovers", async () => {
    checkout.write("image/Dockerfile", `${DOCKERFILE}RUN no-such-program --really\n`);
    checkout.write("stacks/index.ts", smallProgram("vigcli", 18_391).replace("vigcli-site:1", "vigcli-site:2"));
    const failed = await checkout.vigie("up");
    expect(failed.stderr).toMatch(
      /Site: its image cannot be built: `no-such-program --really` failed with exit code 127/i,
    );
    expect(failed.stderr).toMatch(/docker build .*\/image/);
    expect(failed.stderr).not.toMatch(/ at .*\.ts:\d+/);
    expect(failed.code).toBe(1);
    checkout.write("image/Dockerfile", `${DOCKERFILE}RUN true\n`);
    expect((await checkout.vigie("up")).code).toBe(0);
  });

  it("refuses before touching anything where a port is taken, and a declaration is wrong", async () => {
    const server = createServer().listen(18_392, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    checkout.write("associations/tilleuls/index.ts", smallDeclaration("vigcli", 18_392));
    const taken = await checkout.vigie("up");
    expect(taken.stderr).toMatch(/Port 18392\/tcp, which site needs, is taken by another program/);
    checkout.write(
      "associations/tilleuls/index.ts",
      smallDeclaration("vigcli", 18_391).replace('owner: "it"', 'owner: "ti"'),
    );
    const wrong = await checkout.vigie("up");
    expect(wrong.stderr).toMatch(/services\.site\.owner\n {4}found "ti"; expected .*did you mean "it"\?/);
    expect([taken.code, wrong.code]).toEqual([1, 1]);
    expect(taken.stderr + wrong.stderr).not.toMatch(/Bringing/);
    checkout.write("associations/tilleuls/index.ts", smallDeclaration("vigcli", 18_391));
  });

  it("says which port where it is taken by the time the container starts, and recovers", async () => {
    const server = createServer().listen(18_393, "127.0.0.1");
    await once(server, "listening");
    checkout.write("stacks/index.ts", smallProgram("vigcli", 18_393));
    const failed = await checkout.vigie("up");
    expect(failed.stderr).toMatch(/Site: port 18393 is taken/i);
    server.close();
    await once(server, "close");
    checkout.write("stacks/index.ts", smallProgram("vigcli", 18_391));
    expect((await checkout.vigie("up")).code).toBe(0);
  });

  it("refuses to make a new passphrase where the old one is lost or others can read it", async () => {
    const path = join(checkout.root, ".vigie/passphrase");
    renameSync(path, `${path}.away`);
    const lost = await checkout.vigie("up");
    renameSync(`${path}.away`, path);
    expect(lost.stderr).toMatch(
      /passphrase is missing, and without it nobody can read the state in .* and the secrets in \.vigie\/settings\/Pulumi\.demo\.yaml/,
    );
    execFileSync("chmod", ["644", path]);
    const open = await checkout.vigie("up");
    execFileSync("chmod", ["600", path]);
    expect(open.stderr).toMatch(/others can read it \(mode 644\)\n {4}chmod 600 /);
    expect([lost.code, open.code]).toEqual([1, 1]);
  });

  it("takes everything down but the protected data, which only the stack's name deletes", async () => {
    const down = await checkout.vigie("down");
    expect(down.stderr).toMatch(/demo is down: 3 removed/);
    expect(down.stderr).toMatch(/Kept, with the data: vigcli-data/);
    expect([
      exists("container", "vigcli-demo-site"),
      exists("network", "vigcli-site"),
      exists("volume", "vigcli-data"),
    ]).toEqual([false, false, true]);

    const unsure = await checkout.vigie("down", "--delete-data");
    const wrong = await checkout.vigie("down", "--yes-delete-data", "production");
    expect([unsure.code, wrong.code, exists("volume", "vigcli-data")]).toEqual([1, 1, true]);
    const gone = await checkout.vigie("down", "--yes-delete-data", "demo");
    expect([gone.code, exists("volume", "vigcli-data")]).toEqual([0, false]);
  });
});

describe("an interrupted up", () => {
  let checkout: Checkout;
  const waiting =
    'healthcheck: { tests: ["CMD", "test", "-e", "/data/ready"], interval: "1s", retries: 600 }, wait: true, waitTimeout: 600,';
  beforeAll(async () => {
    checkout = prepared("vigint", 18_394);
    checkout.write("stacks/index.ts", smallProgram("vigint", 18_394, waiting));
  });
  afterAll(() => finish(checkout));

  it("leaves a lock and a half-made container when killed outright; the next up removes both and succeeds", async () => {
    const { child, ended } = await startedUntil(checkout, /made network/, "up");
    await until(() => exists("container", "vigint-demo-site"), "the container is being made");
    const { pid } = JSON.parse(readFileSync(lockFile(checkout), "utf8")) as { pid: number };
    child.kill("SIGKILL");
    process.kill(pid, "SIGKILL");
    await ended;

    checkout.write("stacks/index.ts", smallProgram("vigint", 18_394));
    const { code, stderr } = await checkout.vigie("up");
    expect(stderr).toMatch(/was interrupted \(process \d+ is gone\): removing its lock/);
    expect(stderr).toMatch(/removed the half-made container vigint-demo-site/);
    expect(stderr).toMatch(/demo is up/);
    expect(code).toBe(0);
  });

  it("refuses to start beside a command at work, and ends cleanly when asked to stop", async () => {
    // Not the same twice: what was built once takes no time.
    checkout.write("image/Dockerfile", `${DOCKERFILE}RUN sleep 15 # ${Date.now()}\n`);
    checkout.write("stacks/index.ts", smallProgram("vigint", 18_394).replace("vigint-site:1", "vigint-site:2"));
    const first = await startedUntil(checkout, /Bringing demo up/, "up");
    await until(() => lockFile(checkout) !== undefined, "the first command holds its lock");
    const second = await checkout.vigie("up");
    expect(second.stderr).toMatch(/Another command is at work on demo: process \d+/);
    expect(second.code).toBe(1);

    first.child.kill("SIGTERM");
    const [code] = await first.ended;
    expect(first.said()).toMatch(/Interrupted\. What was done is kept/);
    expect(code).toBe(130);
    expect(lockFile(checkout)).toBeUndefined();
    checkout.write("image/Dockerfile", DOCKERFILE);
    expect((await checkout.vigie("up")).code).toBe(0);
  });
});

/** The lock that Pulumi holds while it works on the checkout's stack. */
function lockFile(checkout: Checkout): string {
  const folder = join(checkout.root, ".vigie/state/.pulumi/locks");
  try {
    const found = readdirSync(folder, { recursive: true, withFileTypes: true }).find(({ name }) =>
      name.endsWith(".json"),
    );
    return found ? join(found.parentPath, found.name) : (undefined as never);
  } catch {
    return undefined as never;
  }
}

describe("an engine that stops in the middle", () => {
  const host = "unix:///run/vigie-clitest.sock";
  let checkout: Checkout;
  beforeAll(() => {
    execFileSync("bash", [toolchain("engine.sh"), "clitest"]);
    execFileSync("bash", ["-c", `docker save debian:trixie-slim | docker -H ${host} load`]);
    checkout = prepared("vigeng", 18_395, { DOCKER_HOST: host });
  });
  afterAll(() => {
    checkout.remove();
    execFileSync("bash", [toolchain("engine.sh"), "--wipe", "clitest"]);
  });

  it("is told as such, with what to type; the next up goes on", async () => {
    checkout.write("image/Dockerfile", `${DOCKERFILE}RUN sleep 60\n`);
    const up = await startedUntil(checkout, /made network/, "up");
    execFileSync("bash", [toolchain("engine.sh"), "--stop", "clitest"]);
    const [code] = await up.ended;
    expect(up.said()).toMatch(/Site: the Docker engine stopped or cannot be reached\n {4}npm run engine/i);
    expect(code).toBe(1);

    const stopped = await checkout.vigie("up");
    expect(stopped.stderr).toMatch(/Docker is stopped: nobody listens at \/run\/vigie-clitest\.sock/);

    execFileSync("bash", [toolchain("engine.sh"), "clitest"]);
    checkout.write("image/Dockerfile", DOCKERFILE);
    const { code: again, stderr } = await checkout.vigie("up");
    expect(stderr).toMatch(/demo is up/);
    expect(again).toBe(0);
  });
});
