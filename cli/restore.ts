import { loadVocabulary } from "../association/index.ts";
import { type Command, stackFlags } from "./command.ts";
import { readInventory, readSettings } from "./declared.ts";
import { inspectAgent } from "./recovery/agent.ts";
import { type Asked, readAsked } from "./recovery/asked.ts";
import { restoreBeside } from "./recovery/beside.ts";
import { type Choice, chooseSnapshot, placeInside, snapshotsOf } from "./recovery/choose.ts";
import { describeItems, readItem, snapshotAt } from "./recovery/items.ts";
import { browse, entriesAt, list, missing, shown, showSnapshots } from "./recovery/look.ts";
import { putBack } from "./recovery/put-back.ts";
import { restoreItem } from "./recovery/restore-item.ts";
import { describeRestoring, unfinishedRestores } from "./recovery/restoring.ts";
import { type Saved, savedService } from "./recovery/subject.ts";
import { Refusal } from "./refusal.ts";
import { say } from "./say.ts";
import { stackName } from "./stack.ts";

const command: Command = {
  flags: {
    stack: stackFlags.stack,
    service: { type: "string", value: "NAME", help: "the service whose data it is" },
    snapshot: { type: "string", value: "ID", help: "a snapshot by its id, or latest; without it they are listed" },
    at: { type: "string", value: "TIME", help: 'instead: the last snapshot from then or before, "2026-11-24 10:00"' },
    item: {
      type: "string",
      value: "WORD:NAME",
      help: "something people know by name: page:technique:plan, share:bureau",
    },
    browse: { type: "string", value: "PATH", help: "shows what is in a folder of the snapshot; . is the top" },
    file: { type: "string", value: "PATH", help: "the file or folder wanted; the whole volume when left out" },
    to: { type: "string", value: "FOLDER", help: "puts it into a folder of this machine, beside what is in use" },
    "in-place": { type: "boolean", help: "puts it back where the service reads it, after a preview and your word" },
    exact: { type: "boolean", help: "in place: also removes what was not there then" },
    yes: { type: "boolean", help: "in place: goes on without asking" },
  },
  notes: [
    "  npm run restore -- --service wiki                                        the snapshots there are",
    "  npm run restore -- --service wiki --snapshot ID --browse data/pages      what is in one",
    "  npm run restore -- --service wiki --snapshot ID --file data/pages/a.txt --to ./found",
    "  npm run restore -- --service wiki --snapshot ID --file data/pages/a.txt --in-place",
    '  npm run restore -- --service wiki --at "2026-11-24 10:00" --item page:technique:plan --in-place',
    "",
    "--service NAME --item ? lists what a service has by name.",
    "",
    "In place, what was there is kept in a snapshot of its own first: the last line tells how to undo.",
  ].join("\n"),
  async run({ flags }) {
    const stack = stackName(flags.stack);
    const asked = readAsked(flags);
    const inventory = await readInventory(stack, readSettings(stack));
    const saved = savedService(asked.service, inventory);
    if (asked.item === "?") {
      const lines = describeItems((await kindOf(saved))?.items ?? {});
      return say.result(
        lines.join("\n") || `Nothing of ${saved.service.id} is known by name: --file PATH brings a file back`,
      );
    }
    const item = asked.item === undefined ? undefined : readItem(asked.item, saved, await kindOf(saved), asked.exact);
    const agent = await inspectAgent(saved, stack);
    const all = snapshotsOf(saved, await list(saved));
    const choices = item === undefined ? all : all.filter(({ volume }) => volume.key === item.spec.volume);
    if (asked.snapshot === undefined && asked.at === undefined) return void listAll(saved, choices, stack);
    const choice = await chosen(asked, saved, choices, inventory.association.timeZone, item?.spec.volume);
    if (item !== undefined)
      return restoreItem(item, { saved, agent, choice, path: "", exact: asked.exact }, asked, stack);
    if (asked.browse !== undefined) return browse(saved, choice, placeInside(asked.browse, choice));
    const path = placeInside(asked.file ?? ".", choice);
    // What is not there can be wanted in one case alone: in place, exactly as it was.
    const there = await entriesAt(saved, choice, path);
    if (there === undefined && !(asked.inPlace && asked.exact)) throw missing(choice, path, saved);
    if (asked.to !== undefined) {
      const count = await restoreBeside(saved, choice, [path], asked.to);
      return say.good(`${count} files and folders of ${shown(choice, path)} are in ${asked.to}`);
    }
    const want = { saved, agent, choice, path, exact: asked.exact };
    await putBack(want, asked, { stack, what: shown(choice, path), whole: asked.file === undefined });
  },
};

function listAll(saved: Saved, choices: readonly Choice[], stack: string): void {
  showSnapshots(saved, choices);
  for (const one of unfinishedRestores(stack, saved.service.id)) {
    const [first = "", ...more] = describeRestoring(one);
    say.warn(first);
    for (const line of more) say.line(line);
  }
}

/** The snapshot that was asked for, by its id or by a time. */
async function chosen(
  asked: Asked,
  saved: Saved,
  choices: readonly Choice[],
  timeZone: string,
  volume?: string,
): Promise<Choice> {
  if (asked.at === undefined)
    return chooseSnapshot(asked.snapshot!, saved, choices, volume === undefined ? undefined : [volume]);
  const volumes = new Set(choices.map(({ volume }) => volume.key));
  if (volumes.size > 1)
    throw new Refusal({
      what: `${saved.service.id} has ${volumes.size} volumes (${[...volumes].join(", ")}), and each its snapshots`,
      fix: "Name one by its id, or what you want by --item",
    });
  return snapshotAt(asked.at, choices, timeZone, saved);
}

const kindOf = async ({ service }: Saved) =>
  service.delivery.by === "us" ? (await loadVocabulary()).kinds[service.delivery.kind] : undefined;

export default command;
