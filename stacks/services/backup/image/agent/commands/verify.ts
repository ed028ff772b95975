import { parseArgs } from "node:util";
import type { Result } from "../backup.ts";
import { reach } from "../connect.ts";
import { askAgent, type Reply } from "../control.ts";
import { Refusal, readDeclaration } from "../declaration.ts";
import { verify as check, planned } from "../integrity.ts";
import { Unusable } from "../repository.ts";
import { say } from "./words.ts";

/** `verify [--all]`: that the repository is whole, in the agent's queue where it is at work. Gives the exit code. */
export async function verify(args: readonly string[]): Promise<number> {
  const declaration = readDeclaration();
  const { values } = parseArgs({ args: [...args], options: { all: { type: "boolean" } } });
  const results: Result[] = [];
  const tell = (reply: Reply) => void ("result" in reply && results.push(reply.result));
  if (!(await askAgent([values.all ? "verify-all" : "verify"], tell))) {
    const { restic } = await reach(declaration);
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
