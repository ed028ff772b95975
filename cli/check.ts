import { join } from "node:path";
import type { Command } from "./command.ts";
import { ROOT } from "./places.ts";
import { run } from "./run.ts";
import { say } from "./say.ts";

const bin = (name: string): string => join(ROOT, "node_modules", ".bin", name);

/** What has to hold before a change is shown to others. */
const checks: readonly { name: string; words: readonly [string, ...string[]] }[] = [
  { name: "types", words: [bin("tsc"), "--noEmit", "-p", "."] },
  { name: "lint and format", words: [bin("biome"), "check", "--error-on-warnings", "."] },
  { name: "unit tests", words: [bin("vitest"), "run", "--project", "unit", "--reporter", "dot"] },
];

const command: Command = {
  notes: "npx biome check --write . corrects what can be corrected by itself.",
  async run() {
    const results = await Promise.all(
      checks.map(async ({ name, words: [program, ...args] }) => {
        const started = Date.now();
        const { code, stdout, stderr } = await run(program, args, { cwd: ROOT });
        const time = `(${((Date.now() - started) / 1000).toFixed(1)} s)`;
        if (code === 0) say.good(`${name} ${time}`);
        else say.bad(`✗ ${name} ${time}\n${`${stdout}${stderr}`.trim()}`);
        return code;
      }),
    );
    return results.every((code) => code === 0) ? 0 : 1;
  },
};

export default command;
