import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { ensureBaseImages } from "./base-images.ts";
import type { Command } from "./command.ts";
import { readDeclared, readInventory, readSettings } from "./declared.ts";
import { copyLive } from "./drill/live.ts";
import { holdMailBack } from "./drill/mail.ts";
import { paper } from "./drill/paper.ts";
import { pastDrills } from "./drill/past.ts";
import { awaitChecks, bringDataBack } from "./drill/rebuild.ts";
import { describeReport, isGenuine, type Report, readSigned, signingKey, signReport } from "./drill/report.ts";
import { buildRestic, type Copy } from "./drill/repository.ts";
import { forgetState, keepState, readState, type State } from "./drill/state.ts";
import { announce } from "./drill/steps.ts";
import { onCalendar, units } from "./drill/timer.ts";
import { defaultEndpoint, diagnose, thisMachine } from "./engine.ts";
import { operate } from "./operate.ts";
import { LOCAL, ROOT } from "./places.ts";
import { farEngines } from "./preflight.ts";
import { publish } from "./publish.ts";
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
    live: {
      type: "string",
      value: "STACK",
      help: "instead: takes the copy from this running stack, and reports to its lookout",
    },
    key: { type: "string", value: "KEYFILE", help: "one holder's recovery key" },
    stack: { type: "string", value: "NAME", default: "drill-a", help: "name of the rebuilt copy; begins with drill-" },
    "port-offset": { type: "string", value: "NUMBER", default: "40000", help: "added to every port it opens" },
    keep: { type: "boolean", help: "leaves the rebuilt copy running" },
    scheduled: {
      type: "boolean",
      help: "nobody watches: one that fails is cleaned up and reported like one that passes",
    },
    timer: { type: "boolean", help: "writes the systemd units that run it as declared, for the flags beside it" },
    verify: {
      type: "string",
      value: "REPORT",
      help: "tells whether a report is genuine, from the stack of --live or from --key and --repository",
    },
    paper: {
      type: "string",
      value: "FILE",
      help: "writes the version to print, in French and English; --live names the stack",
    },
  },
  notes:
    "Rebuilds everything from this checkout, the copy and the key, measures it, and removes it. Interrupted, it goes on.",
  async run({ flags }) {
    if (flags.paper !== undefined) return writePaper(String(flags.paper), liveStack(flags.live) ?? "demo");
    if (flags.timer === true) return writeTimer(flags);
    if (flags.verify !== undefined) return verifyReport(String(flags.verify), flags);
    const live = liveStack(flags.live);
    const production = live === undefined ? undefined : await readInventory(live, readSettings(live));
    const wanted = readFlags(flags);
    const away = process.env.DOCKER_HOST;
    const release = holdDrill(wanted.stack);
    const copied = production && (await copyLive(production, wanted.stack));
    try {
      return await drill({ ...wanted, folder: copied ?? wanted.folder }, flags.keep === true, flags.scheduled === true);
    } finally {
      if (copied) rmSync(copied, { recursive: true, force: true });
      if (away === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = away;
      const problem = production && (await publish(production, "drills", { version: 1, drills: pastDrills() }));
      if (problem) say.warn(`The lookout does not show this drill: ${problem}`);
      release();
    }
  },
};

const liveStack = (flag: unknown): string | undefined => (flag === undefined ? undefined : stackName(flag));

type Wanted = ReturnType<typeof readFlags>;

/** The drill itself, from a copy of the repository and a key. */
async function drill(
  { engine, folder, key, stack, portOffset }: Wanted,
  keep: boolean,
  scheduled: boolean,
): Promise<number> {
  say.step(announce("open"));
  if (!existsSync(join(folder, "escrow.age")))
    throw new Refusal({
      what: `There is no escrow in the copy: ${folder}/escrow.age`,
      fix: "npm run escrow   seals it",
    });
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
  let open: OpenStack | undefined;
  let services: Report["services"] = [];
  let problem: string | undefined;
  try {
    await holdMailBack(engine);
    await ensureBaseImages(engine);
    await buildRestic(engine);
    const copy: Copy = { engine, ...placeOfCopy(inventory), rootSecret: escrow.rootSecret };
    await bringDataBack(folder, copy, savedServices(inventory), stack, state);
    open = await openStack(stack, true);
    const opened = open;
    await configure(open, escrow, declaration, portOffset);
    say.step(announce("start"));
    await operate(open, (handles) => opened.stack.up(handles));
    services = await awaitChecks(engine, inventory, state);
  } catch (error) {
    // By hand, the same command goes on from there; with nobody to type it, a failure is a result.
    if (!scheduled || !(error instanceof Refusal)) throw error;
    problem = error.problems.map(({ what }) => what).join("; ");
    say.bad(error.message);
  }
  say.step(announce("report"));
  const passed = await writeReport(inventory.association.name, stack, state, services, escrow, problem);
  if (keep) say.line(`Kept: npm run drill -- --stack ${stack} … without --keep removes it`);
  else await cleanUp(open ?? (await openStack(stack, true)), inventory, engine);
  return passed ? 0 : 1;
}

/** One drill of a name at a time. @returns what lets the next one in */
function holdDrill(stack: string): () => void {
  const file = join(LOCAL, `${stack}.pid`);
  mkdirSync(LOCAL, { recursive: true, mode: 0o700 });
  const holder = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
  if (holder > 0 && isDrill(holder))
    throw new Refusal({
      what: `A drill of ${stack} is at work: process ${holder}`,
      fix: "Wait for it, or name another --stack",
    });
  writeFileSync(file, `${process.pid}\n`);
  return () => rmSync(file, { force: true });
}

/** A process number may be somebody else's by now. */
function isDrill(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes("drill");
  } catch {
    return false;
  }
}

async function writePaper(file: string, stack: string): Promise<number> {
  const { inventory, people } = await readDeclared(stack, readSettings(stack));
  writeFileSync(file, paper(inventory, people, new Date()), { mode: 0o600 });
  say.good(`${file} is to be printed, and kept with the keys: it holds names and telephone numbers`);
  return 0;
}

async function writeTimer(flags: Readonly<Record<string, string | boolean | undefined>>): Promise<number> {
  const live = liveStack(flags.live) ?? "demo";
  const { association } = await readInventory(live, readSettings(live));
  if (association.drill === undefined)
    throw new Refusal({
      what: "The declaration does not say when drills are due",
      fix: 'association: { …, drill: { schedule: "0 4 1 * *", maxAge: "45d" } }',
    });
  const calendar = onCalendar(association.drill.schedule, association.timeZone);
  if (calendar === undefined)
    throw new Refusal({ what: "Its schedule is a pace, and a timer needs times", fix: 'schedule: "0 4 1 * *"' });
  const text = (name: string, otherwise: string): string =>
    typeof flags[name] === "string" ? String(flags[name]) : otherwise;
  const made = units(calendar, {
    checkout: ROOT,
    live,
    engine: text("engine", "unix:///run/vigie-drill.sock"),
    key: resolve(text("key", "/etc/vigie-drill.key")),
  });
  for (const { path, content } of made) say.result(`# ${path}\n${content}`);
  say.line("Write both, then: sudo systemctl daemon-reload && sudo systemctl enable --now vigie-drill.timer");
  return 0;
}

async function verifyReport(
  file: string,
  flags: Readonly<Record<string, string | boolean | undefined>>,
): Promise<number> {
  if (!existsSync(file))
    throw new Refusal({ what: `There is no ${file}`, fix: "Name the JSON of a report, in .vigie/drills" });
  const signed = readSigned(readFileSync(file, "utf8"));
  if (signed === undefined)
    throw new Refusal({ what: `${file} is no report of a drill`, fix: "Name the JSON of a report, in .vigie/drills" });
  const { key, repository } = flags;
  const live = liveStack(flags.live);
  let root: string;
  if (typeof key === "string" && typeof repository === "string") {
    for (const path of [key, join(repository, "escrow.age")])
      if (!existsSync(path)) throw new Refusal({ what: `There is no ${path}`, fix: "Name the one that is there" });
    root = (await unseal(readFileSync(join(repository, "escrow.age"), "utf8"), readFileSync(key, "utf8"))).rootSecret;
  } else root = (await (await openStack(live ?? "demo", false)).stack.getConfig("vigie:rootSecret")).value;
  if (!isGenuine(signed, root))
    throw new Refusal({
      what: `${file} was not signed by the association's root secret, or was changed since`,
      fix: "Trust nothing that it says",
    });
  const { started, passed, rtoSeconds } = signed.report;
  say.good(
    `Genuine: the drill of ${started.slice(0, 16)}Z ${passed ? `brought everything back in ${rtoSeconds} s` : "failed"}`,
  );
  return 0;
}

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
  const live = flags.live !== undefined;
  if (live && flags.repository !== undefined)
    problems.push({
      what: "--live and --repository do not go together",
      fix: "The copy is taken from the one or is the other",
    });
  const folder = live
    ? ""
    : need("repository", "FOLDER   (docker cp CONTAINER:/var/lib/restic FOLDER makes the copy; or --live STACK)");
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
    "vigie:ordered": { value: "true" },
  });
}

async function writeReport(
  association: string,
  stack: string,
  { started, volumes }: State,
  services: Report["services"],
  { rootSecret }: Escrow,
  problem: string | undefined,
): Promise<boolean> {
  const { code, stdout } = await run("git", ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"], {
    cwd: ROOT,
  });
  const passed = problem === undefined && services.every(({ failing }) => failing.length === 0);
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
      ...(problem === undefined ? {} : { problem }),
    },
    signingKey(rootSecret),
  );
  const base = join(LOCAL, "drills", started.slice(0, 19).replaceAll(":", "-"));
  mkdirSync(join(LOCAL, "drills"), { recursive: true });
  writeFileSync(`${base}.json`, `${JSON.stringify(signed, null, 1)}\n`);
  writeFileSync(`${base}.md`, describeReport(signed));
  if (passed) say.good(`Everything is back after ${signed.report.rtoSeconds} s`);
  else if (problem === undefined)
    say.bad(`Not everything is back: ${services.flatMap(({ failing }) => failing).join(", ")}`);
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
