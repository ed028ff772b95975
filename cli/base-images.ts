import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { callSocket, NoAnswer } from "./docker.ts";
import { defaultEndpoint } from "./engine.ts";
import { ROOT, toolchain } from "./places.ts";
import { type Problem, Refusal } from "./refusal.ts";
import { run } from "./run.ts";
import { say } from "./say.ts";

/** The images that a Dockerfile starts from, its own earlier stages left out. Pure. */
export function baseImages(dockerfile: string): string[] {
  const stages = new Set<string>();
  const images: string[] = [];
  for (const [, image, stage] of dockerfile.matchAll(/^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?\s*$/gim)) {
    if (image && image !== "scratch" && !stages.has(image.toLowerCase())) images.push(image);
    if (stage) stages.add(stage.toLowerCase());
  }
  return images;
}

/** The base images of all the services' Dockerfiles. */
export function wantedBaseImages(root = ROOT): string[] {
  const files = globSync("stacks/services/*/image/Dockerfile", { cwd: root });
  return [...new Set(files.flatMap((file) => baseImages(readFileSync(join(root, file), "utf8"))))].sort();
}

/**
 * Has the base images on the engine before anything is built from them: from their registry, or, where it is not reached
 * and we may, made from packages. Only on a local socket; a far engine pulls for itself while it builds.
 */
export async function ensureBaseImages(endpoint = defaultEndpoint(), wanted = wantedBaseImages()): Promise<void> {
  if (!endpoint.startsWith("unix://")) return;
  const socket = endpoint.slice("unix://".length);
  const missing = await missingOf(socket, wanted);
  if (missing.length === 0) return;

  say.step(`Getting base images: ${missing.join(", ")}`);
  const problems: Problem[] = [];
  for (const image of missing) {
    const reason = await pull(socket, image);
    if (reason) problems.push({ what: `The base image ${image} cannot be pulled: ${reason}`, fix: PULL_FIX });
  }
  if (problems.length === 0) return;
  const script = toolchain("base-images.sh");
  if (process.platform !== "linux" || process.getuid?.() !== 0 || !existsSync(script)) throw new Refusal(problems);

  say.line("  no image registry is reached: making them from packages");
  const { code, stdout, stderr } = await run("bash", [script], {
    env: { ...process.env, DOCKER_HOST: endpoint },
    onLine: (line) => say.line(`  ${line}`),
  });
  const still = await missingOf(socket, missing);
  if (still.length > 0) {
    const words = (stderr || stdout).trim().split("\n").slice(-5).join("\n");
    throw new Refusal([
      ...problems,
      { what: `${still.join(", ")} could not be made from packages (exit code ${code})`, fix: words },
    ]);
  }
}

const PULL_FIX = "Check that the engine reaches its registry (docker pull), or load the image with docker load";

async function missingOf(socket: string, images: readonly string[]): Promise<string[]> {
  const present = await Promise.all(images.map((image) => has(socket, image)));
  return images.filter((_, index) => !present[index]);
}

async function has(socket: string, image: string): Promise<boolean> {
  try {
    await callSocket(socket, "GET", `/images/${image}/json`);
    return true;
  } catch (error) {
    if (error instanceof NoAnswer && error.code === "E404") return false;
    throw error;
  }
}

/** Pulls an image; gives the reason where it fails. The engine reports failures inside a stream that began well. */
async function pull(socket: string, image: string): Promise<string | undefined> {
  try {
    const path = `/images/create?fromImage=${encodeURIComponent(image)}${/[:@][^/]*$/.test(image) ? "" : "&tag=latest"}`;
    const lines = (await callSocket(socket, "POST", path, 120_000)).trim().split("\n");
    return lines.map((line) => JSON.parse(line) as { error?: string }).find(({ error }) => error)?.error;
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    return messageOf(error.message);
  }
}

/** The engine wraps its messages in JSON. */
function messageOf(body: string): string {
  try {
    return (JSON.parse(body) as { message: string }).message;
  } catch {
    return body;
  }
}
