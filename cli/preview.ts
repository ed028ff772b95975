import type { EngineEvent, StepEventMetadata } from "@pulumi/pulumi/automation/index.js";
import { describeHandOvers, readHolders } from "../association/index.ts";
import { type Command, stackFlags } from "./command.ts";
import { readDeclared, readSettings } from "./declared.ts";
import { describeLost, findLost } from "./drift.ts";
import { asRefusal } from "./operate.ts";
import { describeChanges, startProgress, terminal } from "./progress.ts";
import { say } from "./say.ts";
import type { OpenStack } from "./stack.ts";
import { ABSTRACT, nameOf } from "./things.ts";
import { prepare } from "./up.ts";

/** What `up` would do, by Pulumi's name for it. A replacement is told once, not by its steps. */
const WOULD: Record<string, string> = { create: "make", update: "change", replace: "replace", delete: "remove" };

/** One line of a preview; undefined for what stays the same or stands for nothing on an engine. */
export function describePlan({ type, urn, op, diffs = [] }: PlannedStep): string | undefined {
  const verb = WOULD[op];
  if (verb === undefined || ABSTRACT.test(type)) return undefined;
  const { noun, name } = nameOf(type, urn);
  return `would ${verb} ${noun} ${name}${diffs.length > 0 ? ` (${diffs.join(", ")})` : ""}`;
}

/** What is gone is not replaced but made. Pure. */
export const made = (step: PlannedStep, gone: ReadonlySet<string>): PlannedStep =>
  step.op === "replace" && gone.has(step.urn) ? { ...step, op: "create", diffs: [] } : step;

export type PlannedStep = Pick<StepEventMetadata, "type" | "urn" | "op" | "diffs">;

/** Roles that change hands between what is up and what is declared, in words. */
async function handOvers(stack: OpenStack["stack"]): Promise<string[]> {
  const { holders } = await stack.outputs();
  const { inventory, people } = await readDeclared(stack.name, readSettings(stack.name));
  return describeHandOvers(readHolders(holders?.value), inventory, people);
}

const command: Command = {
  flags: stackFlags,
  notes: "npm run pulumi -- preview --diff   shows every value, secrets hidden.",
  async run(typed) {
    const { stack } = await prepare(typed);
    const lost = await findLost({ stack });
    if (lost.length > 0) say.warn(`Gone from the engine, and made again by \`up\`: ${describeLost(lost)}`);
    for (const line of await handOvers(stack)) say.result(line);
    // Only what fails matters here: nothing takes time.
    const progress = startProgress({ ...terminal(), write: () => {} });
    const planned: Record<string, number> = {};
    // Pulumi asks no engine before it plans, and plans no replacement of a volume, which is protected.
    const volumes = lost.filter(({ noun }) => noun === "volume");
    for (const { noun, name } of volumes) say.result(`would make ${noun} ${name}`);
    if (volumes.length > 0) planned.create = volumes.length;
    const gone = new Set(lost.flatMap((one) => (volumes.includes(one) ? [] : [one.urn])));
    const onEvent = (event: EngineEvent) => {
      progress.onEvent(event);
      const step = event.resourcePreEvent && made(event.resourcePreEvent.metadata, gone);
      const line = step && describePlan(step);
      if (line === undefined) return;
      say.result(line);
      planned[step!.op] = (planned[step!.op] ?? 0) + 1;
    };
    try {
      await stack.preview({ onEvent, replace: [...gone] });
      say.good(`${stack.name}: ${describeChanges(planned, true)}`);
    } catch (error) {
      throw asRefusal(error, progress.stop(), stack.name);
    } finally {
      progress.stop();
    }
  },
};

export default command;
