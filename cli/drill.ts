import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureBaseImages } from "./base-images.ts";
import type { Command } from "./command.ts";
import { readInventory, readSettings } from "./declared.ts";
import { findCanaries } from "./drill/canaries.ts";
import { liveStack, readFlags, refuseUsedEngine } from "./drill/flags.ts";
import { holdDrill } from "./drill/hold.ts";
import { copyLive } from "./drill/live.ts";
import { holdMailBack } from "./drill/mail.ts";
import { pastDrills } from "./drill/past.ts";
import { awaitChecks, bringDataBack } from "./drill/rebuild.ts";
import type { Report } from "./drill/report.ts";
import { buildRestic, type Copy } from "./drill/repository.ts";
import { keepState, readState } from "./drill/state.ts";
import { announce } from "./drill/steps.ts";
import { cleanUp, configure, declarationOf, placeOfCopy } from "./drill/subject.ts";
import { writeReport } from "./drill/write-report.ts";
import { verifyReport, writePaper, writeTimer } from "./drill/written.ts";
import { operate } from "./operate.ts";
import { farEngines } from "./preflight.ts";
import { readCanaries } from "./prove/known.ts";
import { publish } from "./publish.ts";
import { unseal } from "./recovery/escrow.ts";
import { savedServices } from "./recovery/subject.ts";
import { Refusal } from "./refusal.ts";
import { say } from "./say.ts";
import { type OpenStack, openStack } from "./stack.ts";

const command: Command = {
  flags: {
    engine: { type: "string", value: "URL", help: "the empty engine to rebuild on, unix://…; never the one in use" },
    repository: {
      type: "string",
      value: "FOLDER",
      help: "a copy of the backup repository's volume, with its escrow.age",
    },
    live: {
      type: "string",
      value: "STACK",
      help: "instead: takes the copy from this running stack, and reports to its lookout",
    },
    key: { type: "string", value: "KEYFILE", help: "one holder's recovery key" },
    stack: { type: "string", value: "NAME", default: "drill-a", help: "name of the rebuilt copy; begins with drill-" },
    "port-offset": { type: "string", value: "NUMBER", default: "40000", help: "added to every port it opens" },
    keep: { type: "boolean", help: "leaves the rebuilt copy running" },
    scheduled: {
      type: "boolean",
      help: "nobody watches: one that fails is cleaned up and reported like one that passes",
    },
    timer: { type: "boolean", help: "writes the systemd units that run it as declared, for the flags beside it" },
    verify: {
      type: "string",
      value: "REPORT",
      help: "tells whether a report is genuine, from the stack of --live or from --key and --repository",
    },
    paper: {
      type: "string",
      value: "FILE",
      help: "writes the version to print, in French and English; --live names the stack",
    },
  },
  notes:
    "Rebuilds everything from this checkout, the copy and the key, measures it, and removes it. Interrupted, it goes on.",
  async run({ flags }) {
    if (flags.paper !== undefined) return writePaper(String(flags.paper), liveStack(flags.live) ?? "demo");
    if (flags.timer === true) return writeTimer(flags);
    if (flags.verify !== undefined) return verifyReport(String(flags.verify), flags);
    const live = liveStack(flags.live);
    const production = live === undefined ? undefined : await readInventory(live, readSettings(live));
    const wanted = readFlags(flags);
    const away = process.env.DOCKER_HOST;
    const release = holdDrill(wanted.stack);
    const copied = production && (await copyLive(production, wanted.stack));
    try {
      return await drill({ ...wanted, folder: copied ?? wanted.folder }, flags.keep === true, flags.scheduled === true);
    } finally {
      if (copied) rmSync(copied, { recursive: true, force: true });
      if (away === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = away;
      const problem = production && (await publish(production, "drills", { version: 1, drills: pastDrills() }));
      if (problem) say.warn(`The lookout does not show this drill: ${problem}`);
      release();
    }
  },
};

type Wanted = ReturnType<typeof readFlags>;

/** The drill itself, from a copy of the repository and a key. */
async function drill(
  { engine, folder, key, stack, portOffset }: Wanted,
  keep: boolean,
  scheduled: boolean,
): Promise<number> {
  say.step(announce("open"));
  if (!existsSync(join(folder, "escrow.age")))
    throw new Refusal({
      what: `There is no escrow in the copy: ${folder}/escrow.age`,
      fix: "npm run escrow   seals it",
    });
  const escrow = await unseal(readFileSync(join(folder, "escrow.age"), "utf8"), readFileSync(key, "utf8"));
  await refuseUsedEngine(engine, stack);
  // From here on "this machine's engine" is the drill's, for whatever is built or deployed.
  process.env.DOCKER_HOST = engine;
  const declaration = declarationOf(escrow);
  const inventory = await readInventory(stack, { declaration, portOffset });
  const far = farEngines(inventory, engine);
  if (far.length > 0)
    throw new Refusal({
      what: `Services run on other engines too: ${far.join(", ")}`,
      fix: "A drill rebuilds one engine, and would touch those",
    });
  const state = readState(stack, engine);
  keepState(stack, state);
  say.step(`Rebuilding ${inventory.association.name} on ${engine}, as ${stack}`);
  let open: OpenStack | undefined;
  let services: Report["services"] = [];
  let problem: string | undefined;
  try {
    await holdMailBack(engine);
    await ensureBaseImages(engine);
    await buildRestic(engine);
    const copy: Copy = { engine, ...placeOfCopy(inventory), rootSecret: escrow.rootSecret };
    await bringDataBack(folder, copy, savedServices(inventory), stack, state);
    open = await openStack(stack, true);
    const opened = open;
    await configure(open, escrow, declaration, portOffset);
    say.step(announce("start"));
    await operate(open, (handles) => opened.stack.up(handles));
    services = await awaitChecks(engine, inventory, state);
    const canaries = await findCanaries(engine, Object.values(inventory.services), readCanaries(folder), state.volumes);
    services = services.map((one) => {
      const canary = canaries.get(one.service);
      return canary === undefined ? one : { ...one, canary };
    });
  } catch (error) {
    // By hand, the same command goes on from there; with nobody to type it, a failure is a result.
    if (!scheduled || !(error instanceof Refusal)) throw error;
    problem = error.problems.map(({ what }) => what).join("; ");
    say.bad(error.message);
  }
  say.step(announce("report"));
  const passed = await writeReport("drills", inventory.association.name, stack, state, services, escrow, problem);
  if (keep) say.line(`Kept: npm run drill -- --stack ${stack} … without --keep removes it`);
  else await cleanUp(open ?? (await openStack(stack, true)), inventory, engine);
  return passed ? 0 : 1;
}

export default command;
