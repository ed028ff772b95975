import { createInterface } from "node:readline/promises";
import { type Command, stackFlags } from "./command.ts";
import { readInventory, readSettings } from "./declared.ts";
import { askAgent, inspectAgent } from "./recovery/agent.ts";
import { restoreBeside } from "./recovery/beside.ts";
import { type Choice, chooseSnapshot, placeInside, type Snapshot, snapshotsOf } from "./recovery/choose.ts";
import { previewInPlace, restoreInPlace } from "./recovery/in-place.ts";
import { listing, snapshotTable } from "./recovery/listing.ts";
import { changesSomething, describePreview } from "./recovery/preview.ts";
import { type Saved, savedService } from "./recovery/subject.ts";
import { Refusal } from "./refusal.ts";
import { say } from "./say.ts";
import { stackName } from "./stack.ts";

const command: Command = {
  flags: {
    stack: stackFlags.stack,
    service: { type: "string", value: "NAME", help: "the service whose data it is" },
    snapshot: { type: "string", value: "ID", help: "a snapshot by its id, or latest; without it they are listed" },
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
    "",
    "In place, what was there is kept in a snapshot of its own first: the last line tells how to undo.",
  ].join("\n"),
  async run({ flags }) {
    const stack = stackName(flags.stack);
    const asked = readAsked(flags);
    const saved = savedService(asked.service, await readInventory(stack, readSettings(stack)));
    const agent = await inspectAgent(saved, stack);
    const choices = snapshotsOf(saved, await list(saved));
    if (asked.snapshot === undefined) return void showSnapshots(saved, choices);
    const choice = chooseSnapshot(asked.snapshot, saved, choices);
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

interface Asked {
  service: string;
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
  if (asked.snapshot === undefined) {
    const needing = [...chosen, asked.file !== undefined && "--file"].filter((flag) => typeof flag === "string");
    if (needing.length > 0) wrong.push(`${needing.join(" and ")} needs --snapshot ID`);
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

/** Over live data only with the service's name typed, or `--yes`. */
async function confirm(service: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY)
    throw new Refusal({
      what: "Nobody is here to confirm: nothing was touched",
      fix: "Add --yes if this is what you want",
    });
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(`Type ${service} to go on: `);
  prompt.close();
  if (answer.trim() !== service)
    throw new Refusal({ what: "That is not its name: nothing was touched", fix: `Type ${service} to confirm` });
}

export default command;
