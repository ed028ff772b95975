import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "./command.ts";
import { readyEngine, thisMachine } from "./engine.ts";
import { ROOT } from "./places.ts";
import { Refusal } from "./refusal.ts";
import { handOver } from "./run.ts";

const command: Command = {
  verbatim: true,
  words: { usage: "[ROUNDS]", min: 0, max: 1 },
  notes:
    "A stack of its own is brought up and taken down; it takes some minutes, and figures are worth something on a machine that does nothing else.\nWhat was measured, and how, is in docs/bench.md.",
  async run({ words }) {
    const [first = ""] = words;
    const one = /^[a-z]+$/.test(first) ? join(ROOT, "test", "bench", `${first}.ts`) : "";
    const main = existsSync(one) ? one : join(ROOT, "test", "bench", "main.ts");
    if (!existsSync(main))
      throw new Refusal({ what: `There is no ${main}`, fix: "Measures are made by that file; restore it" });
    const problem = await readyEngine(await thisMachine());
    if (problem) throw new Refusal(problem);
    return handOver(process.execPath, [main, ...(main === one ? words.slice(1) : words)], { cwd: ROOT });
  },
};

export default command;
