import { existsSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { defaultEndpoint, diagnose, thisMachine } from "../engine.ts";
import { Refusal } from "../refusal.ts";
import { run } from "../run.ts";
import { stackName } from "../stack.ts";

export const liveStack = (flag: unknown): string | undefined => (flag === undefined ? undefined : stackName(flag));

/** Everything that is missing or wrong, at once. */
export function readFlags(flags: Readonly<Record<string, string | boolean | undefined>>) {
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
export async function refuseUsedEngine(engine: string, stack: string): Promise<void> {
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
