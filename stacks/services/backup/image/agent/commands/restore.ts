import { lstatSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { restoreArguments } from "../arguments.ts";
import { browse } from "../browse.ts";
import { reach } from "../connect.ts";
import { Refusal, readDeclaration } from "../declaration.ts";
import { restoreExactly } from "../room.ts";
import { readable } from "../snapshots.ts";
import { jobNamed, SNAPSHOT, say } from "./words.ts";

/**
 * `restore SNAPSHOT|JOB --to DIR [--path PATH] [--exact] [--if-changed] [--dry-run]`: brings files back under DIR; a job's name means its
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
      "if-changed": { type: "boolean" },
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
  const { restic } = await reach(declaration);
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
  const run = values.exact ? restoreExactly.bind(undefined, restic) : restic;
  const ran = await run(
    restoreArguments(
      {
        snapshot: job ? "latest" : what,
        to: values.to,
        path,
        also,
        job,
        dryRun,
        exact: values.exact ?? false,
        ifChanged: values["if-changed"] ?? false,
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
