import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { request } from "undici";
import { build, docker, type MailServer, until } from "../mail/server.ts";

const IMAGE = "vigie-test/lists";
/** What the stack grants; see the head of the Dockerfile. */
const CAPABILITIES = ["SETUID", "SETGID", "CHOWN", "FOWNER", "DAC_OVERRIDE", "KILL"];
export const RELAY_PASSWORD = "relay-of-the-lists-5519";
export const RELAY_LOGIN = "lists-lists";
export const WEB = "listes.asso.test:8443";

export interface ListsConfig {
  domain: string;
  lists: { name: string; [field: string]: unknown }[];
  [field: string]: unknown;
}

export interface Page {
  /** Path of the page, after redirections. */
  path: string;
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  cookie?: string;
}

/** The list server's image under the restrictions that the stack sets, on a network of its own with a mail server. */
export class ListServer {
  readonly name: string;
  readonly network: string;
  address = "";
  web = "";
  #config: object = {};

  constructor(name: string) {
    this.name = `vigie-test-lists-${name}-${process.pid}`;
    this.network = `${this.name}-net`;
  }

  /** Builds the image and makes the network. */
  async prepare(): Promise<void> {
    await build(IMAGE, "stacks/services/lists/image", ["stacks/hooks/vigie-hooks"]);
    // A subnet of its own choice: an engine on which many demos run has none left to give.
    const [a, b] = [process.pid % 256, (process.pid >> 8) % 256];
    await docker("network", "create", "--subnet", `10.${200 + (b % 50)}.${a}.0/28`, this.network);
  }

  /** Has a mail server answer to the name `mail` here. */
  joinedBy = (mail: MailServer): Promise<string> =>
    docker("network", "connect", "--alias", "mail", this.network, mail.name).catch((error) => {
      if (!/already exists/.test(String(error))) throw error;
      return "";
    });

  /** Starts with a configuration, in place of the container that ran before: the volume stays. */
  async start(config: object): Promise<void> {
    await this.#create(config);
    await docker("start", this.name);
    await this.healthy();
  }

  /** Starts where it is not expected to run; its exit code. */
  async startInVain(config: object): Promise<number> {
    await this.#create(config);
    await docker("start", this.name);
    return Number(await docker("wait", this.name));
  }

  async #create(config: object): Promise<void> {
    this.#config = config;
    await docker("stop", "--time", "25", this.name).catch(() => "");
    await docker("rm", "--force", "--volumes", this.name).catch(() => "");
    await docker(
      ...["create", "--name", this.name, "--hostname", "lists", "--read-only", "--cap-drop", "ALL"],
      ...CAPABILITIES.flatMap((capability) => ["--cap-add", capability]),
      ...["--security-opt", "no-new-privileges", "--pids-limit", "200", "--memory", "512m", "--memory-swap", "512m"],
      ...["--tmpfs", "/run:rw,nosuid,nodev,noexec,size=16m,mode=1777"],
      ...["--tmpfs", "/tmp:rw,nosuid,nodev,noexec,size=64m,mode=1777"],
      ...["--volume", "/etc/vigie", "--volume", "/var/lib/vigie-hooks"],
      ...["--volume", `${this.name}:/var/lib/vigie-lists`],
      ...["--network", this.network, "--publish", "127.0.0.1::8080"],
      IMAGE,
    );
    await this.#give({ "lists.json": JSON.stringify(this.#config), "secrets/relay": RELAY_PASSWORD });
  }

  async #give(files: Record<string, string>): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "vigie-lists-"));
    try {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
      }
      await docker("cp", `${folder}/.`, `${this.name}:/etc/vigie/`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  async healthy(): Promise<void> {
    await until(
      `${this.name} healthy`,
      async () => {
        await this.exec("/usr/local/bin/healthy");
        return true;
      },
      90,
    );
    const format = `{{(index .NetworkSettings.Networks "${this.network}").IPAddress}}`;
    this.address = (await docker("inspect", "--format", format, this.name)).trim();
    this.web = `http://127.0.0.1:${(await docker("port", this.name, "8080")).trim().split(":").at(-1)}`;
  }

  async logs(): Promise<string> {
    const { stdout, stderr } = await promisify(execFile)("docker", ["logs", this.name], { maxBuffer: 64e6 });
    return stdout + stderr;
  }

  exec = (...command: string[]): Promise<string> => docker("exec", this.name, ...command);

  /** A question to Sympa's database. */
  sql = async (query: string): Promise<string> =>
    (await this.exec("sqlite3", "-readonly", "/var/lib/vigie-lists/sympa.sqlite", query)).trim();

  subscribers = async (list: string): Promise<string[]> =>
    (await this.sql(`SELECT user_subscriber FROM subscriber_table WHERE list_subscriber='${list}' ORDER BY 1`))
      .split("\n")
      .filter(Boolean);

  /** A page as the proxy asks for it; with fields, a form of the page that was there before is sent. */
  async page(path: string, before: Partial<Page> = {}, fields?: Record<string, string>): Promise<Page> {
    const csrftoken = /name="csrftoken" value="([^"]+)"/.exec(before.text ?? "")?.[1];
    const body =
      fields && new URLSearchParams({ ...fields, ...(csrftoken === undefined ? {} : { csrftoken }) }).toString();
    const answer = await request(this.web + path, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        host: WEB,
        "x-forwarded-proto": "https",
        "x-forwarded-for": "198.51.100.7",
        "accept-language": "fr",
        ...(before.cookie === undefined ? {} : { cookie: before.cookie }),
        ...(body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
      },
      body,
    });
    const cookies = [answer.headers["set-cookie"] ?? []].flat().map((text) => text.split(";")[0]!);
    const cookie = cookies.at(-1) ?? before.cookie;
    const { location } = answer.headers;
    if (typeof location === "string") {
      await answer.body.dump();
      return this.page(new URL(location, this.web).pathname, cookie === undefined ? {} : { cookie });
    }
    return {
      path,
      status: answer.statusCode,
      headers: answer.headers,
      text: await answer.body.text(),
      ...(cookie === undefined ? {} : { cookie }),
    };
  }

  async remove(): Promise<void> {
    await docker("rm", "--force", "--volumes", this.name).catch(() => "");
    await docker("volume", "rm", "--force", this.name).catch(() => "");
    await docker("network", "rm", "--force", this.network).catch(() => "");
  }
}

const SUFFIXES = ["request", "owner", "editor", "subscribe", "unsubscribe"];

/** What the mail server is told of a list server, as `listServersFor` tells it. */
export const listServerOf = ({ address }: ListServer, { domain, lists }: ListsConfig, masters: string[]) => ({
  login: RELAY_LOGIN,
  host: address,
  port: 25,
  domain,
  masters,
  addresses: [
    ...["sympa", "sympa-owner", "bounce", "abuse-feedback-report"],
    ...lists.flatMap(({ name }) => [name, ...SUFFIXES.map((suffix) => `${name}-${suffix}`)]),
  ].map((name) => `${name}@${domain}`),
});
