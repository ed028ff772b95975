import { readFileSync } from "node:fs";
import { Agent } from "./agent.ts";
import type { Result } from "./backup.ts";
import { copy, dump, keep, list, ls, note, restore, run, verify } from "./commands.ts";
import { connect, connectCopy } from "./connect.ts";
import { serveControl } from "./control.ts";
import type { Copy } from "./copy.ts";
import { Refusal, readDeclaration } from "./declaration.ts";
import { serveReport } from "./report.ts";
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
                       [--exact] [--dry-run] [--verify]
  vigie-backup keep JOB                                  a snapshot to undo a restore from
  vigie-backup note NAME [--write]                       what was noted of proofs, or notes standard input
`;

/** Runs the agent until a signal stops it. */
async function serve(): Promise<number> {
  const declaration = readDeclaration();
  const { restic, place, access } = connect(declaration);
  const agent = new Agent(declaration, restic, place, (copy) => connectCopy(declaration, copy, access));
  const stopped = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stopped.resolve());
  const control = serveControl((id, onProgress) => {
    if (id === "verify" || id === "verify-all") return verification(agent, id === "verify-all");
    const copy = declaration.policy.copies.find((candidate) => `copy-${candidate.id}` === id);
    if (copy) return copying(agent, copy);
    const job = declaration.jobs.find((candidate) => candidate.id === id);
    if (!job) return Promise.reject(new Error(`the agent knows no job "${id}"`));
    return agent.run(job, "hand", onProgress);
  });
  const { report } = declaration.policy;
  const asked = report && serveReport(readFileSync(report.keyFile, "utf8").trim(), () => agent.report(), report.port);
  void agent.start().catch((error: Error) => {
    process.stderr.write(`backup: ${error.message}\n`);
    process.exitCode = 1;
    stopped.resolve();
  });
  await stopped.promise;
  control.close();
  asked?.close();
  await agent.stop();
  return Number(process.exitCode ?? 0);
}

/** A verification as the control socket tells it. */
async function verification(agent: Agent, all: boolean): Promise<Result> {
  const { code, reason, seconds = 0 } = await agent.verify("hand", all);
  return { outcome: code ? "failed" : "ok", seconds, ...(code ? { code, ...(reason ? { reason } : {}) } : {}) };
}

/** A copying as the control socket tells it. */
async function copying(agent: Agent, copy: Copy): Promise<Result> {
  const { code, reason, seconds = 0 } = await agent.copy(copy, "hand");
  return { outcome: code ? "failed" : "ok", seconds, ...(code ? { code, ...(reason ? { reason } : {}) } : {}) };
}

const commands: Record<string, (args: readonly string[]) => Promise<number>> = {
  serve,
  run,
  copy,
  verify,
  list,
  ls,
  dump,
  restore,
  keep,
  note,
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
