import { execFile, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { ImapFlow } from "imapflow";
import { createTransport } from "nodemailer";

const run = promisify(execFile);
const IMAGE = "vigie-test/mail";
const PORTS = { smtp: 25, submissions: 465, submission: 587, imaps: 993, sieve: 4190, status: 4002 } as const;
/** What the stack grants; see the head of the Dockerfile. */
const CAPABILITIES = ["SETUID", "SETGID", "CHOWN", "FOWNER", "DAC_OVERRIDE", "KILL", "SYS_CHROOT"];

export type PortName = keyof typeof PORTS;

/** `docker …`, its output. */
export const docker = async (...args: string[]): Promise<string> =>
  (await run("docker", args, { maxBuffer: 64e6 })).stdout;

/** Builds an image from its folder and what the stack puts beside it. */
export async function build(tag: string, folder: string, include: readonly string[] = []): Promise<void> {
  const context = mkdtempSync(join(tmpdir(), "vigie-image-"));
  try {
    cpSync(folder, context, { recursive: true });
    for (const path of include) cpSync(path, join(context, path), { recursive: true });
    await docker("build", "--quiet", "--tag", tag, context);
  } finally {
    rmSync(context, { recursive: true });
  }
}

const NAME_SERVER_IMAGE = "vigie-test/dns";
const NAME_SERVER = `vigie-test-dns-${process.pid}`;

/** Builds the images, and starts a name server for the part of the world that the tests play. */
export async function prepare(): Promise<void> {
  await build(IMAGE, "stacks/services/mail/image", ["stacks/status/vigie_status.py"]);
  await build(NAME_SERVER_IMAGE, "stacks/services/dns/image");
  await docker(
    "create",
    "--name",
    NAME_SERVER,
    "--volume",
    "/etc/vigie",
    "--tmpfs",
    "/run:mode=1777",
    NAME_SERVER_IMAGE,
  );
  // The first address of the bridge's network is the engine's own; older engines do not tell it outright.
  const subnet = await docker("network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Subnet}}");
  const gateway = subnet.trim().replace(/\.0\/\d+$/, ".1");
  await put(NAME_SERVER, worldZones(gateway));
  await docker("start", NAME_SERVER);
}

export const dismiss = (): Promise<string> => docker("rm", "--force", "--volumes", NAME_SERVER).catch(() => "");

/** A mail server `mx.example.net` at the address that the tests' connections come from, with its reverse name and SPF. */
function worldZones(gateway: string): Record<string, string> {
  const [a, b, c, d] = gateway.split(".");
  const zone = (domain: string, ...lines: string[]) =>
    [
      `$ORIGIN ${domain}.`,
      "$TTL 60",
      "@ IN SOA ns.example.net. root.example.net. @SERIAL@ 60 60 60 60",
      "@ IN NS ns.example.net.",
      ...lines,
      "",
    ].join("\n");
  return {
    "zones/example.net.zone": zone(
      "example.net",
      "ns IN A 192.0.2.53",
      `mx IN A ${gateway}`,
      "@ IN MX 10 mx",
      `@ IN A ${gateway}`,
      `@ IN TXT "v=spf1 ip4:${gateway} -all"`,
    ),
    [`zones/${b}.${a}.in-addr.arpa.zone`]: zone(`${b}.${a}.in-addr.arpa`, `${d}.${c} IN PTR mx.example.net.`),
  };
}

/** Puts files under a container's /etc/vigie. */
async function put(container: string, files: Record<string, string>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "vigie-mail-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    await docker("cp", `${folder}/.`, `${container}:/etc/vigie/`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Awaits a condition by asking again; a server's state cannot be subscribed to. */
export async function until<T>(what: string, ask: () => Promise<T | undefined | false>, seconds = 30): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (let last: unknown; ; ) {
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`, { cause: last });
    await wait(150);
  }
}

/** The mail image alone, under the restrictions that the stack sets, with volumes of its own. */
export class MailServer {
  readonly name: string;
  readonly ports = {} as Record<PortName, number>;
  #config: object = {};
  #passwords: Record<string, string> = {};
  #files: Record<string, string> = {};

  constructor(name: string) {
    this.name = `vigie-test-mail-${name}-${process.pid}`;
  }

  get volumes(): string[] {
    return ["boxes", "state", "public", "cache"].map((volume) => `${this.name}-${volume}`);
  }

  /** Starts with a configuration, in place of the container that ran before: the volumes stay. */
  async start(config: object, passwords: Record<string, string>, files: Record<string, string> = {}): Promise<void> {
    this.#config = config;
    this.#passwords = passwords;
    this.#files = files;
    await docker("stop", "--time", "20", this.name).catch(() => "");
    await docker("rm", "--force", "--volumes", this.name).catch(() => "");
    await this.#create();
    await docker("start", this.name);
    await this.healthy();
  }

  async #create(): Promise<void> {
    const [boxes, state, published, cache] = this.volumes;
    const resolver = (await docker("inspect", "--format", "{{.NetworkSettings.IPAddress}}", NAME_SERVER)).trim();
    await docker(
      ...["create", "--name", this.name, "--hostname", "mail", "--read-only", "--cap-drop", "ALL"],
      ...["--dns", resolver],
      ...CAPABILITIES.flatMap((capability) => ["--cap-add", capability]),
      ...["--security-opt", "no-new-privileges", "--pids-limit", "400", "--memory", "600m", "--memory-swap", "600m"],
      ...["--tmpfs", "/run:rw,nosuid,nodev,noexec,size=16m,mode=1777"],
      ...["--tmpfs", "/tmp:rw,nosuid,nodev,noexec,size=64m,mode=1777"],
      ...["--volume", "/etc/vigie", "--volume", `${boxes}:/var/mail`, "--volume", `${state}:/var/lib/vigie-mail`],
      ...["--volume", `${published}:/var/lib/vigie-mail-public`, "--volume", `${cache}:/var/cache/vigie-mail`],
      ...Object.values(PORTS).flatMap((port) => ["--publish", `127.0.0.1::${port}`]),
      IMAGE,
    );
    await this.give({
      "mail.json": JSON.stringify(this.#config),
      "secrets/status": "what-opens-the-state-to-the-tests",
      ...Object.fromEntries(
        Object.entries(this.#passwords).map(([login, password]) => [`passwords/${login}`, password]),
      ),
      ...this.#files,
    });
  }

  /** Puts files under /etc/vigie. */
  give(files: Record<string, string>): Promise<void> {
    return put(this.name, files);
  }

  /** Starts where it is not expected to run for long; what it said until its end. */
  async startInVain(config: object): Promise<string> {
    this.#config = config;
    await this.#create();
    const { stdout, stderr } = await run("docker", ["start", "--attach", this.name]).catch((error) => error);
    return stdout + stderr;
  }

  async healthy(): Promise<void> {
    await until(
      `${this.name} healthy`,
      async () => {
        await this.exec("/usr/local/bin/healthy");
        return true;
      },
      60,
    );
    for (const [name, port] of Object.entries(PORTS)) {
      this.ports[name as PortName] = Number((await docker("port", this.name, String(port))).trim().split(":").at(-1));
    }
  }

  exec(...command: string[]): Promise<string> {
    return docker("exec", this.name, ...command);
  }

  /** Its address on the network of containers. */
  async address(): Promise<string> {
    return (await docker("inspect", "--format", "{{.NetworkSettings.IPAddress}}", this.name)).trim();
  }

  /** Runs Python on a machine of its own, with an address of its own; what it printed. */
  elsewhere(program: string): Promise<string> {
    return docker("run", "--rm", "--entrypoint", "python3", IMAGE, "-c", program);
  }

  /** Runs a command that reads standard input. */
  feed(input: string, ...command: string[]): Promise<number> {
    const child = spawn("docker", ["exec", "--interactive", this.name, ...command], {
      stdio: ["pipe", "ignore", "ignore"],
    });
    child.stdin.end(input);
    return new Promise((resolve) => child.on("close", (code) => resolve(code ?? 1)));
  }

  async logs(): Promise<string> {
    const { stdout, stderr } = await run("docker", ["logs", this.name], { maxBuffer: 256e6 });
    return stdout + stderr;
  }

  /** An IMAP client that has signed in. */
  async imap(user: string, pass = this.#passwords[user]!): Promise<ImapFlow> {
    const client = new ImapFlow({
      host: "127.0.0.1",
      port: this.ports.imaps,
      secure: true,
      tls: { rejectUnauthorized: false },
      auth: { user, pass },
      logger: false,
    });
    // A dropped session is an event of its own besides the failed command.
    client.on("error", () => {});
    await client.connect();
    return client;
  }

  /** A mail program that has signed in to submit. */
  submitter(user: string, pass = this.#passwords[user]!, port: "submission" | "submissions" = "submissions") {
    return createTransport({
      host: "127.0.0.1",
      port: this.ports[port],
      secure: port === "submissions",
      requireTLS: true,
      name: "client.example.net",
      tls: { rejectUnauthorized: false },
      auth: { user, pass },
    });
  }

  /** Another mail server, somewhere on the Internet. */
  stranger() {
    return createTransport({
      host: "127.0.0.1",
      port: this.ports.smtp,
      name: "mx.example.net",
      tls: { rejectUnauthorized: false },
    });
  }

  async remove(): Promise<void> {
    await docker("rm", "--force", "--volumes", this.name).catch(() => "");
    await docker("volume", "rm", "--force", ...this.volumes).catch(() => "");
  }
}

/** Subjects in a folder, oldest first. */
export async function subjects(client: ImapFlow, folder = "INBOX"): Promise<string[]> {
  const lock = await client.getMailboxLock(folder);
  try {
    if (client.mailbox === false || client.mailbox.exists === 0) return [];
    return (await client.fetchAll("1:*", { envelope: true })).map(({ envelope }) => envelope?.subject ?? "");
  } finally {
    lock.release();
  }
}

/** The newest message with a subject, as it was stored; waits for it. */
export async function message(client: ImapFlow, subject: string, folder = "INBOX", seconds = 20): Promise<Buffer> {
  return until(
    `a message "${subject}" in ${folder}`,
    async () => {
      const lock = await client.getMailboxLock(folder);
      try {
        await client.noop();
        const found = (await client.search({ header: { subject } }, { uid: true })) || [];
        if (found.length === 0) return undefined;
        const fetched = await client.fetchOne(String(found.at(-1)), { source: true }, { uid: true });
        return fetched === false ? undefined : fetched.source;
      } finally {
        lock.release();
      }
    },
    seconds,
  );
}
