import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { ensureBaseImages } from "./base-images.ts";
import type { Command } from "./command.ts";
import { readInventory } from "./declared.ts";
import { holdMailBack } from "./drill/mail.ts";
import { awaitChecks, bringDataBack } from "./drill/rebuild.ts";
import { describeReport, type Report, signingKey, signReport } from "./drill/report.ts";
import { buildRestic, type Copy } from "./drill/repository.ts";
import { forgetState, keepState, readState, type State } from "./drill/state.ts";
import { defaultEndpoint, diagnose, thisMachine } from "./engine.ts";
import { operate } from "./operate.ts";
import { LOCAL, ROOT } from "./places.ts";
import { farEngines } from "./preflight.ts";
import { type Escrow, unseal } from "./recovery/escrow.ts";
import { savedServices } from "./recovery/subject.ts";
import { Refusal } from "./refusal.ts";
import { run } from "./run.ts";
import { say } from "./say.ts";
import { type OpenStack, openStack, stackName } from "./stack.ts";

const command: Command = {
  flags: {
    engine: { type: "string", value: "URL", help: "the empty engine to rebuild on, unix://…; never the one in use" },
    repository: {
      type: "string",
      value: "FOLDER",
      help: "a copy of the backup repository's volume, with its escrow.age",
    },
    key: { type: "string", value: "KEYFILE", help: "one holder's recovery key" },
    stack: { type: "string", value: "NAME", default: "drill-a", help: "name of the rebuilt copy; begins with drill-" },
    "port-offset": { type: "string", value: "NUMBER", default: "40000", help: "added to every port it opens" },
    keep: { type: "boolean", help: "leaves the rebuilt copy running" },
  },
  notes:
    "Rebuilds everything from this checkout, the copy and the key, measures it, and removes it. Interrupted, it goes on.",
  async run({ flags }) {
    const { engine, folder, key, stack, portOffset } = readFlags(flags);
    const escrow = await unseal(readFileSync(join(folder, "escrow.age"), "utf8"), readFileSync(key, "utf8"));
    await refuseUsedEngine(engine, stack);
    // From here on "this machine's engine" is the drill's, for whatever is built or deployed.
    process.env.DOCKER_HOST = engine;
    const declaration = declarationOf(escrow);
    const inventory = await readInventory(stack, { declaration, portOffset });
    const far = farEngines(inventory, engine);
    if (far.length > 0)
      throw new Refusal({
        what: `Services run on other engines too: ${far.join(", ")}`,
        fix: "A drill rebuilds one engine, and would touch those",
      });
    const state = readState(stack, engine);
    keepState(stack, state);
    say.step(`Rebuilding ${inventory.association.name} on ${engine}, as ${stack}`);
    await holdMailBack(engine);
    await ensureBaseImages(engine);
    await buildRestic(engine);

    const saved = savedServices(inventory);
    const copy: Copy = { engine, ...placeOfCopy(inventory), rootSecret: escrow.rootSecret };
    await bringDataBack(folder, copy, saved, stack, state);
    const open = await openStack(stack, true);
    await configure(open, escrow, declaration, portOffset);
    say.step("Starting the services on their data");
    await operate(open, (handles) => open.stack.up(handles));
    const services = await awaitChecks(engine, inventory, state);
    const passed = await writeReport(inventory.association.name, stack, state, services, escrow);
    if (flags.keep === true) say.line(`Kept: npm run drill -- --stack ${stack} … without --keep removes it`);
    else await cleanUp(open, inventory, engine);
    return passed ? 0 : 1;
  },
};

/** Everything that is missing or wrong, at once. */
function readFlags(flags: Readonly<Record<string, string | boolean | undefined>>) {
  const problems: { what: string; fix: string }[] = [];
  const need = (name: string, example: string): string => {
    const value = flags[name];
    if (typeof value === "string") return value;
    problems.push({ what: `--${name} is missing`, fix: `--${name} ${example}` });
    return "";
  };
  const engine = need("engine", "unix:///run/vigie-drill.sock   (test/toolchain/engine.sh drill starts one)");
  const folder = need("repository", "FOLDER   (docker cp CONTAINER:/var/lib/restic FOLDER makes the copy)");
  const key = need("key", "KEYFILE   (npm run escrow -- --new-key FILE made it)");
  const stack = stackName(flags.stack);
  const portOffset = Number(flags["port-offset"]);
  if (engine && !engine.startsWith("unix:///"))
    problems.push({ what: `${engine} is no local socket`, fix: "--engine unix:///…" });
  if (engine && sameSocket(engine, defaultEndpoint()))
    problems.push({ what: `${engine} is the engine in use: nothing was touched`, fix: "Name another, empty one" });
  if (!stack.startsWith("drill-"))
    problems.push({ what: `"${stack}" might be a stack in use`, fix: "--stack drill-NAME" });
  if (!Number.isInteger(portOffset) || portOffset < 0)
    problems.push({ what: "--port-offset is no number", fix: "--port-offset 40000" });
  for (const [path, what] of [
    [key, "key file"],
    [folder && join(folder, "escrow.age"), "escrow in the copy"],
  ] as const)
    if (path && !existsSync(path))
      problems.push({ what: `There is no ${what}: ${path}`, fix: "Name the one that is there" });
  if (problems.length > 0) throw new Refusal(problems);
  return { engine, folder: resolve(folder), key, stack, portOffset };
}

/** A socket may be reached by several paths: /var/run is a link on most systems. */
function sameSocket(a: string, b: string): boolean {
  const real = (endpoint: string): string => {
    const path = endpoint.replace(/^unix:\/\//, "");
    return existsSync(path) ? realpathSync(path) : path;
  };
  return real(a) === real(b);
}

/** @throws {Refusal} where the engine is away, or holds containers that are not this drill's */
async function refuseUsedEngine(engine: string, stack: string): Promise<void> {
  const problem = await diagnose(engine, await thisMachine());
  if (problem) throw new Refusal(problem);
  const { stdout } = await run("docker", [
    "--host",
    engine,
    "ps",
    "--all",
    "--format",
    '{{.Names}}\t{{.Label "vigie.stack"}}',
  ]);
  const others = stdout.split("\n").flatMap((line) => {
    const [name = "", owner = ""] = line.split("\t");
    return name === "" || owner.endsWith(`-${stack}`) || name.includes(`-${stack}-`) ? [] : [name];
  });
  if (others.length > 0)
    throw new Refusal({
      what: `${engine} is in use: ${others.slice(0, 5).join(", ")}. Nothing was touched`,
      fix: "Name an engine that runs nothing else",
    });
}

/** The declaration that the lost stack was made from; the project's own where it named none. */
function declarationOf({ config }: Escrow): string {
  const own = (parse(config) as { config?: Record<string, unknown> } | null)?.config?.["vigie:declaration"];
  const project = parse(readFileSync(join(ROOT, "Pulumi.yaml"), "utf8")) as {
    config: Record<string, { default?: unknown }>;
  };
  return String(own ?? project.config["vigie:declaration"]?.default);
}

/** Where the copy goes: the volume of the repository that the rebuilt backup service will read. */
function placeOfCopy({ services }: Awaited<ReturnType<typeof readInventory>>): Pick<Copy, "volume" | "path"> {
  const backups = Object.values(services).filter(({ provides }) => provides.includes("backup"));
  const [backup] = backups;
  const settings = backup?.delivery.by === "us" ? (backup.delivery.settings as { repository: string }) : undefined;
  const volume = settings && services[settings.repository]?.volumes.data?.name;
  if (backups.length !== 1 || volume === undefined)
    throw new Refusal({ what: "The declaration has no backup service, or several", fix: "A drill rebuilds one" });
  return { volume, path: backup!.id };
}

/** The secrets of the lost stack, and nothing else of it: other ports, own certificates, data that may be removed. */
async function configure({ stack }: OpenStack, escrow: Escrow, declaration: string, portOffset: number): Promise<void> {
  await stack.setAllConfig({
    "vigie:rootSecret": { value: escrow.rootSecret, secret: true },
    "vigie:declaration": { value: declaration },
    "vigie:portOffset": { value: String(portOffset) },
    "vigie:certificates": { value: "internal" },
    "vigie:protectData": { value: "false" },
  });
}

async function writeReport(
  association: string,
  stack: string,
  { started, volumes }: State,
  services: Report["services"],
  { rootSecret }: Escrow,
): Promise<boolean> {
  const { code, stdout } = await run("git", ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"], {
    cwd: ROOT,
  });
  const passed = services.every(({ failing }) => failing.length === 0);
  const signed = signReport(
    {
      version: 1,
      association,
      stack,
      commit: code === 0 ? stdout.trim() : null,
      started,
      ended: new Date().toISOString(),
      passed,
      rtoSeconds: passed ? Math.max(...services.map(({ rtoSeconds }) => rtoSeconds ?? 0)) : null,
      volumes,
      services,
    },
    signingKey(rootSecret),
  );
  const base = join(LOCAL, "drills", started.slice(0, 19).replaceAll(":", "-"));
  mkdirSync(join(LOCAL, "drills"), { recursive: true });
  writeFileSync(`${base}.json`, `${JSON.stringify(signed, null, 1)}\n`);
  writeFileSync(`${base}.md`, describeReport(signed));
  if (passed) say.good(`Everything is back after ${signed.report.rtoSeconds} s`);
  else say.bad(`Not everything is back: ${services.flatMap(({ failing }) => failing).join(", ")}`);
  say.result(`${base}.md`);
  return passed;
}

async function cleanUp(
  open: OpenStack,
  inventory: Awaited<ReturnType<typeof readInventory>>,
  engine: string,
): Promise<void> {
  say.step("Removing the rebuilt copy");
  const { name } = open.stack;
  await operate(open, (handles) => open.stack.destroy(handles));
  await open.stack.workspace.removeStack(name);
  rmSync(join(ROOT, `Pulumi.${name}.yaml`), { force: true });
  // Those that were made before the stack, and never became its own.
  const volumes = Object.values(inventory.services).flatMap((service) =>
    Object.values(service.volumes).map((volume) => volume.name),
  );
  await run("docker", ["--host", engine, "volume", "rm", "--force", ...volumes]);
  forgetState(name);
}

export default command;
