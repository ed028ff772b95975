import { readFileSync } from "node:fs";
import { Agent } from "./agent.ts";
import type { Result } from "./backup.ts";
import { connect, connectCopy } from "./connect.ts";
import { serveControl } from "./control.ts";
import { readDeclaration } from "./declaration.ts";
import type { Copy } from "./policy.ts";
import { serveReport } from "./report.ts";

/** Runs the agent until a signal stops it. */
export async function serve(): Promise<number> {
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
