import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LOCAL, ROOT } from "../places.ts";
import type { Escrow } from "../recovery/escrow.ts";
import { run } from "../run.ts";
import { say } from "../say.ts";
import { describeReport, type Report, signingKey, signReport } from "./report.ts";
import type { State } from "./state.ts";

/** The signed report, for people and for machines. @returns whether all came back */
export async function writeReport(
  /** Where it goes in `.vigie`: a real rebuild is no drill. */
  folder: "drills" | "rebuilds",
  association: string,
  stack: string,
  { started, volumes }: State,
  services: Report["services"],
  { rootSecret }: Escrow,
  problem: string | undefined,
): Promise<boolean> {
  const { code, stdout } = await run("git", ["describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"], {
    cwd: ROOT,
  });
  const passed =
    problem === undefined && services.every(({ failing, canary }) => failing.length === 0 && canary !== "missing");
  const signed = signReport(
    {
      version: 1,
      association,
      stack,
      commit: code === 0 ? stdout.trim() : null,
      started,
      ended: new Date().toISOString(),
      passed,
      rtoSeconds: passed ? Math.max(...services.map(({ rtoSeconds }) => rtoSeconds ?? 0)) : null,
      volumes,
      services,
      ...(problem === undefined ? {} : { problem }),
    },
    signingKey(rootSecret),
  );
  const base = join(LOCAL, folder, started.slice(0, 19).replaceAll(":", "-"));
  mkdirSync(join(LOCAL, folder), { recursive: true });
  writeFileSync(`${base}.json`, `${JSON.stringify(signed, null, 1)}\n`);
  writeFileSync(`${base}.md`, describeReport(signed, folder === "drills"));
  if (passed) say.good(`Everything is back after ${signed.report.rtoSeconds} s`);
  else if (problem === undefined)
    say.bad(
      `Not everything is back: ${services.flatMap(({ service, failing, canary }) => [...failing, ...(canary === "missing" ? [`${service}, which lacks what was planted`] : [])]).join(", ")}`,
    );
  say.result(`${base}.md`);
  return passed;
}
