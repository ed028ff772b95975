import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ensureBaseImages } from "./base-images.ts";
import type { Command } from "./command.ts";
import { readInventory, readSettings } from "./declared.ts";
import { findLost, forgetLost } from "./drift.ts";
import { findCanaries } from "./drill/canaries.ts";
import { holdDrill } from "./drill/hold.ts";
import { awaitChecks, bringDataBack } from "./drill/rebuild.ts";
import { buildRestic } from "./drill/repository.ts";
import { findState, forgetState, keepState, readState } from "./drill/state.ts";
import { announce } from "./drill/steps.ts";
import { placeOfCopy } from "./drill/subject.ts";
import { writeReport } from "./drill/write-report.ts";
import { defaultEndpoint } from "./engine.ts";
import { operate, takeUp } from "./operate.ts";
import { farEngines, preflight } from "./preflight.ts";
import { readCanaries } from "./prove/known.ts";
import { refuseKeptData, removeNetworks } from "./rebuild/empty.ts";
import { takeOver } from "./rebuild/take-over.ts";
import { type Escrow, unseal } from "./recovery/escrow.ts";
import { keepEscrow } from "./recovery/keep-escrow.ts";
import { savedServices } from "./recovery/subject.ts";
import { Refusal } from "./refusal.ts";
import { say } from "./say.ts";
import { openStack } from "./stack.ts";

const command: Command = {
  flags: {
    repository: {
      type: "string",
      value: "FOLDER",
      help: "a copy of the backup repository's volume, with its escrow.age",
    },
    key: { type: "string", value: "KEYFILE", help: "one holder's recovery key" },
  },
  notes: [
    "After a real loss: brings the lost stack itself back, on this machine's engine, under its own name, with its own ports,",
    "passwords and settings. Where its data is still on the engine, nothing is touched. Interrupted, it goes on.",
    "To practise it beside what is in use: npm run drill.",
  ].join("\n"),
  async run({ flags }) {
    const { folder, key } = readFlags(flags);
    say.step(announce("open"));
    const escrow = await unseal(readFileSync(join(folder, "escrow.age"), "utf8"), readFileSync(key, "utf8"));
    const release = holdDrill(`rebuild-${escrow.stack}`);
    try {
      return await rebuild(folder, escrow);
    } finally {
      release();
    }
  },
};

async function rebuild(folder: string, escrow: Escrow): Promise<number> {
  const { stack } = escrow;
  const work = `rebuild-${stack}`;
  const engine = defaultEndpoint();
  const begun = findState(work, engine) !== undefined;
  const state = readState(work, engine);
  const lifted = takeOver(escrow);
  const inventory = await readInventory(stack, readSettings(stack));
  const far = farEngines(inventory, engine);
  if (far.length > 0)
    throw new Refusal({
      what: `Services run on other engines too: ${far.join(", ")}. Nothing was touched`,
      fix: "Declare this machine as their host for now (delivery.host), then move them back",
    });
  const place = placeOfCopy(inventory);
  if (!existsSync(join(folder, place.path, "config")))
    throw new Refusal({
      what: `${folder} holds no repository: there is no ${place.path}/config in it`,
      fix: "Name the folder that holds escrow.age and the repository beside it",
    });
  const problems = await preflight(inventory);
  if (problems.length > 0) throw new Refusal(problems);
  if (!begun) await refuseKeptData(engine, inventory);
  const open = await openStack(stack, true);
  if (!begun) {
    await removeNetworks(engine, inventory);
    await takeUp(open);
    await forgetLost(open, await findLost(open));
  }
  keepState(work, state);
  say.step(`Rebuilding ${inventory.association.name} on ${engine}, as ${stack}`);
  for (const image of lifted) say.warn(`${image} was held and is lost: what this checkout has takes its place`);
  await ensureBaseImages(engine);
  await buildRestic(engine);
  const copy = { engine, ...place, rootSecret: escrow.rootSecret };
  await bringDataBack(folder, copy, savedServices(inventory), work, state);
  say.step(announce("start"));
  await operate(open, (handles) => open.stack.up(handles));
  const back = await awaitChecks(engine, inventory, state);
  const canaries = await findCanaries(engine, Object.values(inventory.services), readCanaries(folder), state.volumes);
  const services = back.map((one) => {
    const canary = canaries.get(one.service);
    return canary === undefined ? one : { ...one, canary };
  });
  say.step(announce("report"));
  const passed = await writeReport("rebuilds", inventory.association.name, stack, state, services, escrow, undefined);
  await keepEscrow(open);
  forgetState(work);
  if (!passed)
    say.line(
      "The data is back and the services run: the runbook of each check that fails helps on. Names may have to point here first",
    );
  return passed ? 0 : 1;
}

/** Everything that is missing or wrong, at once. */
function readFlags({ repository, key }: Readonly<Record<string, string | boolean | undefined>>) {
  const problems: { what: string; fix: string }[] = [];
  const given = typeof repository === "string" ? repository : undefined;
  // `docker cp` into a folder that is there already puts the copy inside it.
  const folder = given && [given, join(given, "restic")].find((path) => existsSync(join(path, "escrow.age")));
  if (given === undefined)
    problems.push({
      what: "--repository is missing",
      fix: "--repository FOLDER   (the copy of the backup repository)",
    });
  else if (folder === undefined)
    problems.push({ what: `There is no escrow in the copy: ${given}/escrow.age`, fix: "Name the folder that has it" });
  if (typeof key !== "string") problems.push({ what: "--key is missing", fix: "--key KEYFILE   (one holder's)" });
  else if (!existsSync(key)) problems.push({ what: `There is no key file: ${key}`, fix: "Name the one that is there" });
  if (problems.length > 0) throw new Refusal(problems);
  return { folder: folder!, key: String(key) };
}

export default command;
