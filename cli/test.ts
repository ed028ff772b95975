import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureBaseImages } from "./base-images.ts";
import { type Command, suggestion } from "./command.ts";
import { readyEngine, thisMachine } from "./engine.ts";
import { ROOT } from "./places.ts";
import { findPulumi } from "./pulumi.ts";
import { Refusal } from "./refusal.ts";
import { handOver } from "./run.ts";
import { say } from "./say.ts";
import {
  closingLine,
  type Failure,
  failedFiles,
  failures,
  type Report,
  sum,
  type Tally,
  tally,
  withSecond,
  written,
} from "./tally.ts";
import { ensureTools } from "./test-tools.ts";

/** Suites, each a project of vitest.config.ts, in the order in which they run; all but the first need real parts. */
export const SUITES = ["unit", "real", "browser"] as const;

const command: Command = {
  words: { usage: "[SUITE …]", min: 0, max: SUITES.length },
  flags: { only: { type: "string", value: "TEXT", help: "only the test files whose path contains TEXT" } },
  notes: `Suites: ${SUITES.join(", ")}; all of them unless told. Reports are left in test/out.`,
  async run({ words, flags }) {
    const suites = chosenSuites(words);
    if (suites.some((suite) => suite !== "unit")) await setUp(suites.includes("browser"));
    const ended: Suite[] = [];
    for (const suite of suites) ended.push(await runSuite(suite, flags.only));
    const total = sum(ended.map(({ tally }) => tally));
    for (const failure of ended.flatMap(({ recovered }) => recovered))
      say.warn(`Passed when run again: ${written(failure)}`);
    for (const failure of ended.flatMap(({ failures }) => failures)) say.bad(`Failed: ${written(failure)}`);
    if (total.skipped > 0) say.line(`${total.skipped} skipped`);
    say.result(closingLine(total));
    return total.failed === 0 ? 0 : 1;
  },
};

export function chosenSuites(words: readonly string[]): string[] {
  const unknown = words.filter((word) => !(SUITES as readonly string[]).includes(word));
  if (unknown.length > 0)
    throw new Refusal({
      what: unknown.map((word) => `There is no suite "${word}"${suggestion(word, SUITES)}`).join("; "),
      fix: `Suites: ${SUITES.join(", ")}`,
    });
  return SUITES.filter((suite) => words.length === 0 || words.includes(suite));
}

/** The real parts that the suites use: made ready before any test, so that a failure here is not taken for a bug. */
async function setUp(browser: boolean): Promise<void> {
  await ensureTools(browser);
  const problem = await readyEngine(await thisMachine());
  if (problem) throw new Refusal(problem);
  await ensureBaseImages();
  const { from } = await findPulumi();
  say.good(`Ready: Docker, base images, Pulumi from ${from}`);
}

/** A suite that was run. */
interface Suite {
  tally: Tally;
  failures: Failure[];
  /** What failed at first, and no longer when its file was run again. */
  recovered: Failure[];
}

/** Where more files than this fail, it is not the machine that was late. */
const MOST_AGAIN = 3;

/** Real machines are late now and then. What a test has upset, its repetition finds upset on the same servers: its file is run again, from nothing. */
async function runSuite(suite: string, only: unknown): Promise<Suite> {
  say.step(`\nSuite ${suite}`);
  const first = await runVitest(suite, typeof only === "string" ? [only] : []);
  const atFirst = { tally: tally(first.report, first.code), failures: failures(first.report, ROOT), recovered: [] };
  const files = failedFiles(first.report, ROOT);
  if (suite === "unit" || first.report === undefined || files.length === 0 || files.length > MOST_AGAIN) return atFirst;
  for (const failure of atFirst.failures) say.warn(`Failed: ${written(failure)}`);
  say.step(`\nSuite ${suite} again: ${files.join(", ")}`);
  const second = await runVitest(suite, files);
  if (second.report === undefined) return atFirst;
  const report = withSecond(first.report, second.report);
  const still = failures(report, ROOT);
  return {
    tally: tally(report, second.code),
    failures: still,
    recovered: atFirst.failures.filter(({ test }) => !still.some((other) => other.test === test)),
  };
}

async function runVitest(
  suite: string,
  only: readonly string[],
): Promise<{ report: Report | undefined; code: number }> {
  const file = join(ROOT, "test", "out", `${suite}.json`);
  mkdirSync(join(ROOT, "test", "out"), { recursive: true });
  rmSync(file, { force: true });
  const args = ["run", "--project", suite, "--reporter", "default", "--reporter", "json", "--outputFile.json", file];
  const code = await handOver(join(ROOT, "node_modules", ".bin", "vitest"), [...args, ...only], { cwd: ROOT });
  return { report: readReport(file), code };
}

function readReport(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Report;
  } catch {
    return undefined;
  }
}

export default command;
