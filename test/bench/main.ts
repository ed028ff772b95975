/**
 * What the demo costs: a no-op `up` beside a bare Pulumi program with as many resources of @pulumi/docker, alternating in the same run;
 * an `up` from nothing with warm images; and the memory of each container at rest. `npm run bench [-- rounds]`
 * Prints tables and writes test/out/bench.json.
 */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../../cli/places.ts";
import { cliEnvironment, findPulumi } from "../../cli/pulumi.ts";
import { run } from "../../cli/run.ts";
import { forgetSettings } from "../../cli/settings.ts";
import { settingsFor, stackFor } from "../real/names.ts";
import { bareProgram } from "./bare.ts";

const ROUNDS = Number(process.argv[2] ?? 7);
const STACK = stackFor("bench");
const GOALS = { ratio: 1.2, coldSeconds: 90 };
/** How long services are left alone before they are said to be at rest, in milliseconds. */
const SETTLING = 60_000;

const folder = mkdtempSync(join(tmpdir(), "vigie-bench-"));
const settings = join(ROOT, `Pulumi.${STACK}.yaml`);
const pulumi = await findPulumi();

try {
  const env = prepare();
  const cold = await upFromNothing(env);
  const memory = await memoryAtRest();
  const noOp = await noOps(env);
  report({ cold, noOp, memory });
} finally {
  await vigie(prepare(), "down", "--yes-delete-data", STACK).catch(() => {});
  rmSync(settings, { force: true });
  forgetSettings(STACK);
  rmSync(folder, { recursive: true, force: true });
}

interface Cold {
  /** `npm run up` from nothing, images built already, in seconds. */
  seconds: number;
}

interface NoOp {
  /** Medians of what the Pulumi CLI takes, in seconds, on the demo and on the bare program. */
  demo: number;
  bare: number;
  ratio: number;
  /** What `npm run up` takes with its own checks of the machine and the declaration. */
  command: number;
  /** Resources of @pulumi/docker in each. */
  resources: Record<string, number>;
  samples: { demo: number[]; bare: number[]; command: number[] };
}

type Memory = Record<string, number>;

/** A state of its own, so that nobody's demo is touched. */
function prepare(): Record<string, string> {
  const passphrase = join(folder, "passphrase");
  const env = {
    PULUMI_BACKEND_URL: pathToFileURL(join(folder, "state")).href,
    PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
  };
  try {
    writeFileSync(passphrase, randomBytes(24).toString("base64url"), { mode: 0o600, flag: "wx" });
    mkdirSync(join(folder, "state"));
    writeFileSync(settings, settingsFor("bench"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return env;
}

async function vigie(env: Record<string, string>, command: string, ...words: string[]): Promise<string> {
  const program = [join(ROOT, "bin", "vigie.mjs"), command, "--stack", STACK, ...words];
  const { code, stdout, stderr } = await run(process.execPath, program, { cwd: ROOT, env: { ...process.env, ...env } });
  if (code !== 0) throw new Error(`${command}: ${stderr}`);
  return stdout;
}

/** The first `up` builds the images where they are missing; the second, after everything is gone, finds them. */
async function upFromNothing(env: Record<string, string>): Promise<Cold> {
  process.stderr.write("Warming the images up\n");
  await vigie(env, "up");
  await vigie(env, "down", "--yes-delete-data", STACK);
  process.stderr.write("Bringing the demo up from nothing\n");
  return { seconds: await timed(() => vigie(env, "up")) };
}

/** Anonymous memory and kernel memory of each container, in mebibytes: what `docker stats` shows. */
async function memoryAtRest(): Promise<Memory> {
  process.stderr.write("Letting the demo settle\n");
  await new Promise((resolve) => setTimeout(resolve, SETTLING));
  const format = "{{.Name}} {{.MemUsage}}";
  const lines = execFileSync("docker", ["stats", "--no-stream", "--format", format], { encoding: "utf8" });
  const units: Record<string, number> = { KiB: 2 ** -10, MiB: 1, GiB: 2 ** 10 };
  return Object.fromEntries(
    [...lines.matchAll(new RegExp(`^\\S+-${STACK}-(\\S+) ([\\d.]+)(\\wiB)`, "gm"))]
      .map(([, service, amount, unit]) => [service!, Number((Number(amount) * units[unit!]!).toFixed(1))] as const)
      .sort(([, a], [, b]) => b - a),
  );
}

/** Both `up` of the same CLI on the same kind of state, one after the other, again and again. */
async function noOps(env: Record<string, string>): Promise<NoOp> {
  const state = JSON.parse(await pulumiOn(ROOT, env, "stack", "export")) as { deployment: { resources: Resource[] } };
  const types = state.deployment.resources.map(({ type }) => type).filter((type) => type.startsWith("docker:index"));
  const counted = Object.fromEntries(
    [...Map.groupBy(types, (type) => type.split(":").at(-1)!)].map(([type, all]) => [type, all.length]),
  );
  const bare = join(folder, "bare");
  mkdirSync(bare);
  symlinkSync(join(ROOT, "node_modules"), join(bare, "node_modules"));
  for (const [name, content] of Object.entries(bareProgram(state.deployment.resources)))
    writeFileSync(join(bare, name), content);
  process.stderr.write("Bringing the bare program up\n");
  await pulumiOn(bare, env, "stack", "init");
  try {
    await pulumiOn(bare, env, "up", "--yes", "--skip-preview");
    const samples: NoOp["samples"] = { demo: [], bare: [], command: [] };
    for (let round = 1; round <= ROUNDS; round++) {
      process.stderr.write(`Round ${round} of ${ROUNDS}\n`);
      samples.demo.push(await timed(() => nothingToDo(ROOT, env)));
      samples.bare.push(await timed(() => nothingToDo(bare, env)));
      samples.command.push(await timed(() => vigie(env, "up")));
    }
    const [demo, alone, command] = [median(samples.demo), median(samples.bare), median(samples.command)];
    return { demo, bare: alone, ratio: Number((demo / alone).toFixed(2)), command, resources: counted, samples };
  } finally {
    await pulumiOn(bare, env, "destroy", "--yes", "--skip-preview");
  }
}

interface Resource {
  type: string;
  urn: string;
  inputs?: Record<string, unknown>;
}

async function nothingToDo(cwd: string, env: Record<string, string>): Promise<void> {
  const said = await pulumiOn(cwd, env, "up", "--yes", "--skip-preview");
  if (
    !/^\s*\d+ unchanged\s*$/m.test(said.replace(/Resources:\n/, "")) ||
    /(created|updated|replaced|deleted)/.test(said)
  )
    throw new Error(`something was changed:\n${said}`);
}

async function pulumiOn(cwd: string, env: Record<string, string>, ...words: string[]): Promise<string> {
  const environment = { ...cliEnvironment(pulumi, env), PULUMI_SKIP_UPDATE_CHECK: "true" };
  const args = [...words, "--stack", STACK, "--non-interactive"];
  const { code, stdout, stderr } = await run(pulumi.command.command, args, { cwd, env: environment });
  if (code !== 0) throw new Error(`pulumi ${words.join(" ")} in ${cwd}: ${stderr}${stdout}`);
  return stdout;
}

/** Seconds. */
async function timed(what: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await what();
  return Number(((performance.now() - began) / 1000).toFixed(2));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function report({ cold, noOp, memory }: { cold: Cold; noOp: NoOp; memory: Memory }): void {
  const total = Object.values(memory).reduce((sum, one) => sum + one, 0);
  console.table({
    "no-op `up` of the demo, s": noOp.demo,
    "no-op `up` of a bare program, s": noOp.bare,
    [`ratio (goal ≤ ${GOALS.ratio})`]: noOp.ratio,
    "no-op `npm run up`, s": noOp.command,
    [`\`npm run up\` from nothing, images warm, s (goal < ${GOALS.coldSeconds})`]: cold.seconds,
    "resources of @pulumi/docker": Object.values(noOp.resources).reduce((sum, one) => sum + one, 0),
  });
  console.table({ ...memory, "all, MiB": Number(total.toFixed(1)) });
  const out = join(ROOT, "test", "out");
  mkdirSync(out, { recursive: true });
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version, pulumi: pulumi.from };
  writeFileSync(join(out, "bench.json"), `${JSON.stringify({ machine, goals: GOALS, cold, noOp, memory }, null, 2)}\n`);
}
