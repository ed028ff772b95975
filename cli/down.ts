import { type Command, stackFlags } from "./command.ts";
import { confirm } from "./confirm.ts";
import { findLost, forgetLost } from "./drift.ts";
import { readyEngine, thisMachine } from "./engine.ts";
import { operate, takeUp } from "./operate.ts";
import { describeChanges } from "./progress.ts";
import { forgetRestoring, unfinishedRestores } from "./recovery/restoring.ts";
import { Refusal } from "./refusal.ts";
import { say } from "./say.ts";
import { type OpenStack, openStack, stackName } from "./stack.ts";
import { nameOf } from "./things.ts";

const command: Command = {
  flags: {
    stack: stackFlags.stack,
    "delete-data": { type: "boolean", help: "remove the volumes too, for ever; asks for the stack's name" },
    "yes-delete-data": {
      type: "string",
      value: "NAME",
      help: "the same without asking, where no one can answer; NAME is the stack's",
    },
  },
  notes: "Volumes are kept unless told: `npm run up` finds them again.",
  async run({ flags }) {
    const name = stackName(flags.stack);
    const deleteData = await confirmed(name, flags["delete-data"] === true, flags["yes-delete-data"]);
    const problem = await readyEngine(await thisMachine());
    if (problem) throw new Refusal(problem);
    const open = await openStack(name, false);

    await takeUp(open);
    await forgetLost(open, await findLost(open));
    say.step(`Taking ${name} down${deleteData ? ", data included" : ""}`);
    const { progress } = await operate(open, async (handles) => {
      if (deleteData) await unprotect(open);
      return open.stack.destroy({ ...handles, excludeProtected: !deleteData });
    });
    if (deleteData) for (const one of unfinishedRestores(name)) forgetRestoring(one);
    say.good(`${name} is down: ${describeChanges(progress.changes())}`);
    const kept = await keptVolumes(open);
    if (kept.length > 0)
      say.line(`Kept, with the data: ${kept.join(", ")}. npm run down -- --delete-data removes it for ever`);
  },
};

/** Whether data is to be deleted, which only the stack's own name can say. */
async function confirmed(stack: string, asked: boolean, typed: unknown): Promise<boolean> {
  if (typed !== undefined) {
    if (typed === stack) return true;
    throw new Refusal({
      what: `"${String(typed)}" is not the stack's name: nothing was touched`,
      fix: `--yes-delete-data ${stack}`,
    });
  }
  if (!asked) return false;
  say.warn(`This deletes all data of ${stack} for ever: pages, files, backups`);
  await confirm(stack, false, `--yes-delete-data ${stack}`);
  return true;
}

/** Lifts the protection of every resource, which `destroy` would refuse to delete. */
async function unprotect({ stack }: OpenStack): Promise<void> {
  const exported = await stack.exportStack();
  const resources = ((exported.deployment as { resources?: { protect?: boolean }[] }).resources ?? []).map(
    ({ protect: _, ...resource }) => resource,
  );
  await stack.importStack({ ...exported, deployment: { ...(exported.deployment as object), resources } });
}

async function keptVolumes({ stack }: OpenStack): Promise<string[]> {
  const { deployment } = await stack.exportStack();
  const resources =
    (deployment as { resources?: { urn: string; type: string; outputs?: { name?: string } }[] }).resources ?? [];
  return resources
    .filter(({ type }) => type === "docker:index/volume:Volume")
    .map(({ type, urn, outputs }) => outputs?.name ?? nameOf(type, urn).name);
}

export default command;
