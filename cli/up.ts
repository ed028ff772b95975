import { adviceOn } from "../association/index.ts";
import { ensureBaseImages } from "./base-images.ts";
import { type Command, stackFlags, type Typed } from "./command.ts";
import { readInventory, readSettings } from "./declared.ts";
import { findLost, forgetLost, refuseEmptied } from "./drift.ts";
import { operate, takeUp } from "./operate.ts";
import { preflight } from "./preflight.ts";
import { describeChanges } from "./progress.ts";
import { keepEscrow } from "./recovery/keep-escrow.ts";
import { describeRestoring, unfinishedRestores } from "./recovery/restoring.ts";
import { Refusal } from "./refusal.ts";
import { say } from "./say.ts";
import { type OpenStack, openStack, settle, stackName } from "./stack.ts";
import { upgradeAtWork } from "./upgrade/hold.ts";
import { unfinished } from "./upgrade/journal.ts";

/** Everything before Pulumi touches anything, from the quickest to the slowest: the declaration, the machines, the CLI. */
export async function prepare({ flags }: Typed): Promise<OpenStack> {
  const name = stackName(flags.stack);
  const declaration = typeof flags.declaration === "string" ? flags.declaration : undefined;
  const settings = readSettings(name);
  const inventory = await readInventory(name, { ...settings, ...(declaration === undefined ? {} : { declaration }) });
  const problems = await preflight(inventory);
  if (problems.length > 0) throw new Refusal(problems);
  for (const sentence of adviceOn(inventory)) say.warn(sentence);
  refuseHalfUpgraded(name);
  for (const one of unfinishedRestores(name)) for (const line of describeRestoring(one)) say.warn(line);
  const open = await openStack(name, true);
  await settle(open, declaration);
  return open;
}

/** @throws {Refusal} where an interrupted upgrade has to be finished, or undone, first */
function refuseHalfUpgraded(stack: string): void {
  const halves = unfinished(stack);
  if (halves.length === 0) return;
  const pid = upgradeAtWork(stack);
  if (pid !== undefined)
    throw new Refusal({
      what: `${halves.map(({ service }) => service).join(", ")} is being upgraded: process ${pid}`,
      fix: "Wait for its end, then try again",
    });
  throw new Refusal(
    halves.map(({ service, started }) => ({
      what: `The upgrade of ${service} begun on ${started.slice(0, 16)}Z was interrupted`,
      fix: `npm run upgrade -- ${service} --stack ${stack}   goes on; with --undo, it goes back`,
    })),
  );
}

const command: Command = {
  flags: stackFlags,
  notes: "It can be interrupted and run again at any time: it goes on from where it was.",
  async run(typed) {
    const started = Date.now();
    const open = await prepare(typed);
    const { name } = open.stack;
    const inventory = await readInventory(name, readSettings(name));
    await takeUp(open);
    const lost = await findLost(open);
    const emptied = refuseEmptied(lost, inventory, name);
    await forgetLost(open, lost);
    await ensureBaseImages();
    say.step(`Bringing ${open.stack.name} up`);
    const { result, progress } = await operate(open, (handles) => open.stack.up(handles));
    const seconds = Math.round((Date.now() - started) / 1000);
    say.good(`${open.stack.name} is up: ${describeChanges(progress.changes())}, in ${seconds} s`);
    await keepEscrow(open);
    for (const service of emptied) {
      say.warn(
        `${service} has lost data, and runs without it. Its snapshots, the youngest that is not empty being the one to take:`,
      );
      say.line(`  npm run restore -- --stack ${name} --service ${service}`);
    }
    show(result.outputs.urls?.value, result.outputs.passwords?.value);
  },
};

/** Where to go now. Passwords are read for the logins alone. */
function show(urls: unknown, passwords: unknown): void {
  const places = Object.entries((urls ?? {}) as Record<string, string>);
  const width = Math.max(0, ...places.map(([label]) => label.length));
  for (const [label, url] of places) say.result(`  ${label.padEnd(width)}  ${url}`);
  const [login] = Object.keys((passwords ?? {}) as Record<string, string>);
  if (login)
    say.line(
      `Sign in as ${login}: npm run password -- ${login}   shows the first password; without a name, who has one`,
    );
}

export default command;
