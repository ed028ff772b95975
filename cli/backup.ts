import { type Command, stackFlags } from "./command.ts";
import { readInventory, readSettings } from "./declared.ts";
import { dockerWords, inspectAgent } from "./recovery/agent.ts";
import { type Saved, savedService, savedServices } from "./recovery/subject.ts";
import { handOver } from "./run.ts";
import { say } from "./say.ts";
import { stackName } from "./stack.ts";

const command: Command = {
  flags: {
    stack: stackFlags.stack,
    service: { type: "string", value: "NAME", help: "the service to save; all of them when left out" },
  },
  notes: "Snapshots are taken on their declared schedules; this takes one more now, after those that are at work.",
  async run({ flags }) {
    const stack = stackName(flags.stack);
    const inventory = await readInventory(stack, readSettings(stack));
    const chosen =
      typeof flags.service === "string" ? [savedService(flags.service, inventory)] : savedServices(inventory);
    let failed = false;
    for (const [agent, saved] of Map.groupBy(chosen, (one) => one.agent)) {
      await inspectAgent(saved[0]!, stack);
      const jobs = saved.flatMap(({ volumes }) => volumes.map(({ job }) => job));
      say.step(`${agent} saves ${jobs.join(", ")}`);
      failed = (await takeNow(saved[0]!, jobs)) !== 0 || failed;
    }
    if (failed) {
      say.bad("Not everything was saved: the lines above say why");
      return 1;
    }
    say.good("Saved");
    return 0;
  },
};

/** The agent rewrites its line of progress where there is a terminal to do so; elsewhere it says how each job ended. */
function takeNow(saved: Saved, jobs: readonly string[]): Promise<number> {
  const terminal = process.stdout.isTTY ? ["--tty"] : [];
  return handOver("docker", dockerWords(saved, "exec", ...terminal, saved.agent, "vigie-backup", "run", ...jobs));
}

export default command;
