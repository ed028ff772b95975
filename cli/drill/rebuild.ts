import type { Inventory } from "../../association/index.ts";
import type { Saved } from "../recovery/subject.ts";
import { Refusal } from "../refusal.ts";
import { run } from "../run.ts";
import { say } from "../say.ts";
import { askLookout, ownChecks, readStanding } from "./checks.ts";
import type { Report } from "./report.ts";
import { type Copy, latest, loadRepository, restoreVolume, snapshots } from "./repository.ts";
import { keepState, type State } from "./state.ts";
import { announce } from "./steps.ts";

const since = (iso: string, until = Date.now()): number => Math.max(0, Math.round((until - Date.parse(iso)) / 1000));

export async function makeVolume(engine: string, name: string): Promise<void> {
  const { code, stderr } = await run("docker", ["--host", engine, "volume", "create", name]);
  if (code !== 0)
    throw new Refusal({ what: `Volume ${name} cannot be made: ${stderr.trim()}`, fix: `docker --host ${engine} info` });
}

/** Brings the repository, then every volume back, before any service starts; goes on where it was. */
export async function bringDataBack(
  folder: string,
  copy: Copy,
  saved: readonly Saved[],
  stack: string,
  state: State,
): Promise<void> {
  if (!state.loaded) {
    say.step(announce("load"));
    await makeVolume(copy.engine, copy.volume);
    await loadRepository(folder, copy);
    state.loaded = true;
    keepState(stack, state);
  }
  say.step(announce("restore"));
  const found = await snapshots(copy);
  const wanted = saved.flatMap((one) => one.volumes.map((volume) => ({ ...one, volume })));
  const lost = wanted.filter(({ service, volume }) => latest(found, service.id, volume) === undefined);
  if (lost.length > 0)
    throw new Refusal({
      what: `The copy has no snapshot of ${lost.map(({ service, volume }) => `${service.id}/${volume.key}`).join(", ")}`,
      fix: "Copy the repository again, or take a snapshot first: npm run backup",
    });
  for (const { service, backup, volume } of wanted) {
    if (state.volumes.some((done) => done.service === service.id && done.volume === volume.key)) continue;
    const snapshot = latest(found, service.id, volume)!;
    await makeVolume(copy.engine, volume.name);
    const restored = await restoreVolume(copy, snapshot, volume.name);
    state.volumes.push({
      service: service.id,
      volume: volume.key,
      snapshot: snapshot.id.slice(0, 8),
      taken: snapshot.time,
      rpoSeconds: since(snapshot.time, Date.parse(state.started)),
      rpoGoalSeconds: backup.rpo,
      ...restored,
    });
    keepState(stack, state);
    say.good(
      `${service.id}/${volume.key}: ${restored.files} files back, and as they were on ${snapshot.time.slice(0, 19)}`,
    );
  }
}

/** How often the rebuilt lookout is asked, and how long its checks may take to hold, in milliseconds. */
const ASK_EVERY = 2_000;
const PATIENCE = 5 * 60_000;

/** Waits until every check of our own services holds, or patience ends. */
export async function awaitChecks(engine: string, inventory: Inventory, state: State): Promise<Report["services"]> {
  const lookout = Object.values(inventory.services).find(({ provides }) => provides.includes("lookout"));
  const port = lookout?.ports.http?.container;
  if (lookout?.container === undefined || port === undefined)
    throw new Refusal({ what: "The declaration has no lookout to ask", fix: "Declare a service of kind exporter" });
  const wanted = ownChecks(inventory);
  const back = new Map<string, number>();
  const limit = Date.now() + PATIENCE;
  say.step(`${announce("check")}: ${wanted.length} of them`);
  let standing: ReturnType<typeof readStanding> = {};
  for (;;) {
    const metrics = await askLookout(engine, lookout.container, port);
    if (metrics !== undefined) standing = readStanding(metrics, wanted);
    for (const { id, delivery, checks } of Object.values(inventory.services)) {
      if (delivery.by !== "us" || !checks.every((check) => standing[check])) back.delete(id);
      else if (!back.has(id)) {
        back.set(id, since(state.started));
        say.good(`${id} is back`);
      }
    }
    if (wanted.every((id) => standing[id]) || Date.now() > limit) break;
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
  }
  return Object.values(inventory.services)
    .filter(({ delivery }) => delivery.by === "us")
    .map(({ id, checks, backup }) => ({
      service: id,
      rtoSeconds: back.get(id) ?? null,
      rtoGoalSeconds: "none" in backup ? null : backup.rto,
      failing: checks.filter((check) => !standing[check]),
    }));
}
