import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { LOCAL } from "../../cli/places.ts";
import { keptSettings, writtenSettings } from "../../cli/settings.ts";
import { derive, readable, rootBytes } from "../../stacks/secrets.ts";
import { demo, docker, inside, readDemo, STACK, vigie } from "./demo.ts";
import { lookoutPage } from "./web.ts";

/** What must be found nowhere, by what it is for. */
const secrets = new Map<string, string>();
/** What personal data of the demo must not be found in what is not private. */
const personal = ["@courriel.example", "+336399801"];

const ids = (kind: string, ...words: string[]): string[] =>
  docker(kind, "ls", "--quiet", ...words, "--filter", `name=${demo().prefix}`)
    .split("\n")
    .filter(Boolean);
const containers = (): string[] => ids("container", "--all", "--no-trunc");

beforeAll(async () => {
  const { stdout } = await vigie(["pulumi", "config", "get", "vigie:rootSecret", "--stack", STACK]);
  const root = rootBytes(stdout);
  secrets.set("root secret", stdout.trim());
  for (const [login, password] of Object.entries(demo().passwords)) {
    secrets.set(`password of ${login}`, readable(derive(root, `password/${login}`, 20)));
    expect(secrets.get(`password of ${login}`)).toBe(password);
  }
  for (const purpose of ["restic/repository", "restic/rest/backup", "gate/main"])
    secrets.set(purpose, derive(root, purpose, 32).toString("base64url"));
  secrets.set("passphrase", readFileSync(demo().env.PULUMI_CONFIG_PASSPHRASE_FILE!, "utf8").trim());
});

/** Every form in which a secret may have slipped somewhere. */
const formsOf = (secret: string): string[] => [
  secret,
  Buffer.from(secret).toString("base64").replace(/=+$/, ""),
  Buffer.from(secret).toString("hex"),
  encodeURIComponent(secret),
];

/** The secrets that a text holds, by name. */
const foundIn = (text: string): string[] =>
  [...secrets].flatMap(([name, secret]) => (formsOf(secret).some((form) => text.includes(form)) ? [name] : []));

describe("the secrets that are looked for", () => {
  it("are really those that the containers have", () => {
    expect(inside("lookout", "cat", "/etc/vigie/secrets/repository-password").trim()).toBe(
      secrets.get("restic/repository"),
    );
    expect(inside("backup", "cat", "/etc/vigie/secrets/rest-password").trim()).toBe(secrets.get("restic/rest/backup"));
    expect(inside("gate", "cat", "/etc/vigie/token").trim()).toBe(secrets.get("gate/main"));
    expect(inside("nas", "cat", "/etc/vigie/passwords/lea-martin").trim()).toBe(secrets.get("password of lea-martin"));
  });

  it("are found where they are", () => {
    expect(foundIn(`x${secrets.get("gate/main")}y`)).toEqual(["gate/main"]);
    expect(foundIn(Buffer.from(secrets.get("passphrase")!).toString("base64"))).toEqual(["passphrase"]);
  });
});

describe("no secret is in", () => {
  it("the state that Pulumi keeps, nor is anybody's address", async () => {
    const { stdout } = await vigie(["pulumi", "stack", "export", "--stack", STACK]);
    expect(JSON.parse(stdout).deployment.resources.length).toBeGreaterThan(40);
    expect(foundIn(stdout)).toEqual([]);
    for (const words of personal) expect(stdout).not.toContain(words);
  });

  it("any file of the state, nor in the stack's settings", () => {
    const folder = new URL(demo().env.PULUMI_BACKEND_URL!).pathname;
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(2);
    for (const { parentPath, name } of files)
      expect(foundIn(readFileSync(join(parentPath, name), "utf8")), name).toEqual([]);
    const settings = [writtenSettings(STACK), keptSettings(STACK)].map((path) => readFileSync(path, "utf8"));
    expect(settings.join()).toMatch(/vigie:rootSecret:\s*secure:/);
    expect(foundIn(settings.join())).toEqual([]);
    expect(settings[0]).not.toMatch(/secure|salt/);
  });

  it("what the engine tells of containers, volumes, networks and images", () => {
    expect(containers().length).toBeGreaterThan(15);
    const images = new Set(containers().map((id) => docker("inspect", "--format", "{{.Image}}", id).trim()));
    const told = [
      docker("inspect", ...containers()),
      docker("volume", "inspect", ...ids("volume")),
      docker("network", "inspect", ...ids("network")),
      docker("image", "inspect", ...images),
      ...[...images].map((image) => docker("history", "--no-trunc", image)),
    ];
    for (const text of told) {
      expect(foundIn(text)).toEqual([]);
      for (const words of personal) expect(text).not.toContain(words);
    }
  });

  it("the environment and the arguments of any process", () => {
    const running = ids("container", "--no-trunc");
    expect(running.length).toBeGreaterThanOrEqual(10);
    for (const id of running) {
      expect(foundIn(docker("top", id, "-eo", "pid,args"))).toEqual([]);
      const environment = execFileSync("docker", [
        "exec",
        "--user",
        "0",
        id,
        "sh",
        "-c",
        "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null || true",
      ]);
      expect(environment.length).toBeGreaterThan(20);
      expect(foundIn(environment.toString("latin1"))).toEqual([]);
    }
  });

  it("the logs of any container", () => {
    for (const id of ids("container", "--no-trunc")) {
      const logs = execFileSync("sh", ["-c", 'docker logs "$0" 2>&1', id], { encoding: "utf8", maxBuffer: 2 ** 28 });
      expect(foundIn(logs), id).toEqual([]);
      for (const words of personal) expect(logs).not.toContain(words);
    }
  });

  it("what `up` wrote, nor in `preview`", async () => {
    const { stdout, stderr } = await vigie(["preview", "--stack", STACK]);
    const transcript = readFileSync(demo().transcript, "utf8");
    expect(transcript).toMatch(/is up/);
    expect(foundIn(transcript + stdout + stderr)).toEqual([]);
  });

  it("what is staged for images, nor elsewhere in .vigie but the developer's own passphrase", () => {
    const files = readdirSync(LOCAL, { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile() && !entry.parentPath.includes("/node_modules"),
    );
    expect(files.length).toBeGreaterThan(50);
    for (const { parentPath, name } of files) {
      const path = join(parentPath, name);
      if (statSync(path).size < 2 ** 24) expect(foundIn(readFileSync(path, "latin1")), path).toEqual([]);
    }
  });

  it("the pages, public or internal, the metrics and the answers of probes", async () => {
    const { services, checks } = await readDemo();
    const paths = [
      ...["/?lang=fr", "/?lang=en", "/oncall", "/metrics", "/healthz", "/runbooks", "/no-such-page"],
      ...Object.values(services).map(({ id, runbook }) => `/runbooks/${runbook}?service=${id}`),
      ...Object.values(checks).map(
        ({ id, service }) => `/probe?target=${service}&check=${id.slice(service.length + 1)}&debug=true`,
      ),
    ];
    for (const path of paths) {
      const text = await lookoutPage(path, "lea-martin").catch((error: Error) => error.message);
      expect(text.length, path).toBeGreaterThan(10);
      expect(foundIn(text), path).toEqual([]);
    }
  });

  it("the public pages, nor anybody's name, address or telephone", async () => {
    for (const path of ["/?lang=fr", "/?lang=en"]) {
      const text = await lookoutPage(path);
      for (const words of [...personal, "Léa Martin", "Karim Benali", "lea-martin"]) expect(text).not.toContain(words);
    }
    expect(await lookoutPage("/oncall", "lea-martin")).toContain("Karim Benali");
  });
});
