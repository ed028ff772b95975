import { engineOf } from "../recovery/agent.ts";
import { say } from "../say.ts";
import type { Place } from "./place.ts";
import { containerTrouble, lookoutOf, probe, type Sample, Soak, type Verdict } from "./soak.ts";

const LOOK_EVERY = 3_000;
/** How long checks may take to see a new version, which is healthy by its own word: its start and migrations are over. */
const START_MS = 45_000;

/** Looks until the new version has held for as long as is declared, or has failed. */
export async function soak(place: Place, checks: readonly string[]): Promise<Verdict> {
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
export async function look(
  { inventory, service, engine, container: own }: Place,
  checks: readonly string[],
): Promise<Sample> {
  const trouble = await containerTrouble({ engine, container: own });
  const lookout = lookoutOf(inventory, engineOf);
  const sample = lookout && checks.length > 0 ? await probe(lookout, checks) : {};
  return trouble === undefined ? sample : { ...sample, [service.id]: trouble };
}
