import { type Command, stackFlags } from "./command.ts";
import { readInventory, readSettings } from "./declared.ts";
import { ROOT } from "./places.ts";
import { expectedAt, type Planted, PROGRAM } from "./prove/canary.ts";
import { compareWithLive } from "./prove/compare.ts";
import { keepCanaries } from "./prove/known.ts";
import { note, plant } from "./prove/plant.ts";
import type { Proof } from "./prove/proof.ts";
import { isClock, isDue, proveTimer, readProof } from "./prove/schedule.ts";
import { Scratch } from "./prove/scratch.ts";
import { type SnapshotSet, setsToProve } from "./prove/sets.ts";
import { askAgent, inspectAgent } from "./recovery/agent.ts";
import { type Snapshot, snapshotsOf } from "./recovery/choose.ts";
import { type Saved, savedService, savedServices } from "./recovery/subject.ts";
import { Refusal } from "./refusal.ts";
import { say } from "./say.ts";
import { stackName } from "./stack.ts";
import { enabling } from "./timer.ts";

const command: Command = {
  flags: {
    stack: stackFlags.stack,
    service: { type: "string", value: "NAME", help: "the service to prove; all of them when left out" },
    due: { type: "boolean", help: "those alone whose policy (`backup.prove`) says that it is time" },
    timer: { type: "boolean", help: "writes the systemd units, and the line of a crontab, that run it every night" },
    at: { type: "string", value: "HH:MM", default: "04:30", help: "with --timer: when" },
  },
  notes: [
    "Plants a value in the service, takes a snapshot, restores it and an older one into scratch volumes, compares",
    "files with the live ones, starts the service on them without a network, waits until it is well, and finds the",
    "value again. Then all of that is removed. The lookout is told, and alerts when it fails or is overdue.",
    "Nothing of the running service is stopped. `--timer` has it run by itself.",
  ].join("\n"),
  async run({ flags }) {
    const stack = stackName(flags.stack);
    const inventory = await readInventory(stack, readSettings(stack));
    if (flags.timer === true) return writeTimer(String(flags.at), stack, inventory.association.timeZone);
    const named =
      typeof flags.service === "string" ? [savedService(flags.service, inventory)] : savedServices(inventory);
    const chosen = flags.due === true ? await due(named) : named;
    if (chosen.length === 0) say.good("Every restore was proven as lately as its policy wants: nothing to do");
    let failed = 0;
    for (const saved of chosen) {
      const proof = await prove(saved, stack, inventory.deployment.prefix);
      if (proof.ok)
        say.good(
          `${proof.service}: ${proof.sets} snapshots restored and started, ${proof.compared} files compared, ${proof.canaries} planted values found, in ${Math.round(proof.seconds)} s`,
        );
      else {
        failed++;
        say.bad(`${proof.service}: ${proof.reason}`);
      }
    }
    if (chosen.length > 0) await keepCanaries(savedServices(inventory), inventory);
    return failed === 0 ? 0 : 1;
  },
};

/** Those whose last proof is too old, or did not hold. */
async function due(all: readonly Saved[]): Promise<Saved[]> {
  const found: Saved[] = [];
  for (const saved of all) {
    const last = readProof((await askAgent(saved, "note", `proof-${saved.service.id}`)).stdout);
    if (isDue(last, saved.backup.prove, Date.now())) found.push(saved);
  }
  return found;
}

function writeTimer(at: string, stack: string, timeZone: string): number {
  if (!isClock(at)) throw new Refusal({ what: `--at ${at} is no time of day`, fix: "--at 04:30" });
  const { units, crontab } = proveTimer(at, { checkout: ROOT, stack, timeZone });
  for (const { path, content } of units) say.result(`# ${path}\n${content}`);
  say.line(enabling("prove"));
  say.line(`Without systemd, by crontab -e:\n  ${crontab}`);
  return 0;
}

/** Proves a service's restore, and has the agent note what was found. */
export async function prove(saved: Saved, stack: string, prefix: string): Promise<Proof> {
  const { id } = saved.service;
  const started = Date.now();
  const tally = { sets: 0, compared: 0, canaries: 0 };
  let reason: string | undefined;
  try {
    say.step(`Proving ${id}`);
    await proveSets(saved, stack, `${prefix}-proof-${id}`, tally);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    reason = error.message.split("\n")[0];
  }
  const proof: Proof = {
    service: id,
    at: new Date().toISOString(),
    ok: reason === undefined,
    ...(reason === undefined ? {} : { reason: reason.slice(0, 500) }),
    seconds: (Date.now() - started) / 1000,
    ...tally,
  };
  await note(saved, `proof-${id}`, proof);
  return proof;
}

async function proveSets(
  saved: Saved,
  stack: string,
  name: string,
  tally: Pick<Proof, "sets" | "compared" | "canaries">,
): Promise<void> {
  const agent = await inspectAgent(saved, stack);
  const planted = await plant(saved);
  const taken = await askAgent(saved, "run", ...saved.volumes.map(({ job }) => job));
  if (taken.code !== 0)
    throw new Refusal({ what: `no snapshot could be taken: ${taken.stdout.trim()}`, fix: "npm run backup" });
  const listed = await askAgent(saved, "list", "--json");
  if (listed.code !== 0)
    throw new Refusal({ what: `snapshots cannot be listed: ${listed.stderr.trim()}`, fix: "npm run backup" });
  const choices = snapshotsOf(saved, JSON.parse(listed.stdout) as Snapshot[]);
  const sets = setsToProve(saved.volumes, choices, Math.random());
  if (sets === undefined) throw new Refusal({ what: "a volume has no snapshot", fix: "npm run backup" });
  for (const set of sets) {
    const scratch = new Scratch(saved, agent, name);
    try {
      tally.compared += await proveSet(saved, scratch, set, planted, tally);
      tally.sets++;
    } finally {
      await scratch.remove();
    }
  }
}

/** @returns how many files were compared with the live ones: of the latest set only, the others have had time to change */
async function proveSet(
  saved: Saved,
  scratch: Scratch,
  { which, choices }: SnapshotSet,
  planted: Planted,
  tally: Pick<Proof, "canaries">,
): Promise<number> {
  let compared = 0;
  for (const choice of choices) {
    await scratch.restore(choice);
    if (which === "latest") compared += await compareWithLive(saved, scratch, choice);
  }
  const seconds = await scratch.start();
  const [{ time, id }] = choices as [(typeof choices)[0]];
  say.line(`  ${which} snapshot ${id} of ${time.slice(0, 16)}: well after ${seconds.toFixed(0)} s`);
  const value = expectedAt(planted, time);
  if (value !== undefined) {
    const { code, stdout, stderr } = await scratch.exec(PROGRAM, "find", value);
    if (code !== 0)
      throw new Refusal({
        what: `the value planted before snapshot ${id} is not in what was restored: ${(stderr + stdout).trim().slice(-300)}`,
        fix: "npm run restore",
      });
    tally.canaries++;
  }
  return compared;
}

export default command;
