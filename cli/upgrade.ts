import { type Command, stackFlags, type Typed } from "./command.ts";
import { confirm } from "./confirm.ts";
import { readInventory, readSettings } from "./declared.ts";
import { takeUp } from "./operate.ts";
import { Refusal } from "./refusal.ts";
import { say } from "./say.ts";
import { openStack, stackName } from "./stack.ts";
import { apply, goBack } from "./upgrade/apply.ts";
import { refuseStale } from "./upgrade/data.ts";
import { forbidden } from "./upgrade/decide.ts";
import { editionsOf, forgetPrepared, setEdition } from "./upgrade/editions.ts";
import { holdUpgrade, tellWhenStopped } from "./upgrade/hold.ts";
import { isOver, type Journal, keepJournal, readJournal, without } from "./upgrade/journal.ts";
import { type Place, placeOf } from "./upgrade/place.ts";
import { currentImage } from "./upgrade/plan.ts";
import { hasUpdates, prepare } from "./upgrade/prepare.ts";

const command: Command = {
  words: { usage: "SERVICE", min: 1, max: 1 },
  flags: {
    stack: stackFlags.stack,
    undo: { type: "boolean", help: "goes back to the version before the last upgrade" },
    "with-data": { type: "boolean", help: "with --undo, after an upgrade that was kept: its data goes back too" },
    yes: { type: "boolean", help: "goes on without asking" },
  },
  notes: [
    "What the checkout has for the service, on the newest Debian packages:",
    "  refuses on a stale backup → fresh backup → preview → your word → service stopped, its data kept → new version",
    "  → every check for the declared time (services.SERVICE.upgrades.soak); on failure image and data go back by themselves.",
    "The image before is kept, so that going back needs no network. A version that had to go back stays away from `up`",
    "until `upgrade` is asked for again. Interrupted, the same command goes on from where it was.",
  ].join("\n"),
  async run({ flags, words: [name = ""] }) {
    const stack = stackName(flags.stack);
    const inventory = await readInventory(stack, readSettings(stack));
    const place = placeOf(name, inventory);
    if (flags["with-data"] === true && flags.undo !== true)
      throw new Refusal({ what: "--with-data goes with --undo", fix: `npm run upgrade -- ${name} --undo --with-data` });
    const release = holdUpgrade(stack);
    const quiet = tellWhenStopped(stack, name);
    try {
      return await upgrade(place, stack, flags);
    } finally {
      quiet();
      release();
    }
  },
};

async function upgrade(place: Place, stack: string, flags: Typed["flags"]): Promise<number> {
  const { id } = place.service;
  const journal = readJournal(stack, id);
  if (flags.undo === true) return undo(place, journal, stack, flags["with-data"] === true, flags.yes === true);
  if (journal && !isOver(journal)) return resume(place, journal, flags.yes === true);
  const problem = forbidden(id, place.service.upgrades.decision, stack, new Date().toISOString().slice(0, 10));
  if (problem) throw new Refusal(problem);
  return begin(place, stack, flags.yes === true);
}

/** As of now, to the minute. */
const asOfNow = (): string => `${new Date().toISOString().slice(0, 16)}Z`;

async function begin(place: Place, stack: string, yes: boolean): Promise<number> {
  const { service, saved, engine } = place;
  const { id } = service;
  if (saved) await refuseStale(saved, stack);
  else
    say.warn(
      `Nothing of ${id} is saved (${"none" in service.backup ? service.backup.none : "it keeps no data"}): only its image can go back`,
    );
  const open = await openStack(stack, false);
  await takeUp(open);
  const before = { edition: editionsOf(stack)[id] ?? {}, image: await currentImage(open, id) };
  // Packages are as of another moment only where that makes a difference: otherwise nothing of them is built again.
  const packages = (await hasUpdates(engine, before.image)) ? asOfNow() : before.edition.packages;
  const last = readJournal(stack, id);
  const journal: Journal = {
    version: 1,
    stack,
    service: id,
    started: new Date().toISOString(),
    phase: "prepared",
    before,
    after: { edition: packages === undefined ? {} : { packages }, image: "" },
    targets: [],
    snapshots: {},
    failingBefore: [],
    ...(last ? { previous: without(last) } : {}),
  };
  keepJournal(journal);
  let prepared: Journal | undefined;
  try {
    setEdition(stack, id, journal.after.edition);
    const ready = await prepare(place, open, journal, yes);
    // Once more before the service is stopped: what is at work on the stack now would fail the new version.
    if (ready !== undefined) await takeUp(open);
    prepared = ready;
  } finally {
    if (prepared === undefined) forgetPrepared(journal);
  }
  return prepared === undefined ? 0 : apply(place, open, prepared);
}

/** Takes an interrupted upgrade up again. */
async function resume(place: Place, journal: Journal, yes: boolean): Promise<number> {
  const { id } = place.service;
  if (journal.phase === "prepared") {
    say.line(`An upgrade of ${id} was interrupted before anything was done: from the start`);
    forgetPrepared(journal);
    return begin(place, journal.stack, yes);
  }
  say.warn(`The upgrade of ${id} begun on ${journal.started.slice(0, 16)}Z was interrupted: going on`);
  const open = await openStack(journal.stack, false);
  if (journal.phase === "undoing") return goBack(place, open, journal, journal.because ?? "interrupted");
  return apply(place, open, journal);
}

async function undo(
  place: Place,
  journal: Journal | undefined,
  stack: string,
  withData: boolean,
  yes: boolean,
): Promise<number> {
  const { id } = place.service;
  if (journal === undefined || journal.phase === "undone")
    throw new Refusal({
      what: journal ? `The last upgrade of ${id} has gone back already` : `${id} was never upgraded on ${stack}`,
      fix: "npm run versions   shows what runs",
    });
  if (journal.phase === "prepared") {
    forgetPrepared(journal);
    say.good("It was interrupted before anything was done: nothing to undo");
    return 0;
  }
  const kept = journal.phase === "kept";
  const data = !kept || withData;
  say.step(`${id} would go back to ${journal.before.image}, from before ${journal.started.slice(0, 16)}Z`);
  say.line(data ? "  its data too: what was written since is lost" : "  its data stays as it is now");
  await confirm(id, yes);
  const code = await goBack(place, await openStack(stack, false), journal, "undone by hand", data);
  return code === 1 ? 0 : code;
}

export default command;
