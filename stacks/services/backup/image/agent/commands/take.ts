import { parseArgs } from "node:util";
import { undoTagsOf, wholeOf } from "../arguments.ts";
import { takePrepared, takeSnapshot } from "../backup.ts";
import { connect, reach } from "../connect.ts";
import { askAgent, type Reply } from "../control.ts";
import { Refusal, readDeclaration } from "../declaration.ts";
import { ensureRepository } from "../repository.ts";
import { readable } from "../snapshots.ts";
import { jobNamed, say } from "./words.ts";

/** `run JOB… | all`: takes snapshots now, in the agent's queue where it is at work. Gives the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  const declaration = readDeclaration();
  const { positionals } = parseArgs({ args: [...args], allowPositionals: true, options: {} });
  if (positionals.length === 0) throw new Refusal("say which job to run, or all");
  const all = positionals.length === 1 && positionals[0] === "all";
  const jobs = all ? declaration.jobs : positionals.map((id) => jobNamed(declaration.jobs, id));
  const ended = new Set<string>();
  let failed = false;
  const tell = (reply: Reply) => {
    if ("progress" in reply) {
      const { done, files, bytes } = reply.progress;
      // A line that rewrites itself, where there is a terminal to do so.
      if (process.stdout.isTTY)
        process.stdout.write(`\r${reply.job}: ${Math.floor(done * 100)} %, ${files} files, ${readable(bytes)} \x1b[K`);
      return;
    }
    ended.add(reply.job);
    const { outcome, summary, reason, seconds } = reply.result;
    failed ||= outcome === "failed";
    const taken = summary
      ? `snapshot ${summary.snapshot?.slice(0, 8)}: ${summary.files} files, ${readable(summary.bytes)}, ${readable(summary.bytesAdded)} added, ${seconds.toFixed(1)} s`
      : "no snapshot";
    say(`${process.stdout.isTTY ? "\r\x1b[K" : ""}${reply.job}: ${outcome}, ${taken}${reason ? ` (${reason})` : ""}`);
  };
  if (
    await askAgent(
      jobs.map((job) => job.id),
      tell,
    )
  ) {
    for (const job of jobs.filter(({ id }) => !ended.has(id))) {
      failed = true;
      say(`${job.id}: the agent stopped before its end`);
    }
    return failed ? 1 : 0;
  }
  const { restic, place } = connect(declaration);
  await ensureRepository(restic, place);
  for (const job of jobs) {
    const onProgress = (progress: Extract<Reply, { progress: unknown }>["progress"]) => tell({ job: job.id, progress });
    tell({ job: job.id, result: await takePrepared(restic, job, declaration.host, { onProgress }) });
  }
  return failed ? 1 : 0;
}

/** `keep JOB`: a snapshot of the volume as it is, from which a restore can be undone. Prints its id. */
export async function keep(args: readonly string[]): Promise<number> {
  const declaration = readDeclaration();
  const { positionals } = parseArgs({ args: [...args], allowPositionals: true, options: {} });
  if (positionals.length !== 1) throw new Refusal("usage: vigie-backup keep JOB");
  const job = jobNamed(declaration.jobs, positionals[0]!);
  const { restic } = await reach(declaration);
  const { summary, reason } = await takeSnapshot(restic, wholeOf(job), declaration.host, { tags: undoTagsOf(job) });
  if (!summary?.snapshot) {
    process.stderr.write(`vigie-backup: no copy was kept: ${reason ?? "restic took no snapshot"}\n`);
    return 1;
  }
  say(summary.snapshot.slice(0, 8));
  return 0;
}
