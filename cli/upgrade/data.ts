import { askAgent, besideWords, dockerWords, inspectAgent } from "../recovery/agent.ts";
import { type Choice, type Snapshot, snapshotsOf } from "../recovery/choose.ts";
import { previewInPlace, type Want } from "../recovery/in-place.ts";
import { changesSomething, type Preview } from "../recovery/preview.ts";
import type { Saved } from "../recovery/subject.ts";
import { Refusal } from "../refusal.ts";
import { handOver, run } from "../run.ts";
import { say } from "../say.ts";

/** Volumes whose last snapshot on schedule is older than it may be, in words. Pure. */
export function stale(
  saved: Saved,
  choices: readonly Pick<Choice, "volume" | "undo" | "time">[],
  now: number,
): string[] {
  const { rpo } = saved.backup;
  return saved.volumes.flatMap(({ key }) => {
    const last = choices.findLast(({ volume, undo }) => volume.key === key && !undo);
    if (last === undefined) return [`${key} has no snapshot`];
    const age = (now - Date.parse(last.time)) / 1000;
    return age > rpo
      ? [`the last snapshot of ${key} is ${hours(age)} old, and ${hours(rpo)} is the most it may be`]
      : [];
  });
}

const hours = (seconds: number): string =>
  seconds >= 2 * 86_400 ? `${Math.round(seconds / 86_400)} days` : `${Math.round(seconds / 360) / 10} h`;

/** @throws {Refusal} where the backups of a service are not what an upgrade may rely on */
export async function refuseStale(saved: Saved, stack: string): Promise<void> {
  await inspectAgent(saved, stack);
  const old = stale(saved, await choicesOf(saved), Date.now());
  if (old.length > 0)
    throw new Refusal({
      what: `The backup of ${saved.service.id} is stale: ${old.join("; ")}. Nothing was touched`,
      fix: `Find out why no snapshot is taken (docker logs ${saved.agent}), then: npm run backup -- --stack ${stack} --service ${saved.service.id}`,
    });
}

async function choicesOf(saved: Saved): Promise<Choice[]> {
  const { code, stdout, stderr } = await askAgent(saved, "list", "--json");
  if (code !== 0)
    throw new Refusal({
      what: `The snapshots cannot be listed: ${stderr.trim()}. Nothing was touched`,
      fix: `docker logs ${saved.agent}   tells more`,
    });
  return snapshotsOf(saved, JSON.parse(stdout) as Snapshot[]);
}

/** A snapshot of every volume as its jobs take it, dumps included. @throws {Refusal} where one cannot be taken */
export async function saveNow(saved: Saved): Promise<void> {
  const jobs = saved.volumes.map(({ job }) => job);
  if (jobs.length === 0) return;
  const code = await handOver("docker", dockerWords(saved, "exec", saved.agent, "vigie-backup", "run", ...jobs));
  if (code !== 0)
    throw new Refusal({
      what: "No fresh snapshot could be taken. Nothing was touched",
      fix: "The lines above say why",
    });
}

/** Keeps every volume of a stopped service as it is. @returns the snapshots' ids, by the volume's key */
export async function keepVolumes(saved: Saved): Promise<Record<string, string>> {
  const kept: Record<string, string> = {};
  for (const { key, job } of saved.volumes) {
    const { code, stdout, stderr } = await askAgent(saved, "keep", job);
    const id = stdout.trim().split("\n").at(-1) ?? "";
    if (code !== 0 || id === "")
      throw new Refusal({
        what: `${key} could not be kept first: ${stderr.trim()}`,
        fix: "The version before runs on. See to the backup repository first",
      });
    kept[key] = id;
  }
  return kept;
}

/**
 * Makes every volume what its snapshot holds, whatever was written since, and reads it again to see that it is.
 * The service has to be stopped. @throws {Refusal} where something could not be put back
 */
export async function putBack(saved: Saved, stack: string, snapshots: Readonly<Record<string, string>>): Promise<void> {
  const agent = await inspectAgent(saved, stack);
  const choices = await choicesOf(saved);
  for (const [key, id] of Object.entries(snapshots)) {
    const choice = choices.find((one) => one.id === id && one.volume.key === key);
    if (choice === undefined)
      throw new Refusal({
        what: `Snapshot ${id} of ${key}, taken before the upgrade, is no longer in the repository`,
        fix: `npm run restore -- --stack ${stack} --service ${saved.service.id}   lists what there is`,
      });
    const want: Want = { saved, agent, choice, path: choice.path, exact: true };
    const words = ["restore", choice.id, "--to", "/", "--path", choice.path, "--exact"];
    const code = await handOver(
      "docker",
      besideWords(saved, agent, { name: choice.volume.name, at: choice.path }, words),
    );
    const left = code === 0 ? await previewInPlace(want) : undefined;
    if (left === undefined || changesSomething(left))
      throw new Refusal({
        what: `${key} is not what it was before the upgrade`,
        fix: `npm run restore -- --stack ${stack} --service ${saved.service.id} --snapshot ${id} --in-place --exact`,
      });
    say.good(`${key} is as it was before (snapshot ${id})`);
  }
}

/** What a restore of each volume would bring back, by size and date alone: what has become of its files since it was kept. */
export async function sinceKept(
  saved: Saved,
  stack: string,
  snapshots: Readonly<Record<string, string>>,
): Promise<{ key: string; base: string; back: Preview }[]> {
  const agent = await inspectAgent(saved, stack);
  const choices = (await choicesOf(saved)).filter(({ id, volume }) => snapshots[volume.key] === id);
  const found: { key: string; base: string; back: Preview }[] = [];
  for (const choice of choices) {
    const want: Want = { saved, agent, choice, path: choice.path, exact: false, ifChanged: true };
    found.push({ key: choice.volume.key, base: choice.path, back: await previewInPlace(want) });
  }
  return found;
}

/** Stops or starts a service's container. */
export async function container(saved: { engine: string; container: string }, verb: "stop" | "start"): Promise<void> {
  const { code, stderr } = await run("docker", ["--host", saved.engine, verb, saved.container]);
  if (code !== 0 && !/no such container/i.test(stderr))
    throw new Refusal({ what: `docker ${verb} ${saved.container} failed: ${stderr.trim()}`, fix: "npm run up" });
}
