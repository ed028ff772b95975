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
import { closingLine, failures, type Report, sum, type Tally, tally } from "./tally.ts";
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
    for (const failure of ended.flatMap(({ failures }) => failures)) say.bad(`Failed: ${failure}`);
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
  failures: string[];
}

async function runSuite(suite: string, only: unknown): Promise<Suite> {
  const file = join(ROOT, "test", "out", `${suite}.json`);
  mkdirSync(join(ROOT, "test", "out"), { recursive: true });
  rmSync(file, { force: true });
  say.step(`\nSuite ${suite}`);
  const args = ["run", "--project", suite, "--reporter", "default", "--reporter", "json", "--outputFile.json", file];
  if (typeof only === "string") args.push(only);
  const code = await handOver(join(ROOT, "node_modules", ".bin", "vitest"), args, { cwd: ROOT });
  const report = readReport(file);
  return { tally: tally(report, code), failures: failures(report, ROOT) };
}

function readReport(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Report;
  } catch {
    return undefined;
  }
}

export default command;
