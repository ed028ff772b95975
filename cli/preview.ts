import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { type Command, stackFlags } from "./command.ts";
import { asRefusal } from "./operate.ts";
import { describeChanges, startProgress, terminal } from "./progress.ts";
import { say } from "./say.ts";
import { nameOf } from "./things.ts";
import { prepare } from "./up.ts";

/** What `up` would do, by Pulumi's name for it. */
const WOULD: Record<string, string> = {
  create: "make",
  update: "change",
  replace: "replace",
  delete: "remove",
};

/** One line of a preview; undefined for what stays the same or stands for nothing. */
export function describePlan({ resourcePreEvent }: EngineEvent): string | undefined {
  if (resourcePreEvent === undefined) return undefined;
  const { op, type, urn, diffs } = resourcePreEvent.metadata;
  const verb = WOULD[op];
  if (verb === undefined || /^(pulumi:|vigie:)/.test(type)) return undefined;
  const { noun, name } = nameOf(type, urn);
  return `would ${verb} ${noun} ${name}${diffs && diffs.length > 0 ? ` (${diffs.join(", ")})` : ""}`;
}

const command: Command = {
  flags: stackFlags,
  notes: "npm run pulumi -- preview --diff   shows every value, secrets hidden.",
  async run(typed) {
    const { stack } = await prepare(typed);
    // Only what fails matters here: nothing takes time.
    const progress = startProgress({ ...terminal(), write: () => {} });
    const onEvent = (event: EngineEvent) => {
      progress.onEvent(event);
      const line = describePlan(event);
      if (line) say.result(line);
    };
    try {
      const { changeSummary } = await stack.preview({ onEvent });
      say.good(`${stack.name}: ${describeChanges(changeSummary, true)}`);
    } catch (error) {
      throw asRefusal(error, progress.stop(), stack.name);
    } finally {
      progress.stop();
    }
  },
};

export default command;
