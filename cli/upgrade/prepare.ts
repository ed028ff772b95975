import { confirm } from "../confirm.ts";
import { plant } from "../prove/plant.ts";
import type { Saved } from "../recovery/subject.ts";
import { Refusal } from "../refusal.ts";
import { run } from "../run.ts";
import { say } from "../say.ts";
import type { OpenStack } from "../stack.ts";
import { updatesFor } from "./candidates.ts";
import { saveNow } from "./data.ts";
import { describeDifference, differences, packagesOf, statusOf } from "./installed.ts";
import type { Journal } from "./journal.ts";
import type { Place } from "./place.ts";
import { previewOf } from "./plan.ts";
import { checksOf } from "./soak.ts";
import { look } from "./watch.ts";

/** Whether Debian has anything newer for an image, each told by name. Where it cannot be asked, packages stay as they are. */
export async function hasUpdates(engine: string, image: string): Promise<boolean> {
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

/** Everything that can be done while the old version runs. Undefined where there is nothing newer. */
export async function prepare(
  place: Place,
  open: OpenStack,
  journal: Journal,
  yes: boolean,
): Promise<Journal | undefined> {
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
  const canary = saved && (await plantIn(saved));
  if (saved) {
    say.step("Taking a fresh backup");
    await saveNow(saved);
  }
  return {
    ...journal,
    after: { edition: journal.after.edition, image: name },
    targets: plan.targets,
    failingBefore: failingBefore.map(([check]) => check),
    ...(canary === undefined ? {} : { canary }),
  };
}

/** A value for the new version to find. A service that cannot take one may well be upgraded to be mended. */
async function plantIn(saved: Saved): Promise<string | undefined> {
  try {
    return (await plant(saved)).at(-1)?.value;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say.warn(`${error.problems[0]?.what}: the new version will not be asked for it`);
    return undefined;
  }
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
