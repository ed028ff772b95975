import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readDeclared, readInventory, readSettings } from "../declared.ts";
import { ROOT } from "../places.ts";
import { unseal } from "../recovery/escrow.ts";
import { Refusal } from "../refusal.ts";
import { run } from "../run.ts";
import { say } from "../say.ts";
import { openStack } from "../stack.ts";
import { enabling } from "../timer.ts";
import { cloneAddress } from "./copies.ts";
import { liveStack } from "./flags.ts";
import { paper } from "./paper.ts";
import { isGenuine, readSigned } from "./report.ts";
import { onCalendar, units } from "./timer.ts";

/** The paper version, into a file for its reader alone. */
export async function writePaper(file: string, stack: string): Promise<number> {
  const { inventory, people } = await readDeclared(stack, readSettings(stack));
  const { code, stdout } = await run("git", ["-C", ROOT, "remote", "get-url", "origin"]);
  const project = code === 0 ? cloneAddress(stdout) : undefined;
  writeFileSync(file, paper(inventory, people, new Date(), project), { mode: 0o600 });
  say.good(`${file} is to be printed, and kept with the keys: it holds names and telephone numbers`);
  return 0;
}

/** What has a machine run the drill by itself. */
export async function writeTimer(flags: Readonly<Record<string, string | boolean | undefined>>): Promise<number> {
  const live = liveStack(flags.live) ?? "demo";
  const { association } = await readInventory(live, readSettings(live));
  if (association.drill === undefined)
    throw new Refusal({
      what: "The declaration does not say when drills are due",
      fix: 'association: { …, drill: { schedule: "0 4 1 * *", maxAge: "45d" } }',
    });
  const calendar = onCalendar(association.drill.schedule, association.timeZone);
  if (calendar === undefined)
    throw new Refusal({ what: "Its schedule is a pace, and a timer needs times", fix: 'schedule: "0 4 1 * *"' });
  const text = (name: string, otherwise: string): string =>
    typeof flags[name] === "string" ? String(flags[name]) : otherwise;
  const made = units(calendar, {
    checkout: ROOT,
    live,
    engine: text("engine", "unix:///run/vigie-drill.sock"),
    key: resolve(text("key", "/etc/vigie-drill.key")),
  });
  for (const { path, content } of made) say.result(`# ${path}\n${content}`);
  say.line(enabling("drill"));
  return 0;
}

/** Tells whether a report is what somebody with the root secret signed. */
export async function verifyReport(
  file: string,
  flags: Readonly<Record<string, string | boolean | undefined>>,
): Promise<number> {
  if (!existsSync(file))
    throw new Refusal({ what: `There is no ${file}`, fix: "Name the JSON of a report, in .vigie/drills" });
  const signed = readSigned(readFileSync(file, "utf8"));
  if (signed === undefined)
    throw new Refusal({ what: `${file} is no report of a drill`, fix: "Name the JSON of a report, in .vigie/drills" });
  const { key, repository } = flags;
  const live = liveStack(flags.live);
  let root: string;
  if (typeof key === "string" && typeof repository === "string") {
    for (const path of [key, join(repository, "escrow.age")])
      if (!existsSync(path)) throw new Refusal({ what: `There is no ${path}`, fix: "Name the one that is there" });
    root = (await unseal(readFileSync(join(repository, "escrow.age"), "utf8"), readFileSync(key, "utf8"))).rootSecret;
  } else root = (await (await openStack(live ?? "demo", false)).stack.getConfig("vigie:rootSecret")).value;
  if (!isGenuine(signed, root))
    throw new Refusal({
      what: `${file} was not signed by the association's root secret, or was changed since`,
      fix: "Trust nothing that it says",
    });
  const { started, passed, rtoSeconds } = signed.report;
  say.good(
    `Genuine: the drill of ${started.slice(0, 16)}Z ${passed ? `brought everything back in ${rtoSeconds} s` : "failed"}`,
  );
  return 0;
}
