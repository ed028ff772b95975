import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { cacheFolder, toolchain } from "./places.ts";
import { Refusal } from "./refusal.ts";
import { run } from "./run.ts";
import { say } from "./say.ts";
import { atLeast, parseVersion } from "./versions.ts";

/** The oldest CLI whose events and flags we rely on. */
export const OLDEST_PULUMI = "3.200.0";

/** A Pulumi CLI ready to use. */
export interface Pulumi {
  command: PulumiCommand;
  /** Variables it needs besides the workspace's. */
  env: Record<string, string>;
  /** Where it was found, in words. */
  from: string;
}

/** A way to have a CLI: it gives one, or the reason why it cannot. */
type Way = (places: Places) => Promise<Pulumi | string>;

interface Places {
  /** Where a downloaded CLI of our SDK's version is kept. */
  downloaded: string;
}

/** From the quickest to the slowest. */
const ways: readonly Way[] = [onPath, alreadyDownloaded, alreadyBuilt, download, build];

/** The first CLI to be had. @throws {Refusal} saying why each way failed */
export async function findPulumi(): Promise<Pulumi> {
  const places = { downloaded: join(cacheFolder(), `pulumi-${sdkVersion()}`) };
  const reasons: string[] = [];
  for (const way of ways) {
    const found = await way(places);
    if (typeof found !== "string") return found;
    if (found) reasons.push(found);
  }
  throw new Refusal({
    what: `No Pulumi CLI can be had:\n${reasons.map((reason) => `    - ${reason}`).join("\n")}`,
    fix: "Install it from https://www.pulumi.com/docs/install/ then try again",
  });
}

async function onPath(): Promise<Pulumi | string> {
  const { code, stdout } = await run("pulumi", ["version"], {
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    timeout: 30_000,
  });
  if (code === 127) return "there is no `pulumi` on the PATH";
  if (code !== 0) return "the `pulumi` on the PATH does not run";
  if (!atLeast(stdout, OLDEST_PULUMI))
    return `the \`pulumi\` on the PATH is ${stdout.trim()}, and ${OLDEST_PULUMI} or later is needed`;
  return { command: await PulumiCommand.get(), env: {}, from: "the PATH" };
}

async function alreadyDownloaded({ downloaded }: Places): Promise<Pulumi | string> {
  if (!existsSync(join(downloaded, "bin", "pulumi"))) return "";
  return PulumiCommand.get({ root: downloaded }).then(
    (command) => ({ command, env: {}, from: downloaded }),
    () => "",
  );
}

async function download({ downloaded }: Places): Promise<Pulumi | string> {
  const unreachable = await fetch("https://get.pulumi.com/", {
    method: "HEAD",
    signal: AbortSignal.timeout(10_000),
  }).then(
    () => undefined,
    (error: Error) => (error.cause instanceof Error ? error.cause.message : error.message),
  );
  if (unreachable) return `https://get.pulumi.com is not reached (${unreachable})`;
  say.step(`Downloading the Pulumi CLI ${sdkVersion()} (about 200 MB, once)`);
  return PulumiCommand.install({ root: downloaded }).then(
    (command) => ({ command, env: {}, from: downloaded }),
    (error: Error) => `downloading it failed: ${error.message.trim()}`,
  );
}

async function alreadyBuilt(): Promise<Pulumi | string> {
  const { code, stdout } = await run("bash", [toolchain("install.sh"), "--check"]);
  return code === 0 ? built(stdout) : "";
}

async function build(): Promise<Pulumi | string> {
  const { code, stdout, stderr } = await run("bash", [toolchain("install.sh")], {
    onLine: (line) => say.line(`  ${line}`),
  });
  return code === 0 ? built(stdout) : `building it failed: ${stderr.trim().split("\n").slice(-3).join("; ")}`;
}

async function built(stdout: string): Promise<Pulumi> {
  const root = stdout.trim().split("\n").at(-1)!;
  // Its plugin has nowhere to be downloaded from: it is in a home of its own.
  return { command: await PulumiCommand.get({ root }), env: { PULUMI_HOME: join(root, "home") }, from: root };
}

/** Version of the @pulumi/pulumi package, which the downloaded CLI matches. */
function sdkVersion(): string {
  const { version } = createRequire(import.meta.url)("@pulumi/pulumi/package.json") as { version: string };
  return parseVersion(version)!.join(".");
}

/** Environment in which the CLI is run by hand: its own folder first, for its language host. */
export function cliEnvironment(pulumi: Pulumi, workspace: Record<string, string>): NodeJS.ProcessEnv {
  const env = { ...process.env, ...workspace, ...pulumi.env };
  const { command } = pulumi.command;
  return command.includes("/") ? { ...env, PATH: `${dirname(command)}${delimiter}${process.env.PATH ?? ""}` } : env;
}
