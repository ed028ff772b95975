import { Refusal } from "../refusal.ts";
import { handOver, run } from "../run.ts";
import { say } from "../say.ts";
import { askAgent, besideWords, dockerWords, type inspectAgent } from "./agent.ts";
import type { Choice } from "./choose.ts";
import { type Preview, readPreview } from "./preview.ts";
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
}

const words = ({ choice, path, also = [], exact }: Want, dryRun: boolean): string[] => [
  ...["restore", choice.id, "--to", "/"],
  ...[path, ...also].flatMap((one) => ["--path", one]),
  ...(exact ? ["--exact"] : []),
  ...(dryRun ? ["--dry-run"] : []),
];

const beside = (want: Want, own: readonly string[]): string[] =>
  besideWords(want.saved, want.agent, { name: want.choice.volume.name, at: want.choice.path }, own);

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
 * a program that writes at the same time would mix both.
 *
 * @returns the id of the snapshot to undo it from
 */
export async function restoreInPlace(want: Want, whole: boolean): Promise<string> {
  const { saved, choice } = want;
  const container = saved.service.container!;
  if (whole) {
    say.step(`Stopping ${container}`);
    await docker(saved, "stop", container);
  }
  try {
    const kept = await askAgent(saved, "keep", choice.volume.job);
    const undo = kept.stdout.trim().split("\n").at(-1) ?? "";
    if (kept.code !== 0 || undo === "")
      throw new Refusal({
        what: `What is there could not be kept first: ${kept.stderr.trim()}`,
        fix: "Nothing was touched. Bring it back beside instead: --to FOLDER",
      });
    say.line(`  what was there is kept in snapshot ${undo}`);
    const code = await handOver("docker", beside(want, words(want, false)));
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

async function docker(saved: Saved, ...own: string[]): Promise<void> {
  const { code, stderr } = await run("docker", dockerWords(saved, ...own));
  if (code !== 0)
    throw new Refusal({
      what: `docker ${own.join(" ")} failed: ${stderr.trim()}`,
      fix: "npm run up   starts what is stopped",
    });
}
