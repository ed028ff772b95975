import { loadVocabulary } from "../association/index.ts";
import { type Command, stackFlags } from "./command.ts";
import { confirm } from "./confirm.ts";
import { readInventory, readSettings } from "./declared.ts";
import { askAgent, dockerWords, inspectAgent } from "./recovery/agent.ts";
import { restoreBeside } from "./recovery/beside.ts";
import { type Choice, chooseSnapshot, placeInside, type Snapshot, snapshotsOf } from "./recovery/choose.ts";
import { previewInPlace, restoreInPlace, type Want } from "./recovery/in-place.ts";
import { type Item, pathsOf, readItem, snapshotAt } from "./recovery/items.ts";
import { listing, snapshotTable } from "./recovery/listing.ts";
import { changesSomething, describePreview } from "./recovery/preview.ts";
import { type Saved, savedService } from "./recovery/subject.ts";
import { Refusal } from "./refusal.ts";
import { run } from "./run.ts";
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
    const item = asked.item === undefined ? undefined : readItem(asked.item, saved, await kindOf(saved));
    const agent = await inspectAgent(saved, stack);
    const all = snapshotsOf(saved, await list(saved));
    const choices = item === undefined ? all : all.filter(({ volume }) => volume.key === item.spec.volume);
    if (asked.snapshot === undefined && asked.at === undefined) return void showSnapshots(saved, choices);
    const choice = await chosen(asked, saved, choices, inventory.association.timeZone);
    if (item !== undefined)
      return restoreItem(item, { saved, agent, choice, path: "", exact: asked.exact }, asked, stack);
    if (asked.browse !== undefined) return browse(saved, choice, placeInside(asked.browse, choice));
    const path = placeInside(asked.file ?? ".", choice);
    // What is not there can be wanted in one case alone: in place, exactly as it was.
    const there = await exists(saved, choice, path);
    if (!there && !(asked.inPlace && asked.exact)) throw missing(choice, path, saved);
    if (asked.to !== undefined) {
      const count = await restoreBeside(saved, choice, path, asked.to);
      return say.good(`${count} files and folders of ${shown(choice, path)} are in ${asked.to}`);
    }
    const want = { saved, agent, choice, path, exact: asked.exact };
    say.step(`${saved.service.id}: ${shown(choice, path)}, as it was on ${choice.time}`);
    const preview = await previewInPlace(want);
    for (const line of describePreview(preview, choice.path)) say.line(`  ${line}`);
    if (!changesSomething(preview)) return say.good("It is as it was then: nothing to do");
    await confirm(saved.service.id, asked.yes);
    const undo = await restoreInPlace(want, asked.file === undefined);
    say.good(`${shown(choice, path)} is back`);
    const file = asked.file === undefined ? "" : ` --file ${quoted(asked.file)}`;
    say.line(
      `To undo: npm run restore -- --stack ${stack} --service ${saved.service.id} --snapshot ${undo}${file} --in-place --exact`,
    );
  },
};

/** The snapshot that was asked for, by its id or by a time. */
async function chosen(asked: Asked, saved: Saved, choices: readonly Choice[], timeZone: string): Promise<Choice> {
  if (asked.at === undefined) return chooseSnapshot(asked.snapshot!, saved, choices);
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

/** Brings back all that belongs to an item, beside or in place. */
async function restoreItem(item: Item, want: Want, asked: Asked, stack: string): Promise<void> {
  const { saved, choice } = want;
  const names = async (folder: string): Promise<readonly string[] | undefined> => {
    const { code, stdout, stderr } = await askAgent(saved, "ls", choice.id, "--path", folder);
    if (code === 0) return (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
    if (nothingThere(stderr)) return undefined;
    throw unreadable(choice, stderr);
  };
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
    let count = 0;
    for (const [index, one] of then.entries()) count += await restoreBeside(saved, choice, one, asked.to, index > 0);
    return say.good(`${count} files and folders of ${item.words} are in ${asked.to}`);
  }
  const whole: Want = { ...want, path, also };
  say.step(`${saved.service.id}: ${item.words}, as it was on ${choice.time}`);
  const preview = await previewInPlace(whole);
  for (const line of describePreview(preview, choice.path)) say.line(`  ${line}`);
  if (!changesSomething(preview)) return say.good("It is as it was then: nothing to do");
  await confirm(saved.service.id, asked.yes);
  const undo = await restoreInPlace(whole, item.spec.stops === true);
  say.good(`${item.words} is back`);
  say.line(
    `To undo: npm run restore -- --stack ${stack} --service ${saved.service.id} --snapshot ${undo} --item ${quoted(asked.item!)} --in-place --exact`,
  );
}

/** What is in a folder of the volume as it is now: the agent sees it where its job says, whatever the snapshot calls it. */
async function liveNames(saved: Saved, choice: Choice, folder: string): Promise<readonly string[] | undefined> {
  const at = `/data/${choice.volume.name}${folder.slice(choice.path.length)}`;
  const { code, stdout } = await run("docker", dockerWords(saved, "exec", saved.agent, "ls", "-1A", "--", at));
  return code === 0 ? stdout.split("\n").filter(Boolean) : undefined;
}

interface Asked {
  service: string;
  at?: string;
  item?: string;
  snapshot?: string;
  browse?: string;
  file?: string;
  to?: string;
  inPlace: boolean;
  exact: boolean;
  yes: boolean;
}

/** The flags as one wish; everything that does not go together is refused at once. Pure. */
export function readAsked(flags: Readonly<Record<string, string | boolean | undefined>>): Asked {
  const text = (name: string): string | undefined => (typeof flags[name] === "string" ? flags[name] : undefined);
  const asked = {
    service: text("service") ?? "",
    snapshot: text("snapshot"),
    at: text("at"),
    item: text("item"),
    browse: text("browse"),
    file: text("file"),
    to: text("to"),
    inPlace: flags["in-place"] === true,
    exact: flags.exact === true,
    yes: flags.yes === true,
  };
  const wishes = [
    asked.browse !== undefined && "--browse",
    asked.to !== undefined && "--to",
    asked.inPlace && "--in-place",
  ];
  const chosen = wishes.filter((wish) => wish !== false);
  const wrong: string[] = [];
  if (asked.service === "") wrong.push("--service is missing: whose data is it?");
  if (chosen.length > 1) wrong.push(`${chosen.join(" and ")} do not go together`);
  if (asked.at !== undefined && asked.snapshot !== undefined) wrong.push("--at and --snapshot do not go together");
  if (asked.item !== undefined && (asked.file !== undefined || asked.browse !== undefined))
    wrong.push("--item says what is wanted, without --file or --browse");
  if (asked.snapshot === undefined && asked.at === undefined) {
    const needing = [...chosen, asked.file !== undefined && "--file"].filter((flag) => typeof flag === "string");
    if (needing.length > 0) wrong.push(`${needing.join(" and ")} needs --snapshot ID or --at TIME`);
  } else if (chosen.length === 0)
    wrong.push("say what to do with the snapshot: --browse PATH, --to FOLDER or --in-place");
  if (asked.browse !== undefined && asked.file !== undefined)
    wrong.push("--browse takes its path itself, without --file");
  for (const flag of ["exact", "yes"] as const)
    if (asked[flag] && !asked.inPlace) wrong.push(`--${flag} goes with --in-place`);
  if (wrong.length > 0)
    throw new Refusal({
      what: `\`restore\`: ${wrong.join("; ")}`,
      fix: "npm run restore -- --help shows what it takes",
    });
  return asked as Asked;
}

async function list(saved: Saved): Promise<Snapshot[]> {
  const { code, stdout, stderr } = await askAgent(saved, "list", "--json");
  if (code === 0) return JSON.parse(stdout) as Snapshot[];
  throw new Refusal({
    what: `The snapshots cannot be listed: ${stderr.trim()}`,
    fix: `docker logs ${saved.agent}   tells more`,
  });
}

function showSnapshots(saved: Saved, choices: readonly Choice[]): void {
  if (choices.length === 0) {
    say.warn(`${saved.service.id} has no snapshot yet: npm run backup -- --service ${saved.service.id}   takes one`);
    return;
  }
  say.result(snapshotTable(choices));
}

async function browse(saved: Saved, choice: Choice, path: string): Promise<void> {
  const { code, stdout, stderr } = await askAgent(saved, "ls", choice.id, "--path", path);
  if (code !== 0) throw nothingThere(stderr) ? missing(choice, path, saved) : unreadable(choice, stderr);
  say.result(listing(JSON.parse(stdout)));
}

async function exists(saved: Saved, choice: Choice, path: string): Promise<boolean> {
  const { code, stderr } = await askAgent(saved, "ls", choice.id, "--path", path);
  if (code === 0) return true;
  if (nothingThere(stderr)) return false;
  throw unreadable(choice, stderr);
}

const nothingThere = (stderr: string): boolean => stderr.includes("nothing in that snapshot is named");

const unreadable = ({ id }: Choice, stderr: string): Refusal =>
  new Refusal({
    what: `Snapshot ${id} cannot be read: ${stderr.trim()}`,
    fix: "Try another one",
  });

const missing = (choice: Choice, path: string, { service }: Saved): Refusal =>
  new Refusal({
    what: `Snapshot ${choice.id} has no ${shown(choice, path)}: nothing was touched`,
    fix: `npm run restore -- --service ${service.id} --snapshot ${choice.id} --browse .   shows what it has`,
  });

/** A path as people typed it: inside the volume. */
const shown = ({ path: base, volume }: Choice, path: string): string =>
  path === base ? `volume ${volume.key}` : path.slice(base.length + 1);

const quoted = (word: string): string => (/^[\w./@:-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

export default command;
