import { operate, takeUp } from "../operate.ts";
import { findPlanted } from "../prove/plant.ts";
import { Refusal } from "../refusal.ts";
import { say } from "../say.ts";
import type { OpenStack } from "../stack.ts";
import { container, keepVolumes, putBack, sinceKept } from "./data.ts";
import { forgetPrepared, setEdition } from "./editions.ts";
import { type Journal, keepJournal } from "./journal.ts";
import { holdingsOf, losses, rewritten } from "./losses.ts";
import type { Place } from "./place.ts";
import { previewOf } from "./plan.ts";
import { checksOf, type Verdict } from "./soak.ts";
import { soak } from "./watch.ts";

/** What shells give for a program that Ctrl-C ended, as `operate` does. */
const INTERRUPTED = 130;
/** From here on, whatever happens ends in one of two states: the new version kept, or the old one back. */
export async function apply(place: Place, open: OpenStack, journal: Journal): Promise<number> {
  const { service, saved } = place;
  if (journal.phase === "prepared") {
    say.step(`Stopping ${place.container}`);
    journal.phase = "saved";
    keepJournal(journal);
  }
  if (journal.phase === "saved") {
    await container(place, "stop");
    try {
      if (saved) [journal.snapshots, journal.holdings] = [await keepVolumes(saved), await holdingsOf(saved)];
    } catch (error) {
      // The old version has done nothing wrong: a repository that is full must not keep its service down.
      await container(place, "start");
      forgetPrepared(journal);
      throw error;
    }
    for (const [key, snapshot] of Object.entries(journal.snapshots))
      say.line(`  ${key} is kept in snapshot ${snapshot}`);
    journal.phase = "applying";
    delete journal.previous;
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
  // That somebody else is at work on the stack is not the new version's fault.
  await takeUp(open);
  try {
    await operate(open, (handles) => open.stack.up({ ...handles, target: [...journal.targets] }));
  } catch (error) {
    if (!(error instanceof Refusal) || error.exitCode === INTERRUPTED) throw error;
    return { ok: false, because: error.problems.map(({ what }) => what).join("; ") };
  }
  const checks = checksOf(place.inventory, service.id).filter((check) => !journal.failingBefore.includes(check));
  const verdict = await soak(place, checks);
  if (!verdict.ok) return verdict;
  const kept = await holdsFiles(place, journal);
  const held = kept.ok ? await holdsPlanted(place, journal) : kept;
  if (held.ok) await tellRewritten(place, journal);
  return held;
}

/** A value that was planted tells nothing of the pages of ten years. */
async function tellRewritten({ service, saved }: Place, { snapshots, stack }: Journal): Promise<void> {
  if (!saved) return;
  let found: Awaited<ReturnType<typeof sinceKept>>;
  try {
    found = await sinceKept(saved, stack, snapshots);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say.warn(`What became of its files is not known: ${error.problems[0]?.what}`);
    return;
  }
  const told = found.flatMap(({ key, base, back }) => rewritten(key, base, back) ?? []);
  for (const { said, much } of told) (much ? say.warn : say.line)(`  ${said}`);
  if (told.some(({ much }) => much))
    say.line(
      `  Look at some of them. If they are not as they should be: npm run upgrade -- ${service.id} --stack ${stack} --undo --with-data`,
    );
}

/** Nor do they count files. */
async function holdsFiles({ service, saved }: Place, { holdings, stack }: Journal): Promise<Verdict> {
  if (!saved || holdings === undefined) return { ok: true };
  const { folders, volumes } = losses(holdings, await holdingsOf(saved));
  if (volumes.length > 0) return { ok: false, because: `it emptied what it was given: ${volumes.join("; ")}` };
  for (const one of folders)
    say.warn(
      `${one}. If that is not as it should be: npm run upgrade -- ${service.id} --stack ${stack} --undo --with-data`,
    );
  return { ok: true };
}

/** Checks tell that a version works, not that it kept what it was given. */
async function holdsPlanted({ saved }: Place, { canary }: Journal): Promise<Verdict> {
  if (!saved || canary === undefined) return { ok: true };
  const { code, stdout, stderr } = await findPlanted(saved, canary);
  if (code === 0) return { ok: true };
  return { ok: false, because: `it lost what was planted before it: ${(stderr || stdout).trim().slice(-200)}` };
}

/** Image and data as they were before. */
export async function goBack(
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
