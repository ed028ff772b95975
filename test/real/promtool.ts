import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs a program on files written for it; resolves to what it says, and fails with that when it refuses. */
export async function onFiles(
  program: string,
  words: readonly string[],
  files: Readonly<Record<string, object | string>>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vigie-rules-"));
  try {
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
    }
    const { stdout, stderr } = await run(program, words, { cwd: folder, maxBuffer: 16 * 1024 * 1024 });
    return `${stdout}${stderr}`;
  } catch (error) {
    const { stdout = "", stderr = "", message } = error as { stdout?: string; stderr?: string; message: string };
    throw new Error(`${program} ${words.join(" ")}\n${stdout}${stderr}` || message);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Series over time in promtool's notation, one value a minute, and the alerts that fire at some moment. */
export interface Scenario {
  readonly name: string;
  readonly series: Readonly<Record<string, string>>;
  /** `5m` …; at each of them. */
  readonly at: string | readonly string[];
  /** How often rules are evaluated; coarser for long stories. */
  readonly every?: string;
  readonly alert: string;
  /** The labels that matter, the same ones for each alert expected; alerts are counted by them. */
  readonly by: readonly string[];
  /** Values of these labels, in order, for each alert that fires. */
  readonly firing: readonly (readonly string[])[];
}

/** Runs scenarios against rules by `promtool test rules`. */
export async function testRules(rules: object, scenarios: readonly Scenario[]): Promise<string> {
  return onFiles("promtool", ["test", "rules", "tests.yml"], {
    "rules.yml": rules,
    "tests.yml": {
      rule_files: ["rules.yml"],
      evaluation_interval: scenarios[0]?.every ?? "15s",
      tests: scenarios.map(({ name, series, at, alert, by, firing }) => ({
        name,
        interval: "1m",
        input_series: Object.entries(series).map(([series, values]) => ({ series, values })),
        promql_expr_test: [at].flat().map((moment) => ({
          expr: `count by (${by.join(", ")}) (ALERTS{alertname="${alert}",alertstate="firing"})`,
          eval_time: moment,
          exp_samples: firing.map((values) => ({
            labels: `{${values.map((value, index) => `${by[index]}="${value}"`).join(",")}}`,
            value: 1,
          })),
        })),
      })),
    },
  });
}
