import { lstatSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { restoreArguments, undoTagsOf } from "./arguments.ts";
import { type Result, takePrepared, takeSnapshot } from "./backup.ts";
import { browse } from "./browse.ts";
import { connect } from "./connect.ts";
import { askAgent, type Reply } from "./control.ts";
import { type Job, Refusal, readDeclaration } from "./declaration.ts";
import { dump as dumpInto } from "./dump.ts";
import { verify as check, planned } from "./integrity.ts";
import { isNoteName, readNote, writeNote } from "./notes.ts";
import { ensureRepository, Unusable } from "./repository.ts";
import { listSnapshots, readable, table } from "./snapshots.ts";

const say = (words: string) => process.stdout.write(`${words}\n`);

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

/** `verify [--all]`: that the repository is whole, in the agent's queue where it is at work. Gives the exit code. */
export async function verify(args: readonly string[]): Promise<number> {
  const declaration = readDeclaration();
  const { values } = parseArgs({ args: [...args], options: { all: { type: "boolean" } } });
  const results: Result[] = [];
  const tell = (reply: Reply) => void ("result" in reply && results.push(reply.result));
  if (!(await askAgent([values.all ? "verify-all" : "verify"], tell))) {
    const { restic } = connect(declaration);
    const { code, reason, seconds = 0 } = await check(restic, planned(undefined, 1, new Date()), { all: true });
    results.push({ outcome: code ? "failed" : "ok", seconds, ...(reason ? { reason } : {}) });
  }
  const [result] = results;
  if (result?.outcome === "ok") {
    say(`whole, as far as it was read, in ${result.seconds.toFixed(1)} s`);
    return 0;
  }
  process.stderr.write(`vigie-backup: ${result?.reason ?? "the agent stopped before its end"}\n`);
  return 1;
}

/** `copy`: all snapshots to the other repositories, in the agent's queue. Gives the exit code. */
export async function copy(args: readonly string[]): Promise<number> {
  parseArgs({ args: [...args], options: {} });
  const { copies } = readDeclaration().policy;
  if (copies.length === 0) throw new Refusal("no other repository is declared");
  let failed = false;
  const tell = (reply: Reply) => {
    if (!("result" in reply)) return;
    const { outcome, reason, seconds } = reply.result;
    failed ||= outcome === "failed";
    say(`${reply.job}: ${outcome}, ${seconds.toFixed(1)} s${reason ? ` (${reason})` : ""}`);
  };
  if (
    await askAgent(
      copies.map(({ id }) => `copy-${id}`),
      tell,
    )
  )
    return failed ? 1 : 0;
  throw new Unusable("the agent is not at work");
}

/** `note NAME [--write]`: shows what was noted, or keeps the JSON on standard input. */
export async function note(args: readonly string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { write: { type: "boolean" } },
  });
  const [name] = positionals;
  if (!isNoteName(name)) throw new Refusal("usage: vigie-backup note NAME [--write]");
  if (values.write) writeNote(name, readFileSync(0, "utf8"));
  else say(readNote(name) ?? "null");
  return 0;
}

/** `list [JOB] [--json]`: the host's snapshots, oldest first. */
export async function list(args: readonly string[]): Promise<number> {
  const declaration = readDeclaration();
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: "boolean" } },
  });
  const job = positionals[0] === undefined ? undefined : jobNamed(declaration.jobs, positionals[0]);
  const snapshots = await listSnapshots(connect(declaration).restic, declaration.host, job);
  if (values.json) say(JSON.stringify(snapshots));
  else say(snapshots.length === 0 ? "no snapshot yet" : table(snapshots));
  return 0;
}

/** `keep JOB`: a snapshot of the volume as it is, from which a restore can be undone. Prints its id. */
export async function keep(args: readonly string[]): Promise<number> {
  const declaration = readDeclaration();
  const { positionals } = parseArgs({ args: [...args], allowPositionals: true, options: {} });
  if (positionals.length !== 1) throw new Refusal("usage: vigie-backup keep JOB");
  const job = jobNamed(declaration.jobs, positionals[0]!);
  const { restic } = connect(declaration);
  const { summary, reason } = await takeSnapshot(restic, job, declaration.host, { tags: undoTagsOf(job) });
  if (!summary?.snapshot) {
    process.stderr.write(`vigie-backup: no copy was kept: ${reason ?? "restic took no snapshot"}\n`);
    return 1;
  }
  say(summary.snapshot.slice(0, 8));
  return 0;
}

/** `ls SNAPSHOT --path PATH`: what is in a folder of a snapshot, as JSON. */
export async function ls(args: readonly string[]): Promise<number> {
  const { snapshot, path } = placeIn(args, "ls");
  const entries = await browse(connect(readDeclaration()).restic, snapshot, path);
  if (entries === undefined) {
    process.stderr.write(`vigie-backup: nothing in that snapshot is named ${path}\n`);
    return 1;
  }
  say(JSON.stringify(entries));
  return 0;
}

/** `dump SNAPSHOT --path PATH`: a folder or file of a snapshot on standard output, as a tar archive. */
export async function dump(args: readonly string[]): Promise<number> {
  const place = placeIn(args, "dump");
  const { access, secrets } = connect(readDeclaration());
  return dumpInto(access, secrets, place, process.stdout, (words) => process.stderr.write(`${words}\n`));
}

function placeIn(args: readonly string[], command: string): { snapshot: string; path: string } {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { path: { type: "string" } },
  });
  const [snapshot] = positionals;
  if (!snapshot || !SNAPSHOT.test(snapshot) || !values.path?.startsWith("/"))
    throw new Refusal(`usage: vigie-backup ${command} SNAPSHOT --path /PATH`);
  return { snapshot, path: values.path };
}

const SNAPSHOT = /^[0-9a-f]{8,64}$/;

/**
 * `restore SNAPSHOT|JOB --to DIR [--path PATH] [--exact] [--dry-run]`: brings files back under DIR; a job's name means its
 * latest snapshot. A dry run prints what would change, one JSON object a line.
 */
export async function restore(args: readonly string[]): Promise<number> {
  const declaration = readDeclaration();
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      to: { type: "string" },
      path: { type: "string", multiple: true },
      exact: { type: "boolean" },
      verify: { type: "boolean" },
      "dry-run": { type: "boolean" },
    },
  });
  const [what] = positionals;
  if (!what || !values.to?.startsWith("/"))
    throw new Refusal("usage: vigie-backup restore SNAPSHOT|JOB --to /DIR [--path PATH]… [--exact] [--dry-run]");
  const job =
    SNAPSHOT.test(what) && !declaration.jobs.some(({ id }) => id === what)
      ? undefined
      : jobNamed(declaration.jobs, what);
  // A path that does not say where it begins begins in the volume.
  const paths = (values.path ?? []).map((path) => (job && !path.startsWith("/") ? `${job.path}/${path}` : path));
  if (values.exact && paths.length === 0)
    throw new Refusal("--exact removes what the snapshot does not have: say below which --path");
  const dryRun = values["dry-run"] ?? false;
  const { restic } = connect(declaration);
  // Not to be there is how it was then; restic, which finds nothing of that name, would leave it.
  if (values.exact && !job) {
    for (const path of [...paths]) {
      if ((await browse(restic, what, path)) !== undefined) continue;
      removeAsThen(join(values.to, path), path, dryRun);
      paths.splice(paths.indexOf(path), 1);
    }
    if (paths.length === 0) return 0;
  }
  const [path, ...also] = paths;
  const ran = await restic(
    restoreArguments(
      {
        snapshot: job ? "latest" : what,
        to: values.to,
        path,
        also,
        job,
        dryRun,
        exact: values.exact ?? false,
        verify: values.verify ?? false,
      },
      declaration.host,
    ),
    {
      expected: /: lchown .*: (operation not permitted|read-only file system)$/,
      ...(process.stdout.isTTY
        ? { onProgress: ({ done }) => process.stdout.write(`\r${Math.floor(done * 100)} %\x1b[K`) }
        : {}),
    },
  );
  // restic counts an owner that it may not set as an error; in the agent's own container it never may.
  const owners = ran.expectedCount;
  const errors = ran.errors.filter((words) => words !== `There were ${owners} errors`);
  for (const error of errors) process.stderr.write(`${error}\n`);
  if (ran.code !== 0 && (errors.length > 0 || owners === 0)) {
    process.stderr.write("vigie-backup: not everything was restored\n");
    return 1;
  }
  if (dryRun) {
    for (const value of ran.values) if (isChange(value, values.to)) say(JSON.stringify(value));
    return 0;
  }
  const files = ran.summary?.files ?? 0;
  // With --exact, that nothing is there may be what is wanted.
  if (files === 0 && !values.exact) {
    process.stderr.write(`vigie-backup: nothing in that snapshot is named ${path ?? what}\n`);
    return 1;
  }
  say(`${files} files and folders, ${readable(ran.summary?.bytes ?? 0)}, restored under ${values.to}`);
  if (owners > 0)
    say(`${owners} of them now belong to this container's user: it may not give them back to their owners`);
  return 0;
}

function removeAsThen(place: string, path: string, dryRun: boolean): void {
  const there = lstatSync(place, { throwIfNoEntry: false }) !== undefined;
  if (!dryRun) {
    rmSync(place, { recursive: true, force: true });
    say(`${path} was not there then: ${there ? "removed" : "it is not there now either"}`);
  } else if (there) say(JSON.stringify({ message_type: "verbose_status", action: "deleted", item: path, size: 0 }));
}

/** restic calls a folder restored that is there already: its owner and rights are set once more, which changes nothing. */
function isChange(value: unknown, to: string): boolean {
  const { action, item } = value as { action?: unknown; item?: unknown };
  return action !== "restored" || typeof item !== "string" || !lstatSync(join(to, item), { throwIfNoEntry: false });
}

function jobNamed(jobs: readonly Job[], id: string): Job {
  const job = jobs.find((candidate) => candidate.id === id);
  if (!job)
    throw new Refusal(
      `there is no job "${id}"; there are ${jobs.map((candidate) => candidate.id).join(", ") || "none"}`,
    );
  return job;
}
