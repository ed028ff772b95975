import { Refusal } from "../refusal.ts";
import { handOver, run } from "../run.ts";
import { say } from "../say.ts";
import { askAgent, besideWords, dockerWords, type inspectAgent } from "./agent.ts";
import type { Choice } from "./choose.ts";
import { type Preview, readPreview } from "./preview.ts";
import { forgetRestoring, keepRestoring, type Restoring } from "./restoring.ts";
import type { Saved } from "./subject.ts";

/** What is to be put back where. */
export interface Want {
  readonly saved: Saved;
  readonly agent: Awaited<ReturnType<typeof inspectAgent>>;
  readonly choice: Choice;
  /** Path in the snapshot. */
  readonly path: string;
  /** Further paths, where the thing asked for is several. */
  readonly also?: readonly string[];
  /** Also remove what was not there then. */
  readonly exact: boolean;
  /** A file of the same size and date is taken for the same, unread. */
  readonly ifChanged?: boolean;
}

const words = ({ choice, path, also = [], exact, ifChanged }: Want, dryRun: boolean): string[] => [
  ...["restore", choice.id, "--to", "/"],
  ...[path, ...also].flatMap((one) => ["--path", one]),
  ...(exact ? ["--exact"] : []),
  ...(ifChanged ? ["--if-changed"] : []),
  ...(dryRun ? ["--dry-run"] : []),
];

const beside = (want: Want, own: readonly string[], name?: string): string[] =>
  besideWords(want.saved, want.agent, { name: want.choice.volume.name, at: want.choice.path }, own, name);

/** What would change; changes nothing. */
export async function previewInPlace(want: Want): Promise<Preview> {
  const { code, stdout, stderr } = await run("docker", beside(want, words(want, true)));
  if (code !== 0)
    throw new Refusal({
      what: `What would change cannot be told: ${stderr.trim()}`,
      fix: "Nothing was touched. Bring it back beside instead: --to FOLDER",
    });
  return readPreview(stdout);
}

/**
 * Keeps what is there in a snapshot, then puts the wanted back. A whole volume is put back while its service is stopped:
 * a program that writes at the same time would mix both. One that was killed goes on with the snapshot that it had kept, where
 * the service has been stopped ever since; what is there otherwise is not all from before it.
 *
 * @param restoring written down from here on; forgotten by who sees the end
 * @returns the id of the snapshot to undo it from
 */
export async function restoreInPlace(want: Want, whole: boolean, restoring: Restoring): Promise<string> {
  const { saved } = want;
  const container = saved.service.container!;
  if (!(whole && restoring.undo !== undefined && (await isStopped(saved)))) delete restoring.undo;
  keepRestoring(restoring);
  if (whole) {
    say.step(`Stopping ${container}`);
    await docker(saved, "stop", container);
  }
  try {
    restoring.undo ??= await keepWhatIsThere(want, restoring);
    const { undo } = restoring;
    keepRestoring(restoring);
    say.line(`  what was there is kept in snapshot ${undo}`);
    const code = await handOver("docker", beside(want, words(want, false), nameOf(saved)));
    if (code !== 0)
      throw new Refusal({
        what: "Not everything came back: the lines above say why",
        fix: `What was there is in snapshot ${undo}: --snapshot ${undo} --in-place --exact puts it back`,
      });
    return undo;
  } finally {
    if (whole) {
      say.step(`Starting ${container}`);
      await docker(saved, "start", container);
    }
  }
}

/** @throws {Refusal} where it cannot be kept: nothing was touched then */
async function keepWhatIsThere({ saved, choice }: Want, restoring: Restoring): Promise<string> {
  const kept = await askAgent(saved, "keep", choice.volume.job);
  const undo = kept.stdout.trim().split("\n").at(-1) ?? "";
  if (kept.code === 0 && undo !== "") return undo;
  forgetRestoring(restoring);
  throw new Refusal({
    what: `What is there could not be kept first: ${kept.stderr.trim()}`,
    fix: "Nothing was touched. Bring it back beside instead: --to FOLDER",
  });
}

/** The name of the container that writes, so that there is one at a time. */
const nameOf = ({ service }: Saved): string => `${service.container}-restore`;

/** A restore whose command was killed goes on writing: its container is the engine's. */
export async function untilOthersEnd(saved: Saved): Promise<void> {
  const name = nameOf(saved);
  const found = await run("docker", dockerWords(saved, "container", "inspect", "--format", "{{.State.Status}}", name));
  if (found.code !== 0) return;
  if (found.stdout.trim() === "running") {
    say.step(`Another restore of ${saved.service.id} is still writing: waiting for its end`);
    await run("docker", dockerWords(saved, "wait", name));
  }
  // It removes itself, unless the engine was stopped meanwhile.
  await run("docker", dockerWords(saved, "rm", "--force", name));
}

async function isStopped(saved: Saved): Promise<boolean> {
  const words = ["container", "inspect", "--format", "{{.State.Running}}", saved.service.container!];
  return (await run("docker", dockerWords(saved, ...words))).stdout.trim() === "false";
}

async function docker(saved: Saved, ...own: string[]): Promise<void> {
  const { code, stderr } = await run("docker", dockerWords(saved, ...own));
  if (code !== 0)
    throw new Refusal({
      what: `docker ${own.join(" ")} failed: ${stderr.trim()}`,
      fix: "npm run up   starts what is stopped",
    });
}
