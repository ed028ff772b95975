import { Refusal } from "./declaration.ts";
import { end } from "./ended.ts";
import { Unusable } from "./repository.ts";

const USAGE = `vigie-backup takes the snapshots of this host's volumes.

  vigie-backup serve                                     on their declared schedules, until stopped
  vigie-backup run JOB…|all                              now
  vigie-backup copy                                      all snapshots to the other repositories, now
  vigie-backup verify [--all]                            that the repository is whole; one part of its data is read, or all
  vigie-backup list [JOB] [--json]                       the snapshots that there are
  vigie-backup ls SNAPSHOT --path /P                     what is in a folder of a snapshot, as JSON
  vigie-backup dump SNAPSHOT --path /P                   a folder or file of it, as a tar archive
  vigie-backup restore SNAPSHOT|JOB --to DIR [--path P]  brings files back under DIR
                       [--exact] [--if-changed] [--dry-run] [--verify]
  vigie-backup keep JOB                                  a snapshot to undo a restore from
  vigie-backup note NAME [--write]                       what was noted of proofs, or notes standard input
`;

type Run = (args: readonly string[]) => Promise<number>;

/** Each loaded only when asked for: what is typed by hand, or by another command, waits for it. */
const commands: Record<string, () => Promise<Run>> = {
  serve: async () => (await import("./serve.ts")).serve,
  run: async () => (await import("./commands/take.ts")).run,
  keep: async () => (await import("./commands/take.ts")).keep,
  copy: async () => (await import("./commands/verify.ts")).copy,
  verify: async () => (await import("./commands/verify.ts")).verify,
  list: async () => (await import("./commands/look.ts")).list,
  ls: async () => (await import("./commands/look.ts")).ls,
  dump: async () => (await import("./commands/look.ts")).dump,
  note: async () => (await import("./commands/look.ts")).note,
  restore: async () => (await import("./commands/restore.ts")).restore,
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
  await end(await (await command())(args));
} catch (error) {
  const { message } = error as Error;
  if (
    error instanceof Refusal ||
    error instanceof Unusable ||
    (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS")
  ) {
    process.stderr.write(`backup: ${message}\n`);
    await end(error instanceof Unusable ? 1 : 78);
  }
  throw error;
}
