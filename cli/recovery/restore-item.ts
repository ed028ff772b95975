import { Refusal } from "../refusal.ts";
import { type Ended, run } from "../run.ts";
import { say } from "../say.ts";
import { dockerWords } from "./agent.ts";
import type { Asked } from "./asked.ts";
import { restoreBeside } from "./beside.ts";
import type { Choice } from "./choose.ts";
import type { Want } from "./in-place.ts";
import { type Item, pathsOf } from "./items.ts";
import { entriesAt } from "./look.ts";
import { putBack } from "./put-back.ts";
import type { Saved } from "./subject.ts";

/** Brings back all that belongs to an item, beside or in place. */
export async function restoreItem(item: Item, want: Want, asked: Asked, stack: string): Promise<void> {
  const { saved, choice } = want;
  const names = async (folder: string): Promise<readonly string[] | undefined> =>
    (await entriesAt(saved, choice, folder))?.map(({ name }) => name);
  const then = await pathsOf(item, choice, names);
  // To make it what it was, what came since has to be known too.
  const now =
    asked.exact && asked.inPlace ? await pathsOf(item, choice, (folder) => liveNames(saved, choice, folder)) : [];
  const [path, ...also] = [...new Set([...then, ...now])].sort();
  if (path === undefined || (then.length === 0 && !asked.exact))
    throw new Refusal({
      what: `Snapshot ${choice.id} of ${choice.time} has no ${item.words}: nothing was touched`,
      fix: `npm run restore -- --service ${saved.service.id} --snapshot ${choice.id} --browse .   shows what it has`,
    });
  if (asked.to !== undefined) {
    const count = await restoreBeside(saved, choice, then, asked.to);
    return say.good(`${count} files and folders of ${item.words} are in ${asked.to}`);
  }
  const whole: Want = { ...want, path, also };
  // Where it cannot be written, because it is gone for instance, what is in the files has to do.
  if (item.programs) await inService(saved, item.programs.write);
  await putBack(whole, asked, {
    stack,
    what: item.words,
    whole: item.spec.stops === true,
    wasThere: then.length > 0,
    // Where it was not there then, there is nothing to take up: all that it had is gone.
    ...(item.programs && then.length > 0 ? { after: () => takeUp(saved, item, item.programs!.take) } : {}),
  });
}

async function takeUp(saved: Saved, item: Item, words: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await inService(saved, words);
  if (code !== 0)
    throw new Refusal({
      what: `The files of ${item.words} are back; ${saved.service.id} did not take them up: ${(stderr || stdout).trim()}`,
      fix: `Once it runs: docker exec ${saved.service.container} ${words.join(" ")}`,
    });
  for (const line of stdout.split("\n").filter(Boolean)) say.line(`  ${line}`);
}

const inService = (saved: Saved, words: readonly string[]): Promise<Ended> =>
  run("docker", dockerWords(saved, "exec", saved.service.container!, ...words));

/** What is in a folder of the volume as it is now: the agent sees it where its job says, whatever the snapshot calls it. */
async function liveNames(saved: Saved, choice: Choice, folder: string): Promise<readonly string[] | undefined> {
  const at = `/data/${choice.volume.name}${folder.slice(choice.path.length)}`;
  const { code, stdout } = await run("docker", dockerWords(saved, "exec", saved.agent, "ls", "-1A", "--", at));
  return code === 0 ? stdout.split("\n").filter(Boolean) : undefined;
}
