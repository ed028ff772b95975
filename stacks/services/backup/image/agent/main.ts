import { Agent } from "./agent.ts";
import { dump, keep, list, ls, restore, run } from "./commands.ts";
import { connect } from "./connect.ts";
import { serveControl } from "./control.ts";
import { Refusal, readDeclaration } from "./declaration.ts";
import { Unusable } from "./repository.ts";

const USAGE = `vigie-backup takes the snapshots of this host's volumes.

  vigie-backup serve                                     on their declared schedules, until stopped
  vigie-backup run JOB…|all                              now
  vigie-backup list [JOB] [--json]                       the snapshots that there are
  vigie-backup ls SNAPSHOT --path /P                     what is in a folder of a snapshot, as JSON
  vigie-backup dump SNAPSHOT --path /P                   a folder or file of it, as a tar archive
  vigie-backup restore SNAPSHOT|JOB --to DIR [--path P]  brings files back under DIR
                       [--exact] [--dry-run]
  vigie-backup keep JOB                                  a snapshot to undo a restore from
`;

/** Runs the agent until a signal stops it. */
async function serve(): Promise<number> {
  const declaration = readDeclaration();
  const { restic, place } = connect(declaration);
  const agent = new Agent(declaration, restic, place);
  const stopped = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stopped.resolve());
  const control = serveControl((id, onProgress) => {
    const job = declaration.jobs.find((candidate) => candidate.id === id);
    if (!job) return Promise.reject(new Error(`the agent knows no job "${id}"`));
    return agent.run(job, "hand", onProgress);
  });
  void agent.start().catch((error: Error) => {
    process.stderr.write(`backup: ${error.message}\n`);
    process.exitCode = 1;
    stopped.resolve();
  });
  await stopped.promise;
  control.close();
  await agent.stop();
  return Number(process.exitCode ?? 0);
}

const commands: Record<string, (args: readonly string[]) => Promise<number>> = {
  serve,
  run,
  list,
  ls,
  dump,
  restore,
  keep,
};

const [name = "", ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
if (!command) {
  const asked = name === "" || name === "--help" || name === "-h";
  (asked ? process.stdout : process.stderr).write(
    asked ? USAGE : `vigie-backup: there is no command "${name}"\n\n${USAGE}`,
  );
  process.exit(asked ? 0 : 2);
}
try {
  process.exit(await command(args));
} catch (error) {
  const { message } = error as Error;
  if (
    error instanceof Refusal ||
    error instanceof Unusable ||
    (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS")
  ) {
    process.stderr.write(`backup: ${message}\n`);
    process.exit(error instanceof Unusable ? 1 : 78);
  }
  throw error;
}
