import type { Inventory, InventoryService } from "../association/index.ts";
import { type Command, stackFlags, suggestion } from "./command.ts";
import { confirm } from "./confirm.ts";
import { readInventory, readSettings } from "./declared.ts";
import { operate } from "./operate.ts";
import { engineOf } from "./recovery/agent.ts";
import { type Saved, savedService } from "./recovery/subject.ts";
import { Refusal } from "./refusal.ts";
import { run } from "./run.ts";
import { say } from "./say.ts";
import { type OpenStack, openStack, stackName } from "./stack.ts";
import { updatesFor } from "./upgrade/candidates.ts";
import { container, keepVolumes, putBack, refuseStale, saveNow } from "./upgrade/data.ts";
import { forbidden } from "./upgrade/decide.ts";
import { editionsOf, setEdition } from "./upgrade/editions.ts";
import { describeDifference, differences, packagesOf, statusOf } from "./upgrade/installed.ts";
import { forgetJournal, isOver, type Journal, keepJournal, readJournal } from "./upgrade/journal.ts";
import { currentImage, previewOf } from "./upgrade/plan.ts";
import { checksOf, containerTrouble, lookoutOf, probe, type Sample, Soak, type Verdict } from "./upgrade/soak.ts";

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
    const journal = readJournal(stack, name);
    if (flags.undo === true) return undo(place, journal, stack, flags["with-data"] === true, flags.yes === true);
    if (journal && !isOver(journal)) return resume(place, journal, flags.yes === true);
    const problem = forbidden(name, place.service.upgrades.decision, stack, new Date().toISOString().slice(0, 10));
    if (problem) throw new Refusal(problem);
    return begin(place, stack, flags.yes === true);
  },
};

/** A service of ours, where it runs, and who keeps its data. */
interface Place {
  readonly inventory: Inventory;
  readonly service: InventoryService;
  readonly engine: string;
  readonly container: string;
  /** Undefined where nothing of it is saved. */
  readonly saved: Saved | undefined;
}

function placeOf(name: string, inventory: Inventory): Place {
  const { services, hosts } = inventory;
  const service = Object.hasOwn(services, name) ? services[name] : undefined;
  const ours = Object.values(services).filter(({ delivery }) => delivery.by === "us");
  if (service === undefined)
    throw new Refusal({
      what: `There is no service "${name}"${suggestion(name, Object.keys(services))}`,
      fix: `Services that we run: ${ours.map(({ id }) => id).join(", ")}`,
    });
  if (service.delivery.by !== "us" || service.container === undefined)
    throw new Refusal({
      what: `We do not run ${name}: there is nothing for us to upgrade`,
      fix: `Services that we run: ${ours.map(({ id }) => id).join(", ")}`,
    });
  const saved = "none" in service.backup ? undefined : savedService(name, inventory);
  return {
    inventory,
    service,
    engine: engineOf(hosts[service.delivery.host]!.engine),
    container: service.container,
    saved: saved && saved.volumes.length > 0 ? saved : undefined,
  };
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
  const before = { edition: editionsOf(stack)[id] ?? {}, image: await currentImage(open, id) };
  // Packages are as of another moment only where that makes a difference: otherwise nothing of them is built again.
  const packages = (await hasUpdates(engine, before.image)) ? asOfNow() : before.edition.packages;
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
  };
  keepJournal(journal);
  let prepared: Journal | undefined;
  try {
    setEdition(stack, id, journal.after.edition);
    prepared = await prepare(place, open, journal, yes);
  } finally {
    if (prepared === undefined) forgetPrepared(journal);
  }
  return prepared === undefined ? 0 : apply(place, open, prepared);
}

/** Whether Debian has anything newer for an image, each told by name. Where it cannot be asked, packages stay as they are. */
async function hasUpdates(engine: string, image: string): Promise<boolean> {
  try {
    const { image: updates = [] } = await updatesFor(engine, { image: await statusOf(engine, image) });
    if (updates.length > 0) say.line(`Debian has newer: ${updates.map((one) => one.package).join(", ")}`);
    return updates.length > 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say.warn(`${error.problems[0]?.what}: its packages stay as they are`);
    return false;
  }
}

/** Puts the configuration back as it was: nothing else was done yet. */
function forgetPrepared({ stack, service, before }: Journal): void {
  setEdition(stack, service, before.edition);
  forgetJournal(stack, service);
}

/** Everything that can be done while the old version runs. Undefined where there is nothing newer. */
async function prepare(place: Place, open: OpenStack, journal: Journal, yes: boolean): Promise<Journal | undefined> {
  const { service, engine, saved } = place;
  const { id } = service;
  const { before } = journal;
  say.step(`Looking at what would change for ${id}`);
  const plan = await previewOf(open, id);
  if (plan.image?.context === undefined)
    throw new Refusal({ what: `${id} builds no image of its own`, fix: "npm run up   brings it up to date" });
  const { name, context } = plan.image;
  if (plan.changes.length === 0) {
    say.good(`${id} has the newest version already: nothing to do`);
    return undefined;
  }
  say.step(`Building ${name}; the version in use goes on meanwhile`);
  await build(engine, name, context);
  const changed = differences(await packagesOf(engine, before.image), await packagesOf(engine, name));
  if (sourcesOf(before.image) !== sourcesOf(name))
    say.line("  our own part of it (Dockerfile, files, npm packages) changes");
  for (const difference of changed) say.line(`  ${describeDifference(difference)}`);
  for (const change of plan.changes) say.line(`  ${change}`);
  if (plan.others.length > 0) say.line(`  ${plan.others.length} changes of other services wait for \`up\``);
  const failingBefore = Object.entries(await look(place, checksOf(place.inventory, id)));
  for (const [check, why] of failingBefore)
    say.warn(`${check} fails already (${why}): it will not be held against the new version`);
  await confirm(id, yes);
  if (saved) {
    say.step("Taking a fresh backup");
    await saveNow(saved);
  }
  return {
    ...journal,
    after: { edition: journal.after.edition, image: name },
    targets: plan.targets,
    failingBefore: failingBefore.map(([check]) => check),
  };
}

/** The part of an image's name that tells what it is built from, the moment of its packages left out. */
const sourcesOf = (image: string): string => image.replace(/(:[0-9a-f]{12})-\w+$/, "$1");

async function build(engine: string, name: string, context: string): Promise<void> {
  const began = Date.now();
  const ticker = setInterval(() => say.line(`  … ${Math.round((Date.now() - began) / 1000)} s`), 15_000);
  const { code, stdout, stderr } = await run("docker", ["--host", engine, "build", "--tag", name, context]);
  clearInterval(ticker);
  if (code === 0) return;
  throw new Refusal({
    what: `The new version of ${name.split(":")[0]} cannot be built. Nothing was touched`,
    fix: (stderr.trim() || stdout.trim()).split("\n").slice(-12).join("\n"),
  });
}

/** From here on, whatever happens ends in one of two states: the new version kept, or the old one back. */
async function apply(place: Place, open: OpenStack, journal: Journal): Promise<number> {
  const { service, saved } = place;
  if (journal.phase === "prepared") {
    say.step(`Stopping ${place.container}`);
    journal.phase = "saved";
    keepJournal(journal);
  }
  if (journal.phase === "saved") {
    await container(place, "stop");
    if (saved) journal.snapshots = await keepVolumes(saved);
    for (const [key, snapshot] of Object.entries(journal.snapshots))
      say.line(`  ${key} is kept in snapshot ${snapshot}`);
    journal.phase = "applying";
    keepJournal(journal);
  }
  const verdict = await bringUp(place, open, journal);
  if (!verdict.ok) return goBack(place, open, journal, verdict.because);
  journal.phase = "kept";
  keepJournal(journal);
  say.good(`${service.id} is upgraded: ${journal.after.image}`);
  say.line(`  to go back: npm run upgrade -- ${service.id} --stack ${journal.stack} --undo`);
  return 0;
}

async function bringUp(place: Place, open: OpenStack, journal: Journal): Promise<Verdict> {
  const { service } = place;
  say.step(`Bringing the new version of ${service.id} up`);
  try {
    await operate(open, (handles) => open.stack.up({ ...handles, target: [...journal.targets] }));
  } catch (error) {
    if (!(error instanceof Refusal) || error.exitCode === INTERRUPTED) throw error;
    return { ok: false, because: error.problems.map(({ what }) => what).join("; ") };
  }
  const checks = checksOf(place.inventory, service.id).filter((check) => !journal.failingBefore.includes(check));
  return soak(place, checks);
}

/** What shells give for a program that Ctrl-C ended, as `operate` does. */
const INTERRUPTED = 130;
const LOOK_EVERY = 3_000;
/** How long checks may take to see a new version, which is healthy by its own word: its start and migrations are over. */
const START_MS = 45_000;

async function soak(place: Place, checks: readonly string[]): Promise<Verdict> {
  const { soak: seconds } = place.service.upgrades;
  say.step(`Watching ${checks.length} checks for ${seconds} s`);
  const judge = new Soak({ start: START_MS, soak: seconds * 1000 }, Date.now());
  let told = 0;
  for (;;) {
    const sample = await look(place, checks);
    const verdict = judge.take(sample, Date.now());
    if (verdict) return verdict;
    if (Date.now() - told > 15_000) {
      told = Date.now();
      const wrong = Object.keys(sample);
      say.line(
        wrong.length > 0
          ? `  waiting for ${wrong.join(", ")}`
          : `  all well for ${Math.round(judge.lasted(told) / 1000)} s`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
}

/** One look at the container and at the checks. */
async function look({ inventory, service, engine, container: own }: Place, checks: readonly string[]): Promise<Sample> {
  const trouble = await containerTrouble({ engine, container: own });
  const lookout = lookoutOf(inventory, engineOf);
  const sample = lookout && checks.length > 0 ? await probe(lookout, checks) : {};
  return trouble === undefined ? sample : { ...sample, [service.id]: trouble };
}

/** Image and data as they were before. */
async function goBack(
  place: Place,
  open: OpenStack,
  journal: Journal,
  because: string,
  withData = true,
): Promise<number> {
  const { service, saved } = place;
  const { id } = service;
  say.bad(`${id} goes back: ${because}`);
  journal.phase = "undoing";
  journal.because = because;
  keepJournal(journal);
  await container(place, "stop");
  if (saved && withData) await putBack(saved, journal.stack, journal.snapshots);
  setEdition(journal.stack, id, {
    ...(journal.before.edition.packages === undefined ? {} : { packages: journal.before.edition.packages }),
    hold: journal.before.image,
    because: `${journal.started.slice(0, 16)}Z ${because}`.slice(0, 300),
  });
  say.step(`Bringing ${journal.before.image} back`);
  const plan = await previewOf(open, id);
  await operate(open, (handles) => open.stack.up({ ...handles, target: [...plan.targets] }));
  // Stopped by us, and the same as before: Pulumi has nothing to do about it.
  await container(place, "start");
  const checks = checksOf(place.inventory, id).filter((check) => !journal.failingBefore.includes(check));
  const verdict = await soak({ ...place, service: { ...service, upgrades: { ...service.upgrades, soak: 6 } } }, checks);
  journal.phase = "undone";
  keepJournal(journal);
  if (!verdict.ok)
    throw new Refusal({
      what: `${id} is back on ${journal.before.image}, and still not well: ${verdict.because}`,
      fix: `Its runbook helps on. The data before the upgrade is in ${Object.values(journal.snapshots).join(", ") || "no snapshot"}`,
    });
  say.good(`${id} is back on ${journal.before.image}${saved && withData ? ", with the data it had" : ""}`);
  say.line(`  it stays there until \`npm run upgrade -- ${id} --stack ${journal.stack}\` is asked for again`);
  return 1;
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
