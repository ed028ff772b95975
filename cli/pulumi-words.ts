import type { Command } from "./command.ts";
import { ROOT } from "./places.ts";
import { cliEnvironment, findPulumi } from "./pulumi.ts";
import { handOver } from "./run.ts";
import { carrySettings, writtenStacks } from "./settings.ts";
import { openWorkspace } from "./workspace.ts";

const command: Command = {
  verbatim: true,
  ownHelp: true,
  async run({ words }) {
    const workspace = openWorkspace();
    const pulumi = await findPulumi();
    for (const stack of writtenStacks()) carrySettings(stack);
    return handOver(pulumi.command.command, words, { cwd: ROOT, env: cliEnvironment(pulumi, workspace.env) });
  },
};

export default command;
